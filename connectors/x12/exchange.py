"""Interchanges, groups and transaction sets as they were received."""

from dataclasses import dataclass, field
from types import MappingProxyType

from connectors.x12.defects import Defect
from connectors.x12.segments import Segment
from connectors.x12.separators import Separators

MAX_SET_SEGMENTS = 100_000
MAX_DEFECTS = 500

# Which functional identifier carries which transaction sets.
FUNCTIONAL_IDS = MappingProxyType(
    {
        "940": "OW",
        "945": "SW",
        "204": "SM",
        "990": "GF",
        "214": "QM",
        "997": "FA",
    }
)


@dataclass
class Interchange:
    """One ISA … IEA; ``defects`` is complete once the next thing is read."""

    header: Segment
    separators: Separators
    ordinal: int
    defects: list[Defect] = field(default_factory=list)
    groups: int = 0
    closed: bool = False

    @property
    def sender(self) -> tuple[str, str]:
        return self.header.element(5).strip(), self.header.element(6).strip()

    @property
    def receiver(self) -> tuple[str, str]:
        return self.header.element(7).strip(), self.header.element(8).strip()

    @property
    def control(self) -> str:
        return self.header.element(13).strip()

    @property
    def test(self) -> bool:
        return self.header.element(15).strip().upper() != "P"


@dataclass
class Group:
    """One GS … GE; ``defects`` is complete once the next thing is read."""

    header: Segment
    interchange: Interchange
    ordinal: int
    defects: list[Defect] = field(default_factory=list)
    received: int = 0
    announced: int | None = None
    controls: set[str] = field(default_factory=set)

    @property
    def functional_id(self) -> str:
        return self.header.element(1).strip().upper()

    @property
    def control(self) -> str:
        return self.header.element(6).strip()

    @property
    def version(self) -> str:
        return self.header.element(8).strip().upper()


@dataclass
class TransactionSet:
    """One ST … SE, the two included, with what is wrong about its envelope."""

    group: Group
    segments: list[Segment]
    defects: list[Defect] = field(default_factory=list)
    length: int = 0

    @property
    def id(self) -> str:
        return self.segments[0].element(1).strip()

    @property
    def control(self) -> str:
        return self.segments[0].element(2).strip()

    def add(self, segment: Segment) -> None:
        self.length += 1
        if self.length <= MAX_SET_SEGMENTS:
            self.segments.append(segment)

    def note(self, defect: Defect) -> None:
        if len(self.defects) < MAX_DEFECTS:
            self.defects.append(defect)
