"""Finds the numbers that windows are compared with: where a count matters."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from segmentation.language.nodes import (
    Choices,
    Comparison,
    Literal,
    Name,
    Node,
    children,
)

Limits = Mapping[str, tuple[float, ...]]


def limits_of(trees: Iterable[Node]) -> dict[str, tuple[float, ...]]:
    """Return, by window's key, all numbers it is compared with.

    A window that is not only compared with plain numbers is left out: any
    change of it may matter.
    """
    found: dict[str, set[float]] = defaultdict(set)
    free: set[str] = set()
    for tree in trees:
        _visit(tree, found, free)
    return {key: tuple(sorted(found[key])) for key in found if key not in free}


def _visit(node: Node, found: dict[str, set[float]], free: set[str]) -> None:
    if isinstance(node, Name) and node.window is not None:
        free.add(node.id)
    if not isinstance(node, Comparison):
        for child in children(node):
            _visit(child, found, free)
        return
    sides = (node.left, *(step.right for step in node.steps))
    for left, right in pairwise(sides):
        for one, other in ((left, right), (right, left)):
            numbers = _numbers(other)
            if isinstance(one, Name) and one.window is not None and numbers:
                found[one.id].update(numbers)
            else:
                _visit(one, found, free)


def _numbers(node: Node) -> tuple[float, ...]:
    items = node.items if isinstance(node, Choices) else (node,)
    numbers = [
        float(item.value)
        for item in items
        if isinstance(item, Literal) and isinstance(item.value, int | float)
    ]
    return tuple(numbers) if len(numbers) == len(items) else ()
