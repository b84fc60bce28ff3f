"""Writes conditions as Python: when they surely hold, and when they surely do not.

A number that is not known is nan, and every comparison with nan is false; any
other fact that is not known is None, which is equal to no word. So most tests
say by themselves "surely" and need no question whether the fact is known.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from segmentation.language.nodes import (
    And,
    Arithmetic,
    Call,
    Choices,
    Comparison,
    Literal,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Step,
    reads,
    walk,
)

_OPPOSITE = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
    "in": "not in",
    "not in": "in",
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
# Of a fact's variable: that a calculation with it may have failed.
ZERO = "not {}"
HUGE = "not -1e60 < {} < 1e60"
EXTREME = "not 1e-60 < abs({}) < 1e60"

_TINY = 1e-15
_FACTORS = 3
_NUMERIC = ("min", "max", "abs", "count")


def _ratio(a: Any, b: Any) -> Any:
    return math.nan if b == 0 else a / b


def _least(*numbers: Any) -> Any:
    return math.nan if any(n != n for n in numbers) else min(numbers)


def _most(*numbers: Any) -> Any:
    return math.nan if any(n != n for n in numbers) else max(numbers)


# What the written code may call; there is nothing else.
NAMESPACE: Mapping[str, Any] = {
    "nan": math.nan,
    "ratio": _ratio,
    "least": _least,
    "most": _most,
    "abs": abs,
    "len": len,
    "__builtins__": {},
}


def may_fail(node: Node) -> bool:
    """Tell whether a condition can be unknown although every fact is known.

    So it is by division by zero, or by what leaves the range of numbers, for
    which it takes two calculations.
    """
    parts = [part for part in walk(node) if isinstance(part, Arithmetic)]
    return len(parts) > 1 or any(
        part.op == "/" and not isinstance(part.right, Literal) for part in parts
    )


def failures(node: Node) -> frozenset[tuple[str, str]] | None:
    """Return what must be asked of which fact to know that no calculation failed.

    Each is a test, to be written of the fact's variable, and the fact. A single
    division fails only by zero. Of several calculations with three
    multiplications at most none leaves the range of numbers where facts are
    neither huge nor, as divisors, next to nothing. None is the answer for all
    that cannot be said so simply.
    """
    parts = [part for part in walk(node) if isinstance(part, Arithmetic)]
    factors = [part for part in parts if part.op in "*/"]
    under = [part.right for part in factors if part.op == "/"]
    divisors = {part.id for part in under if isinstance(part, Name)}
    if not all(isinstance(part, Name | Literal) for part in under):
        return None
    if len(parts) == 1:
        return frozenset((ZERO, name) for name in divisors)
    if len(factors) > _FACTORS or any(map(_is_tiny, walk(node))):
        return None
    read = {name for part in parts for name in reads(part)}
    return frozenset(
        [(EXTREME, name) for name in divisors]
        + [(HUGE, name) for name in read - divisors]
    )


def _is_tiny(node: Node) -> bool:
    number = node.value if isinstance(node, Literal) else None
    return isinstance(number, float) and 0 < abs(number) < _TINY


def guarded(node: Node, numbers: frozenset[str]) -> set[str]:
    """Return the facts that could be None unnoticed where the written code reads them.

    Not so are numbers that are only put in order or calculated with: None there
    is a TypeError.
    """
    loose: set[str] = set()
    for part in walk(node):
        if isinstance(part, Comparison):
            if not all(step.op in _TURNED for step in part.steps):
                loose.update(reads(part))
        elif isinstance(part, Call) and part.function == "known":
            loose.update(reads(part))
        elif isinstance(part, Name) and part.id not in numbers:
            loose.add(part.id)
    return loose


def _listed(items: Sequence[Any]) -> str:
    # Python keeps a set that is only looked into as a constant.
    if len(items) > 2:
        return f"{{{', '.join(repr(item) for item in items)}}}"
    return repr(tuple(items))


class Writer:
    """Writes the conditions of rules that share their facts' variables."""

    def __init__(self, variables: Mapping[str, str], numbers: frozenset[str]) -> None:
        self._variables = variables
        self._numbers = numbers

    def surely(self, node: Node, wanted: bool) -> str:
        """Write Python that is true if and only if the node surely is ``wanted``."""
        match node:
            case And(parts=parts) | Or(parts=parts):
                joint = " and " if isinstance(node, And) is wanted else " or "
                return f"({joint.join([self.surely(p, wanted) for p in parts])})"
            case Not(operand=operand):
                return self.surely(operand, not wanted)
            case Comparison():
                return self._chain(node, wanted)
            case Name(id=name):
                variable = self._variables[name]
                return variable if wanted else f"{variable} is False"
            case Literal(value=value):
                return repr(bool(value) is wanted)
            case Call(function="known", args=(Name(id=name),)):
                return self._known(name, wanted)
            case Call(args=(Name(id=name), Literal(value=prefix))):
                variable, no = self._variables[name], "" if wanted else "not "
                test = f"{no}{variable}.startswith({prefix!r})"
                return f"({variable} is not None and {test})"
            case _:
                raise AssertionError(node)

    def read(self, fact: Name) -> str:
        """Write the reading of a fact."""
        return self._variables[fact.id]

    def _known(self, name: str, wanted: bool) -> str:
        variable = self._variables[name]
        if name in self._numbers:
            return f"{variable} {'==' if wanted else '!='} {variable}"
        return f"{variable} is {'not ' if wanted else ''}None"

    def _chain(self, node: Comparison, wanted: bool) -> str:
        tests, left = [], node.left
        for step in node.steps:
            tests.append(self._pair(left, step, wanted))
            left = step.right
        if len(tests) == 1:
            return tests[0]
        return f"({(' and ' if wanted else ' or ').join(tests)})"

    def _pair(self, left: Node, step: Step, wanted: bool) -> str:
        op = step.op if wanted else _OPPOSITE[step.op]
        if step.ranks:
            return self._by_rank(left, step, op)
        if isinstance(step.right, Choices):
            return self._one_of(left, op, step.right)
        if "in" in op:
            return self._among(left, op, step.right)
        if self._is_number(left):
            return self._numbers_compared(left, op, step.right)
        return self._same(left, op, step.right)

    def _by_rank(self, left: Node, step: Step, op: str) -> str:
        """Write a comparison by rank as a look-up among the words that pass."""
        fact, limit = left, step.right
        if isinstance(left, Literal):
            fact, limit, op = step.right, left, _TURNED[op]
        assert isinstance(limit, Literal)
        rank = step.ranks.index(str(limit.value))
        passing = {
            "<": step.ranks[:rank],
            "<=": step.ranks[: rank + 1],
            ">": step.ranks[rank + 1 :],
            ">=": step.ranks[rank:],
        }[op]
        return f"{self._value(fact)} in {_listed(passing)}"

    def _one_of(self, left: Node, op: str, listed: Choices) -> str:
        items = [item.value for item in listed.items]
        value = self._value(left)
        if op == "in":
            return f"{value} in {_listed(items)}"
        if self._is_number(left):
            return f"({value} == {value} and {value} not in {_listed(items)})"
        return f"{value} not in {_listed([None, *items])}"

    def _among(self, left: Node, op: str, listed: Node) -> str:
        words, value = self._value(listed), self._value(left)
        guards = [f"{words} is not None"]
        if isinstance(left, Name):
            guards.append(f"{value} is not None")
        return f"({' and '.join(guards)} and {value} {op} {words})"

    def _numbers_compared(self, left: Node, op: str, right: Node) -> str:
        a, b = self._value(left), self._value(right)
        if op == "!=":
            return f"({a} < {b} or {a} > {b})"
        return f"{a} {op} {b}"

    def _same(self, left: Node, op: str, right: Node) -> str:
        if isinstance(left, Literal):
            left, right = right, left
        a = self._value(left)
        if isinstance(right, Literal):
            if op == "==":
                return f"{a} == {right.value!r}"
            return f"{a} not in {(None, right.value)!r}"
        b = self._value(right)
        return f"({a} is not None and {b} is not None and {a} {op} {b})"

    def _is_number(self, node: Node) -> bool:
        match node:
            case Literal(value=value):
                return not isinstance(value, bool | str)
            case Name(id=name):
                return name in self._numbers
            case Call(function=function):
                return function in _NUMERIC
            case _:
                return isinstance(node, Arithmetic | Negative)

    def _value(self, node: Node) -> str:
        match node:
            case Literal(value=value):
                return repr(value)
            case Name(id=name):
                return self._variables[name]
            case Negative(operand=operand):
                return f"(-{self._value(operand)})"
            case Arithmetic(op="/", left=left, right=Name(id=name)):
                under = self._variables[name]
                return f"({self._value(left)} / {under} if {under} else nan)"
            case Arithmetic(op="/", left=left, right=right) if not isinstance(
                right, Literal
            ):
                return f"ratio({self._value(left)}, {self._value(right)})"
            case Arithmetic(op=op, left=left, right=right):
                return f"({self._value(left)} {op} {self._value(right)})"
            case Call(function="count", args=(words,)):
                value = self._value(words)
                return f"(nan if {value} is None else len({value}))"
            case Call(function=function, args=args):
                called = {"min": "least", "max": "most"}.get(function, function)
                return f"{called}({', '.join([self._value(arg) for arg in args])})"
            case _:
                raise AssertionError(node)
