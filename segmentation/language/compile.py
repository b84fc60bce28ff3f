"""Turns checked rules into two Python functions: a fast one and a careful one.

Both answer for all rules of a version at once, one bit per rule. The fast one
is for orders whose facts are all known. The careful one says which rules are
surely true and which are unknown. What is compiled comes from our own tree,
never from the rule's text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from domain.segment import Fact
from segmentation.language.check import Rule
from segmentation.language.evaluate import holds
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

Facts = Mapping[str, Fact]
_Fast = Callable[[Facts], int]
_Careful = Callable[[Facts], tuple[int, int]]

_NAMESPACE = {
    "min": min,
    "max": max,
    "abs": abs,
    "len": len,
    "__builtins__": {},
}


@dataclass(frozen=True, slots=True)
class Fused:
    """Rules compiled together; bit n of a mask belongs to rule n.

    ``depends`` says which rules read a fact, so that a change of that fact
    touches only those.
    """

    rules: tuple[Rule, ...]
    depends: Mapping[str, int]
    _fast: _Fast
    _careful: _Careful

    def verdicts(self, facts: Facts) -> tuple[int, int]:
        """Return the mask of rules that hold and the mask of unknown ones."""
        try:
            mask = self._fast(facts)
        except (KeyError, ZeroDivisionError, OverflowError):
            mask = -1
        return (mask, 0) if mask >= 0 else self.careful(facts)

    def careful(self, facts: Facts) -> tuple[int, int]:
        """Return what ``verdicts`` does, always by three-valued logic."""
        try:
            return self._careful(facts)
        except OverflowError:
            return self._by_tree(facts)

    def _by_tree(self, facts: Facts) -> tuple[int, int]:
        true = unknown = 0
        for n, rule in enumerate(self.rules):
            verdict = holds(rule.tree, facts)
            true |= (verdict is True) << n
            unknown |= (verdict is None) << n
        return true, unknown


def fuse(rules: Sequence[Rule]) -> Fused:
    """Compile the rules into one function of each kind."""
    names = sorted({name for rule in rules for name in rule.reads})
    depends = dict.fromkeys(names, 0)
    for n, rule in enumerate(rules):
        for name in rule.reads:
            depends[name] |= 1 << n
    fast = _function(_fast_lines(rules, names))
    careful = _function(_careful_lines(rules, names))
    return Fused(tuple(rules), depends, fast, careful)


def _function(lines: list[str]) -> Callable[..., Any]:
    source = "\n".join(["def decide(F):", *(f"    {line}" for line in lines)])
    namespace = dict(_NAMESPACE)
    exec(compile(source, "<rules>", "exec"), namespace)
    return cast("Callable[..., Any]", namespace["decide"])


def _fast_lines(rules: Sequence[Rule], names: Sequence[str]) -> list[str]:
    lines = [f"f_{name} = F[{name!r}]" for name in names]
    if names:
        lines.append(f"if None in ({', '.join(f'f_{name}' for name in names)},):")
        lines.append("    return -1")
    lines.append("m = 0")
    for n, rule in enumerate(rules):
        lines.append(f"if {_plain(rule.tree)}: m |= {1 << n}")
    return [*lines, "return m"]


def _careful_lines(rules: Sequence[Rule], names: Sequence[str]) -> list[str]:
    lines = [f"f_{name} = F.get({name!r})" for name in names]
    lines.append("m = z = 0")
    for n, rule in enumerate(rules):
        lines.append(f"if {_surely(rule.tree, True)}: m |= {1 << n}")
        lines.append(f"elif {_surely(rule.tree, False)}: z |= {1 << n}")
    return [*lines, f"return m, {(1 << len(rules)) - 1} & ~(m | z)"]


def _plain(node: Node) -> str:
    """Write a node as Python, every fact being known."""
    match node:
        case Literal(value=value):
            return repr(value)
        case Name(id=name):
            return f"f_{name}"
        case Choices(items=items):
            return f"({', '.join(repr(item.value) for item in items)},)"
        case Call(function="known"):
            return "True"
        case Call(function="startswith", args=(fact, prefix)):
            return f"{_plain(fact)}.startswith({_plain(prefix)})"
        case Call(function=function, args=args):
            called = "len" if function == "count" else function
            return f"{called}({', '.join(_plain(arg) for arg in args)})"
        case Negative(operand=operand):
            return f"(-{_plain(operand)})"
        case Arithmetic(op=op, left=left, right=right):
            return f"({_plain(left)} {op} {_plain(right)})"
        case Comparison():
            return f"({' and '.join(_pairs(node))})"
        case Not(operand=operand):
            return f"(not {_plain(operand)})"
        case And(parts=parts):
            return f"({' and '.join(_plain(part) for part in parts)})"
        case Or(parts=parts):
            return f"({' or '.join(_plain(part) for part in parts)})"


def _pairs(node: Comparison) -> list[str]:
    pairs, left = [], node.left
    for step in node.steps:
        pairs.append(_pair(left, step))
        left = step.right
    return pairs


def _pair(left: Node, step: Step) -> str:
    if step.ranks:
        return _by_rank(left, step)
    return f"{_plain(left)} {step.op} {_plain(step.right)}"


def _by_rank(left: Node, step: Step) -> str:
    """Write a comparison by rank as a look-up among the words that pass."""
    fact, limit, op = left, step.right, step.op
    if isinstance(left, Literal):
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        fact, limit, op = step.right, left, turned[step.op]
    assert isinstance(limit, Literal)
    rank = step.ranks.index(str(limit.value))
    passing = {
        "<": step.ranks[:rank],
        "<=": step.ranks[: rank + 1],
        ">": step.ranks[rank + 1 :],
        ">=": step.ranks[rank:],
    }[op]
    return f"{_plain(fact)} in {passing!r}"


def _surely(node: Node, wanted: bool) -> str:
    """Write Python that is true if and only if the node surely is ``wanted``."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            joint = " and " if isinstance(node, And) is wanted else " or "
            return f"({joint.join(_surely(part, wanted) for part in parts)})"
        case Not(operand=operand):
            return _surely(operand, not wanted)
        case Call(function="known", args=(fact,)):
            return f"({_plain(fact)} is {'not ' if wanted else ''}None)"
        case Comparison(left=left, steps=steps):
            tests = []
            for step in steps:
                test = _guarded(_pair(left, step), (left, step.right), wanted)
                tests.append(test)
                left = step.right
            return f"({(' and ' if wanted else ' or ').join(tests)})"
        case _:
            return _guarded(_plain(node), (node,), wanted)


def _guarded(test: str, parts: tuple[Node, ...], wanted: bool) -> str:
    names = sorted({name for part in parts for name in reads(part)})
    guards = [f"f_{name} is not None" for name in names]
    for part in parts:
        # Innermost divisors first: walking visits outer ones before inner ones.
        divisions = [n for n in walk(part) if isinstance(n, Arithmetic) and n.op == "/"]
        guards += [f"{_plain(n.right)} != 0" for n in reversed(divisions)]
    return f"({' and '.join([*guards, test if wanted else f'not {test}'])})"
