"""Says whether a rule holds, one node at a time, when facts may be missing.

Kleene's logic of three values: a missing fact makes what depends on it
unknown, never false. The compiled functions must agree with this, cell by cell;
it is also where explanations come from.
"""

from collections.abc import Callable, Mapping
from operator import add, eq, ge, gt, le, lt, mul, ne, sub, truediv
from typing import Any

from domain.segment import Fact
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
)

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "==": eq,
    "!=": ne,
}
_CALCULATE: dict[str, Callable[[Any, Any], Fact]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
}


def holds(node: Node, facts: Mapping[str, Fact]) -> bool | None:
    """Return whether a condition is true, false, or (None) unknown."""
    match node:
        case And(parts=parts):
            return _all([holds(part, facts) for part in parts])
        case Or(parts=parts):
            return _opposite(_all([_opposite(holds(part, facts)) for part in parts]))
        case Not(operand=operand):
            return _opposite(holds(operand, facts))
        case Comparison():
            return _all([pair for _, _, _, pair in links(node, facts)])
        case _:
            truth = value(node, facts)
            return None if truth is None else bool(truth)


def links(
    node: Comparison, facts: Mapping[str, Fact]
) -> list[tuple[Node, Step, Node, bool | None]]:
    """Return each link of a chain with its own verdict."""
    found, left = [], node.left
    for step in node.steps:
        found.append((left, step, step.right, _link(left, step, facts)))
        left = step.right
    return found


def value(node: Node, facts: Mapping[str, Fact]) -> Fact:
    """Return the value of an expression, None where it is unknown.

    Dividing by zero and leaving the range of numbers are unknown too.
    """
    match node:
        case Literal(value=literal):
            return literal
        case Name(id=name):
            return facts.get(name)
        case Choices(items=items):
            return tuple(item.value for item in items)  # type: ignore[misc]
        case Call(function="known", args=(Name(id=name),)):
            return facts.get(name) is not None
        case Call(function=function, args=args):
            known = [value(arg, facts) for arg in args]
            return None if None in known else _call(function, known)
        case Negative(operand=operand):
            number = value(operand, facts)
            return None if number is None else -number  # type: ignore[operator]
        case Arithmetic(op=op, left=left, right=right):
            return _calculated(op, value(left, facts), value(right, facts))
        case _:
            return holds(node, facts)


def _all(verdicts: list[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _opposite(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _link(left: Node, step: Step, facts: Mapping[str, Fact]) -> bool | None:
    a, b = value(left, facts), value(step.right, facts)
    if a is None or b is None:
        return None
    if step.op in ("in", "not in"):
        return (a in b) is (step.op == "in")  # type: ignore[operator]
    if step.ranks:
        a, b = step.ranks.index(str(a)), step.ranks.index(str(b))
    return _COMPARE[step.op](a, b)


def _call(function: str, args: list[Fact]) -> Fact:
    match function:
        case "min":
            return min(args)  # type: ignore[type-var]
        case "max":
            return max(args)  # type: ignore[type-var]
        case "abs":
            return abs(args[0])  # type: ignore[arg-type]
        case "count":
            return len(args[0])  # type: ignore[arg-type]
        case _:
            return str(args[0]).startswith(str(args[1]))


def _calculated(op: str, left: Fact, right: Fact) -> Fact:
    if left is None or right is None:
        return None
    try:
        result = _CALCULATE[op](left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    # What is no number (infinity less infinity) is no value either.
    return None if result != result else result
