"""Arranges the tests of many rules so that most of them need not be made.

Rules that share a condition stand together under it. Rules that compare the
same fact with different numbers stand sorted, in blocks under the least of
their bounds, each block inside the one before: where one bound is missed, the
further ones are not looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from segmentation.language.nodes import And, Comparison, Literal, Name, Node
from segmentation.language.write import Writer

SHARED_BY = 2
BLOCK = 2
DEPTH = 12

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_INDENT = " "

# Writes what is to be done where a rule holds.
Mark = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class _Bounded:
    """A rule that compares a fact with a number, whatever else it asks."""

    limit: int | float
    number: int
    test: str


def arranged(
    rules: Iterable[tuple[int, Node]], writer: Writer, mark: Mark
) -> list[str]:
    """Write the tests of rules, each with its mark, as lines of Python.

    A rule holds where its mark is reached. No test is written that could be
    true of a missing fact.
    """
    return _Arrangement(writer, mark).of(list(rules))


class _Arrangement:
    def __init__(self, writer: Writer, mark: Mark) -> None:
        self._writer = writer
        self._mark = mark

    def of(self, rules: Sequence[tuple[int, Node]]) -> list[str]:
        parted = [(number, self._parts(tree)) for number, tree in rules]
        times = Counter(text for _, parts in parted for text in parts.values() if text)
        shared: dict[str, list[str]] = defaultdict(list)
        bounded: dict[tuple[str, str], list[_Bounded]] = defaultdict(list)
        lines: list[str] = []
        for number, parts in parted:
            guard = max(parts.values(), key=lambda text: times[text])
            if times[guard] >= SHARED_BY:
                rest = [part for part, text in parts.items() if text != guard]
                shared[guard].append(self._line(rest, number))
                continue
            bound = next((b for b in map(self._bound, parts) if b is not None), None)
            test = self._test(list(parts))
            if bound is None:
                lines.append(f"if {test}: {self._mark(number)}")
            else:
                variable, op, limit = bound
                bounded[variable, op].append(_Bounded(limit, number, test))
        for guard, held in shared.items():
            lines += [f"if {guard}:", *(f"{_INDENT}{line}" for line in held)]
        for (variable, op), family in bounded.items():
            lines += self._family(variable, op, family)
        return lines

    def _parts(self, tree: Node) -> dict[Node, str]:
        """Return what must all hold, each with its test where that may be shared."""
        parts = tree.parts if isinstance(tree, And) else (tree,)
        return {part: self._selective(part) for part in parts}

    def _selective(self, part: Node) -> str:
        """Write a condition that few orders meet; empty for others."""
        if isinstance(part, Name):
            return self._writer.surely(part, True)
        if not isinstance(part, Comparison) or len(part.steps) > 1:
            return ""
        [step] = part.steps
        if step.ranks or step.op in ("==", "in"):
            return self._writer.surely(part, True)
        return ""

    def _bound(self, part: Node) -> tuple[str, str, int | float] | None:
        """Return the fact, direction and number of a plain comparison."""
        if not isinstance(part, Comparison) or len(part.steps) > 1:
            return None
        [step] = part.steps
        left, op, right = part.left, step.op, step.right
        if isinstance(left, Literal):
            left, op, right = right, _TURNED.get(op, ""), left
        if step.ranks or op not in _TURNED or not isinstance(left, Name):
            return None
        if not isinstance(right, Literal) or isinstance(right.value, bool | str):
            return None
        return self._writer.read(left), op[0] + "=", right.value

    def _family(self, variable: str, op: str, family: list[_Bounded]) -> list[str]:
        if len(family) < BLOCK:
            return [f"if {one.test}: {self._mark(one.number)}" for one in family]
        ordered = sorted(family, key=lambda one: one.limit, reverse=op == "<=")
        size = max(BLOCK, -(-len(ordered) // DEPTH))
        lines = []
        for depth, at in enumerate(range(0, len(ordered), size)):
            block = ordered[at : at + size]
            lines.append(f"{_INDENT * depth}if {variable} {op} {block[0].limit!r}:")
            inside = _INDENT * (depth + 1)
            lines += [f"{inside}if {o.test}: {self._mark(o.number)}" for o in block]
        return lines

    def _line(self, rest: Sequence[Node], number: int) -> str:
        mark = self._mark(number)
        return f"if {self._test(rest)}: {mark}" if rest else mark

    def _test(self, parts: Sequence[Node]) -> str:
        return " and ".join([self._writer.surely(part, True) for part in parts])
