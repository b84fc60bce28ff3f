"""What is wrong with a document, said so that a partner can mend it."""

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How much a defect matters to what may be done with a document."""

    NOTED = 0
    ACCEPTED_WITH_ERRORS = 1
    REJECTED = 2


class Level(StrEnum):
    """Which part of an interchange a defect belongs to."""

    FILE = "file"
    INTERCHANGE = "interchange"
    GROUP = "group"
    SET = "set"
    SEGMENT = "segment"
    ELEMENT = "element"


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong, and what would be right.

    ``kind`` is a stable word for settings and tests; ``code`` is what an
    acknowledgment calls it (TA105, AK905, AK502, AK304 or AK403 by level).
    ``line`` counts the segments of the file from 1, ``position`` those of
    the transaction set (its ST is 1; 0 outside any set). ``element`` and
    ``component`` count from 1.
    """

    kind: str
    severity: Severity
    level: Level
    segment: str
    line: int
    message: str
    position: int = 0
    element: int | None = None
    component: int | None = None
    value: str = ""
    code: str = ""
    reference: int | None = None
    loop: str = ""

    def __str__(self) -> str:
        where = f"{self.segment or 'file'}"
        if self.element is not None:
            where += f"{self.element:02d}"
        if self.component is not None:
            where += f"-{self.component}"
        return f"segment {self.line} {where}: {self.message} [{self.severity.name}]"

    def tolerated(self, kinds: frozenset[str]) -> "Defect":
        """Return the defect as a partner's settings weigh it."""
        if self.kind in kinds and self.severity is Severity.REJECTED:
            return replace(self, severity=Severity.ACCEPTED_WITH_ERRORS)
        return self


def worst(defects: tuple[Defect, ...]) -> Severity:
    """Return the highest severity, NOTED when nothing is wrong."""
    return max((defect.severity for defect in defects), default=Severity.NOTED)
