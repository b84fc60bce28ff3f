"""A transaction set against its grammar: its tree, and all that is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.x12.defects import Defect, Level, Severity
from connectors.x12.elements import Place, check_elements
from connectors.x12.notation import SetRule, Use
from connectors.x12.segments import Segment
from connectors.x12.separators import Separators

MAX_DEFECTS = 500


@dataclass
class Node:
    """A segment with what its loop holds, in the order it came."""

    segment: Segment
    position: int
    inner: list["Node"] = field(default_factory=list)

    def all(self, name: str) -> Iterator["Node"]:
        """Yield the segments of this name directly inside."""
        return (node for node in self.inner if node.segment.id == name)

    def first(self, name: str) -> "Node | None":
        """Return the first segment of this name directly inside."""
        return next(self.all(name), None)

    def deep(self, name: str) -> Iterator["Node"]:
        """Yield the segments of this name at any depth, in order."""
        for node in self.inner:
            if node.segment.id == name:
                yield node
            yield from node.deep(name)

    def element(self, number: int) -> str:
        """Return an element by its number from 1, without blanks around it."""
        return self.segment.element(number).strip()


@dataclass
class _Frame:
    """A loop being read: where in its structure we are, and what was counted."""

    node: Node
    uses: tuple[Use, ...]
    at: int = 0
    counts: dict[int, int] = field(default_factory=dict)


def check_set(
    segments: list[Segment], rule: SetRule, separators: Separators
) -> tuple[Node, tuple[Defect, ...]]:
    """Judge a set from ST to SE against its grammar.

    The tree holds every segment that could be placed, the misplaced ones
    too; those unknown to the grammar are left out of it and reported.
    """
    walk = _Walk(segments, rule, separators)
    return walk.tree(), tuple(walk.defects)


class _Walk:
    def __init__(
        self, segments: list[Segment], rule: SetRule, separators: Separators
    ) -> None:
        self._segments = segments
        self._rule = rule
        self._separators = separators
        self._known = rule.known
        self.defects: list[Defect] = []

    def tree(self) -> Node:
        root = Node(self._segments[0], 1)
        frames = [_Frame(root, self._rule.uses)]
        for position, segment in enumerate(self._segments, 1):
            self._elements(segment, position)
            frames = self._place(frames, segment, position)
        for frame in reversed(frames):
            self._close(frame, len(self._segments))
        return root

    def _elements(self, segment: Segment, position: int) -> None:
        known = self._rule.segments.get(segment.id)
        if known is not None:
            place = Place(segment, position)
            for defect in check_elements(place, known, self._separators):
                self._note(defect)

    def _place(
        self, frames: list[_Frame], segment: Segment, position: int
    ) -> list[_Frame]:
        if segment.id not in self._known:
            self._unknown(segment, position)
            return frames
        for ahead in (True, False):
            for depth in range(len(frames) - 1, -1, -1):
                index = _find(frames[depth], segment.id, ahead=ahead)
                if index is not None:
                    for frame in reversed(frames[depth + 1 :]):
                        self._close(frame, position)
                    kept = frames[: depth + 1]
                    return self._take(kept, index, segment, position, ahead=ahead)
        self._misplaced(segment, position)
        # Kept where a reader that looks deep enough still finds it.
        frames[-1].node.inner.append(Node(segment, position))
        return frames

    def _take(
        self,
        frames: list[_Frame],
        index: int,
        segment: Segment,
        position: int,
        *,
        ahead: bool,
    ) -> list[_Frame]:
        frame = frames[-1]
        use = frame.uses[index]
        if ahead:
            self._skipped(frame, index, position)
            frame.at = index
        else:
            msg = f"{segment.id} is out of order"
            self._segment(segment, position, "out-of-order", msg, "7")
        count = frame.counts[index] = frame.counts.get(index, 0) + 1
        if count == use.most + 1:
            msg = f"{segment.id} more than {use.most} times here"
            code = "4" if use.loop else "5"
            self._segment(segment, position, "too-many", msg, code)
        node = Node(segment, position)
        frame.node.inner.append(node)
        return [*frames, _Frame(node, use.loop)] if use.loop else frames

    def _skipped(self, frame: _Frame, index: int, position: int) -> None:
        for missing in range(frame.at, index):
            self._missing(frame, missing, position)

    def _close(self, frame: _Frame, position: int) -> None:
        for missing in range(frame.at, len(frame.uses)):
            self._missing(frame, missing, position)

    def _missing(self, frame: _Frame, index: int, position: int) -> None:
        use = frame.uses[index]
        # A missing SE is the envelope's to tell.
        if not use.mandatory or frame.counts.get(index) or use.id == "SE":
            return
        loop = frame.node.segment.id
        where = "" if loop == "ST" else f" in its {loop} loop"
        self._note(
            Defect(
                "segment-missing",
                Severity.REJECTED,
                Level.SEGMENT,
                use.id,
                self._segments[position - 1].line,
                f"{use.id} is missing{where}; it is mandatory",
                position=position,
                code="3",
            )
        )

    def _unknown(self, segment: Segment, position: int) -> None:
        if segment.id in self._rule.segments:
            msg = f"{segment.id} has no place in a {self._rule.id}"
            self._segment(segment, position, "not-in-set", msg, "6")
        else:
            msg = f"{segment.id} is no segment we know; it was passed over"
            self._segment(segment, position, "unknown-segment", msg, "1")

    def _misplaced(self, segment: Segment, position: int) -> None:
        msg = f"{segment.id} has no place here; is the segment before its loop missing?"
        self._segment(segment, position, "unexpected", msg, "2")

    def _segment(
        self, segment: Segment, position: int, kind: str, msg: str, code: str
    ) -> None:
        self._note(
            Defect(
                kind,
                Severity.ACCEPTED_WITH_ERRORS,
                Level.SEGMENT,
                segment.id,
                segment.line,
                msg,
                position=position,
                code=code,
            )
        )

    def _note(self, defect: Defect) -> None:
        if len(self.defects) < MAX_DEFECTS or defect.severity is Severity.REJECTED:
            self.defects.append(defect)


def _find(frame: _Frame, name: str, *, ahead: bool) -> int | None:
    """Find where in a loop a segment may stand, at or past where we are, or before."""
    places = range(frame.at, len(frame.uses)) if ahead else range(frame.at)
    return next((i for i in places if frame.uses[i].id == name), None)
