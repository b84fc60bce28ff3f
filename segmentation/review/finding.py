"""What a review of a rule set has to say, and where in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.quantities import SegmentId
from domain.segment import RuleSet
from segmentation.document import Document, Path


class Level(StrEnum):
    """How much it matters: errors stop a rule set, notes are good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; ``others`` are further segments it is about.

    Line and column are 1 where it is about the file as a whole.
    """

    level: Level
    code: str
    message: str
    hint: str = ""
    segment: SegmentId | None = None
    line: int = 1
    column: int = 1
    others: tuple[SegmentId, ...] = ()

    def __str__(self) -> str:
        about = f"{self.segment}: " if self.segment else ""
        hint = f" ({self.hint})" if self.hint else ""
        where = f"line {self.line}, column {self.column}"
        return f"{where}: {self.level} [{self.code}] {about}{self.message}{hint}"


class Places:
    """Where the parts of a rule set stand in its file."""

    def __init__(self, document: Document, rule_set: RuleSet) -> None:
        self._document = document
        self._index = {s.id: n for n, s in enumerate(rule_set.segments)}

    def of(self, segment: SegmentId | None, *path: str | int) -> tuple[int, int]:
        """Return line and column of a segment, or of the nearest part of it."""
        if segment is None or segment not in self._index:
            return self._document.position(tuple(path))
        whole: Path = ("segments", self._index[segment], *path)
        return self._document.position(whole)

    def in_rule(self, segment: SegmentId, offset: int) -> tuple[int, int]:
        """Return line and column of a character of a segment's rule."""
        path: Path = ("segments", self._index[segment], "when")
        return self._document.inside(path, offset)


@dataclass(frozen=True, slots=True)
class Notebook:
    """Writes findings down at their places."""

    places: Places

    def warn(
        self,
        code: str,
        segment: SegmentId | None,
        message: str,
        hint: str = "",
        *,
        at: tuple[str | int, ...] = (),
        offset: int | None = None,
        others: tuple[SegmentId, ...] = (),
        level: Level = Level.WARNING,
    ) -> Finding:
        """Return a finding at a part of a segment, or at an offset of its rule."""
        if offset is not None and segment is not None:
            line, column = self.places.in_rule(segment, offset)
        else:
            line, column = self.places.of(segment, *at)
        return Finding(level, code, message, hint, segment, line, column, others)


Findings = Iterator[Finding]
