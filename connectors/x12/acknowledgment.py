"""997, the functional acknowledgment: what was received, and what was wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from connectors.x12.check import Node
from connectors.x12.defects import Defect, Level, Severity, worst
from connectors.x12.values import whole
from connectors.x12.writer import Body, Document, Free, Value

# Past this, a group's flawless sets are counted but not listed one by one.
MAX_LISTED = 10_000
_LISTED_CODES = 5
_MOST_ELEMENTS = 99


@dataclass(frozen=True)
class SetVerdict:
    """What becomes of one received set: A accepted, E with errors, R rejected."""

    id: str
    control: str
    code: str
    defects: tuple[Defect, ...] = ()


@dataclass
class GroupVerdict:
    """What becomes of one received group, collected set by set."""

    functional_id: str
    control: str
    version: str
    sets: list[SetVerdict] = field(default_factory=list)
    received: int = 0
    accepted: int = 0
    erroneous: int = 0
    announced: int | None = None
    defects: tuple[Defect, ...] = ()

    def add(self, verdict: SetVerdict) -> None:
        self.received += 1
        self.accepted += verdict.code != "R"
        self.erroneous += verdict.code != "A"
        if verdict.code != "A" or len(self.sets) < MAX_LISTED:
            self.sets.append(verdict)

    @property
    def code(self) -> str:
        if worst(self.defects) is Severity.REJECTED:
            return "R"
        if self.accepted < self.received:
            return "P" if self.accepted else "R"
        return "E" if self.erroneous or worst(self.defects) else "A"


@dataclass(frozen=True)
class SetAnswer:
    """What a partner says of one set of ours."""

    id: str
    control: str
    code: str
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Acknowledgment:
    """What a partner says of one group of ours."""

    functional_id: str
    control: str
    code: str
    sets: tuple[SetAnswer, ...] = ()

    def of(self, set_id: str, control: str) -> SetAnswer:
        """Return what is said of one set: its own answer, or the group's."""
        for answer in self.sets:
            same = answer.control.lstrip("0") == control.lstrip("0")
            if same and answer.id == set_id:
                return answer
        return SetAnswer(set_id, control, self.code)


def verdict_of(
    set_id: str, control: str, defects: tuple[Defect, ...], tolerated: frozenset[str]
) -> SetVerdict:
    """Weigh a set's defects as the partner's settings do."""
    weighed = tuple(defect.tolerated(tolerated) for defect in defects)
    code = {
        Severity.NOTED: "A",
        Severity.ACCEPTED_WITH_ERRORS: "E",
        Severity.REJECTED: "R",
    }[worst(weighed)]
    kept = tuple(d for d in weighed if d.severity is not Severity.NOTED)
    return SetVerdict(set_id, control, code, kept)


def acknowledgment_document(group: GroupVerdict) -> Document | None:
    """Write the acknowledgment of a group; None when the group has no number."""
    control = group.control.strip()
    if not (control.isascii() and control.isdigit() and len(control) <= 9):
        return None
    if len(group.functional_id) != 2 or not group.functional_id.isalnum():
        return None
    return Document("997", _body(group, control))


def _body(group: GroupVerdict, control: str) -> Body:
    rows: list[tuple[Value, ...]] = [("AK1", group.functional_id, control)]
    for verdict in group.sets:
        rows += _set_rows(verdict)
    announced = group.received if group.announced is None else group.announced
    rows.append(
        (
            *("AK9", group.code, str(announced), str(group.received)),
            str(group.accepted if group.code != "R" else 0),
            *_codes(group.defects, Level.GROUP),
        )
    )
    return rows


def _set_rows(verdict: SetVerdict) -> Iterator[tuple[Value, ...]]:
    control = "".join(c for c in verdict.control if c.isascii() and c.isalnum())
    name = "".join(c for c in verdict.id if c.isascii() and c.isalnum())
    if len(name) != 3 or not control or len(control) > 9:
        return
    yield "AK2", name, control.zfill(4)
    inside = [d for d in verdict.defects if d.level in (Level.SEGMENT, Level.ELEMENT)]
    inside.sort(key=lambda d: (d.position, d.segment))
    for (position, segment), found in groupby(
        inside, key=lambda d: (d.position, d.segment)
    ):
        yield from _segment_rows(position, segment, tuple(found))
    codes = list(_codes(verdict.defects, Level.SET))
    if inside and "5" not in codes:
        codes.insert(0, "5")
    yield "AK5", verdict.code, *codes[:_LISTED_CODES]


def _segment_rows(
    position: int, segment: str, defects: tuple[Defect, ...]
) -> Iterator[tuple[Value, ...]]:
    name = "".join(c for c in segment if c.isascii() and c.isalnum())
    if not 2 <= len(name) <= 3 or not 1 <= position <= 999_999:
        return
    whole_segment = [d for d in defects if d.level is Level.SEGMENT]
    for code in dict.fromkeys(d.code for d in whole_segment if d.code):
        yield "AK3", name, str(position), "", code
    elements = [d for d in defects if d.level is Level.ELEMENT and d.element]
    if elements:
        yield "AK3", name, str(position), "", "8"
    for defect in elements[:_MOST_ELEMENTS]:
        where: tuple[str, ...] = (str(defect.element),)
        if defect.component is not None:
            where = (str(defect.element), str(defect.component))
        yield "AK4", where, "", defect.code, Free(defect.value, 99)


def _codes(defects: tuple[Defect, ...], level: Level) -> tuple[str, ...]:
    found = dict.fromkeys(d.code for d in defects if d.level is level and d.code)
    return tuple(found)[:_LISTED_CODES]


def read_acknowledgment(root: Node) -> Acknowledgment | None:
    """Read an acknowledgment; None when it names no group of ours.

    A code that is not known counts as rejected: what a partner did not take
    must not pass for taken.
    """
    header, trailer = root.first("AK1"), root.first("AK9")
    if header is None or whole(header.element(2)) is None:
        return None
    return Acknowledgment(
        functional_id=header.element(1).upper(),
        control=str(whole(header.element(2))),
        code=trailer.element(1).upper() if trailer else "",
        sets=tuple(_answer(loop) for loop in root.all("AK2")),
    )


def _answer(loop: Node) -> SetAnswer:
    verdict = loop.first("AK5")
    complaints = [
        f"{s.element(1)} at {s.element(2)}: segment error {s.element(4) or '?'}"
        + "".join(
            f", element {e.element(1)} error {e.element(3)}" for e in s.all("AK4")
        )
        for s in loop.all("AK3")
    ]
    return SetAnswer(
        id=loop.element(1),
        control=loop.element(2),
        code=verdict.element(1).upper() if verdict else "",
        complaints=tuple(complaints),
    )
