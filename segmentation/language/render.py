"""Writes a tree back as the text of a rule, with only the brackets it needs."""

import json

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
    Scalar,
)
from segmentation.window import Window

# What binds tighter has the higher number, as in Python.
_OR, _AND, _NOT, _COMPARE, _ADD, _MULTIPLY, _NEGATE, _ATOM = range(1, 9)


def render(node: Node) -> str:
    """Return the text that parses to this tree."""
    match node:
        case Literal(value=value):
            return word(value)
        case Name(window=window) if window is not None:
            return _counted(window)
        case Name(id=name):
            return name
        case Choices(items=items):
            return f"[{', '.join(render(item) for item in items)}]"
        case Call(function=function, args=args, named=named):
            said = [render(arg) for arg in args]
            said += [f"{one.name}={word(one.value.value)}" for one in named]
            return f"{function}({', '.join(said)})"
        case Negative(operand=operand):
            return f"-{_within(operand, _NEGATE)}"
        case Arithmetic(op=op, left=left, right=right):
            level = _level(node)
            return f"{_within(left, level)} {op} {_within(right, level + 1)}"
        case Comparison(left=left, steps=steps):
            links = (f"{step.op} {_within(step.right, _ADD)}" for step in steps)
            return " ".join((_within(left, _ADD), *links))
        case Not(operand=operand):
            return f"not {_within(operand, _NOT)}"
        case And(parts=parts):
            return " and ".join(_within(part, _NOT) for part in parts)
        case Or(parts=parts):
            return " or ".join(_within(part, _AND) for part in parts)


def _counted(window: Window) -> str:
    said = [word(window.kind)]
    said += [f"{name}={word(value)}" for name, value in window.labels]
    said.append(f"of={word(window.of.value)}")
    if window.within_s is not None:
        said.append(f"within={word(span(window.within_s))}")
    return f"{window.function}({', '.join(said)})"


def span(seconds: int) -> str:
    """Write a span of time in the largest unit that takes it whole."""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def word(value: Scalar) -> str:
    """Return a literal as it is written in a rule."""
    if isinstance(value, str):
        return f"'{value}'" if '"' in value else json.dumps(value, ensure_ascii=False)
    return repr(value)


def _within(node: Node, level: int) -> str:
    text = render(node)
    return text if _level(node) >= level else f"({text})"


def _level(node: Node) -> int:
    match node:
        case Or():
            return _OR
        case And():
            return _AND
        case Not():
            return _NOT
        case Comparison():
            return _COMPARE
        case Arithmetic(op=op):
            return _ADD if op in "+-" else _MULTIPLY
        case Negative():
            return _NEGATE
        case Literal(value=value) if not isinstance(value, bool | str) and value < 0:
            return _NEGATE
        case _:
            return _ATOM
