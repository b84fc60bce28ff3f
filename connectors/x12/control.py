"""Control numbers and counts: what headers and trailers must agree on."""

from collections.abc import Iterator

from connectors.x12.defects import Defect, Level, Severity
from connectors.x12.exchange import FUNCTIONAL_IDS, Group, Interchange, TransactionSet
from connectors.x12.segments import Segment


def header_values(segment: Segment) -> Iterator[Defect]:
    """Judge an ISA's control number and parties."""
    numeric = segment.element(13).strip()
    if not (numeric.isascii() and numeric.isdigit()):
        msg = f"control number {numeric!r}; right are nine digits"
        yield envelope_defect(
            *("isa-control", Level.INTERCHANGE, segment, msg),
            severity=Severity.REJECTED,
            code="018",
            element=13,
            value=numeric,
        )
    for element, code, what in ((6, "006", "sender"), (8, "008", "receiver")):
        if not segment.element(element).strip():
            msg = f"the {what} is empty"
            yield envelope_defect(
                *("isa-party", Level.INTERCHANGE, segment, msg),
                severity=Severity.REJECTED,
                code=code,
                element=element,
            )


def group_values(segment: Segment) -> Iterator[Defect]:
    """Judge a GS's control number."""
    control = segment.element(6).strip()
    if not (control.isascii() and control.isdigit() and len(control) <= 9):
        msg = f"group control number {control!r}; right are one to nine digits"
        yield envelope_defect(
            *("gs-control", Level.GROUP, segment, msg),
            code="6",
            element=6,
            value=control,
        )


def set_values(segment: Segment, group: Group) -> Iterator[Defect]:
    """Judge an ST's identifier and control number within its group."""
    kind, control = segment.element(1).strip(), segment.element(2).strip()
    if len(kind) != 3:
        msg = f"transaction set {kind!r}; right are three digits"
        yield envelope_defect(
            *("st-id", Level.SET, segment, msg),
            severity=Severity.REJECTED,
            position=1,
            element=1,
            value=kind,
            code="6",
        )
    if not control:
        msg = "no control number; right are four to nine characters"
        yield envelope_defect(
            *("st-control", Level.SET, segment, msg),
            severity=Severity.REJECTED,
            position=1,
            element=2,
            code="7",
        )
    if control and control in group.controls:
        msg = f"control number {control!r} was used before in this group"
        yield envelope_defect(
            *("st-control-twice", Level.SET, segment, msg),
            position=1,
            element=2,
            value=control,
            code="23",
        )
    right = FUNCTIONAL_IDS.get(kind)
    if right is not None and group.functional_id not in ("", right):
        msg = f"{kind} in a group {group.functional_id!r}; right is {right!r}"
        yield envelope_defect(
            *("functional-id", Level.SET, segment, msg),
            position=1,
            element=1,
            value=kind,
            code="6",
        )


def set_trailer(trailer: Segment, ended: TransactionSet) -> Iterator[Defect]:
    """Judge an SE against its ST and what came between."""
    at = ended.length
    if _number(trailer.element(1)) != ended.length:
        msg = f"SE counts {trailer.element(1)!r} segments; there are {ended.length}"
        yield envelope_defect(
            *("se-count", Level.SET, trailer, msg),
            severity=Severity.REJECTED,
            position=at,
            element=1,
            value=trailer.element(1),
            code="4",
        )
    if trailer.element(2).strip() != ended.control:
        msg = f"SE closes {trailer.element(2)!r}; the ST is {ended.control!r}"
        yield envelope_defect(
            *("se-control", Level.SET, trailer, msg),
            severity=Severity.REJECTED,
            position=at,
            element=2,
            value=trailer.element(2),
            code="3",
        )


def group_trailer(trailer: Segment, ended: Group) -> Iterator[Defect]:
    """Judge a GE against its GS and what came between."""
    ended.announced = _number(trailer.element(1))
    if ended.announced != ended.received:
        msg = f"GE counts {trailer.element(1)!r} sets; there are {ended.received}"
        yield envelope_defect(
            *("ge-count", Level.GROUP, trailer, msg),
            element=1,
            value=trailer.element(1),
            code="5",
        )
    if not _same(trailer.element(2), ended.control):
        msg = f"GE closes {trailer.element(2)!r}; the GS is {ended.control!r}"
        yield envelope_defect(
            *("ge-control", Level.GROUP, trailer, msg),
            element=2,
            value=trailer.element(2),
            code="4",
        )


def interchange_trailer(trailer: Segment, ended: Interchange) -> Iterator[Defect]:
    """Judge an IEA against its ISA and what came between."""
    if _number(trailer.element(1)) != ended.groups:
        msg = f"IEA counts {trailer.element(1)!r} groups; there are {ended.groups}"
        yield envelope_defect(
            *("iea-count", Level.INTERCHANGE, trailer, msg),
            element=1,
            value=trailer.element(1),
            code="021",
        )
    if not _same(trailer.element(2), ended.control):
        msg = f"IEA closes {trailer.element(2).strip()!r}; the ISA is {ended.control!r}"
        yield envelope_defect(
            *("iea-control", Level.INTERCHANGE, trailer, msg),
            element=2,
            value=trailer.element(2),
            code="001",
        )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _same(one: str, other: str) -> bool:
    """Compare control numbers as numbers: leading zeros do not count."""
    left, right = _number(one), _number(other)
    return left == right if left is not None else one.strip() == other.strip()


def envelope_defect(
    kind: str,
    level: Level,
    segment: Segment,
    message: str,
    *,
    severity: Severity = Severity.ACCEPTED_WITH_ERRORS,
    position: int = 0,
    element: int | None = None,
    value: str = "",
    code: str = "",
) -> Defect:
    """Say what is wrong about a segment of an envelope."""
    return Defect(
        kind,
        severity,
        level,
        segment.id,
        segment.line,
        message,
        position=position,
        element=element,
        value=value,
        code=code,
    )
