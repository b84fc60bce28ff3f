"""One segment against its rule: types, lengths, codes, characters, conditions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from connectors.x12.defects import Defect, Level, Severity
from connectors.x12.notation import Element, SegmentRule, SyntaxNote
from connectors.x12.segments import Segment
from connectors.x12.separators import Separators

_REAL = re.compile(r"-?(\d+\.?\d*|\.\d+)")
_WHOLE = re.compile(r"-?\d+")
# The extended character set, in which the basic one is contained.
_OUTSIDE = re.compile(r"[^ -~]")


@dataclass(frozen=True)
class Place:
    """Where in a set a segment stands, for what is said of it."""

    segment: Segment
    position: int


def check_elements(
    place: Place, rule: SegmentRule, separators: Separators
) -> Iterator[Defect]:
    """Judge every element of a segment, then the conditions between them."""
    elements = place.segment.elements
    while elements and not elements[-1].strip():
        elements = elements[:-1]
    for number, text in enumerate(elements, 1):
        if number > len(rule.elements):
            msg = f"{len(elements)} elements; {rule.id} has {len(rule.elements)}"
            yield _defect(place, "too-many-elements", msg, number, text, "3")
            break
        yield from _element(place, number, text, rule.elements[number - 1], separators)
    for number, wanted in rule.mandatory:
        if not place.segment.element(number).strip():
            msg = f"missing; it is mandatory ({wanted.type})"
            yield _defect(
                *(place, "element-missing", msg, number, "", "1"),
                severity=Severity.REJECTED,
            )
    for note in rule.notes:
        yield from _note(place, note)


def _element(
    place: Place, number: int, text: str, rule: Element, separators: Separators
) -> Iterator[Defect]:
    if not text.strip():
        return
    if not rule.parts:
        if separators.component in text:
            msg = f"holds the component separator {separators.component!r}"
            yield _defect(place, "component-in-data", msg, number, text, "6")
        if separators.repetition is not None and separators.repetition in text:
            msg = f"holds the repetition separator {separators.repetition!r}"
            yield _defect(place, "repetition-in-data", msg, number, text, "6")
        yield from _simple(place, number, None, text, rule)
        return
    parts = text.split(separators.component)
    for component, (part, wanted) in enumerate(zip(parts, rule.parts, strict=False), 1):
        if part.strip():
            yield from _simple(place, number, component, part, wanted)
        elif wanted.mandatory:
            msg = f"component missing; it is mandatory ({wanted.type})"
            yield _defect(place, "component-missing", msg, number, text, "1", component)
    if len(parts) > len(rule.parts) and rule.parts[-1].longest > 0:
        msg = f"{len(parts)} components; there are at most {len(rule.parts)}"
        yield _defect(place, "too-many-components", msg, number, text, "3")


def _simple(
    place: Place, number: int, component: int | None, text: str, rule: Element
) -> Iterator[Defect]:
    found = _OUTSIDE.search(text)
    if found:
        msg = f"holds {found.group()!r}, which is outside X12's character set"
        yield _defect(place, "character", msg, number, text, "6", component)
    wrong = _type(text, rule)
    if wrong is not None:
        kind, msg, code = wrong
        severity = (
            Severity.REJECTED if rule.mandatory else Severity.ACCEPTED_WITH_ERRORS
        )
        yield _defect(
            place, kind, msg, number, text, code, component, severity=severity
        )
        return
    yield from _length(place, number, component, text, rule)
    if rule.codes and text.strip().upper() not in rule.codes:
        msg = f"unknown code; right are {', '.join(sorted(rule.codes))}"
        yield _defect(place, "code", msg, number, text, "7", component)


def _type(text: str, rule: Element) -> tuple[str, str, str] | None:
    plain = text.strip()
    match rule.type[0]:
        case "N" if not _WHOLE.fullmatch(plain):
            return "number", "is no whole number; right are digits", "6"
        case "R" if not _REAL.fullmatch(plain):
            return "number", "is no number; right are digits with a decimal point", "6"
        case "D" if read_date(plain) is None:
            return "date", "is no date; right is CCYYMMDD", "8"
        case "T" if not valid_time(plain):
            return "time", "is no time; right is HHMM, HHMMSS or HHMMSSDD", "9"
    return None


def _length(
    place: Place, number: int, component: int | None, text: str, rule: Element
) -> Iterator[Defect]:
    size = _size(text, rule.type)
    if size < rule.shortest:
        msg = f"{size} long; right is at least {rule.shortest}"
        yield _defect(place, "too-short", msg, number, text, "4", component)
    elif size > rule.longest:
        msg = f"{size} long; right is at most {rule.longest}"
        yield _defect(place, "too-long", msg, number, text, "5", component)


def _size(text: str, kind: str) -> int:
    """Count characters; a sign and a decimal point are not counted in numbers."""
    if kind[0] in "NR":
        return len(text.strip().replace("-", "").replace(".", ""))
    return len(text.rstrip()) if kind == "AN" else len(text.strip())


def _note(place: Place, note: SyntaxNote) -> Iterator[Defect]:
    present = [n for n in note.elements if place.segment.element(n).strip()]
    first, *others = note.elements
    absent = [n for n in note.elements if n not in present]
    names = ", ".join(f"{n:02d}" for n in note.elements)
    match note.kind:
        case "P" if present and absent:
            msg = f"missing: of {names} all are there or none"
            yield _condition(place, msg, absent[0])
        case "R" if not present:
            yield _condition(place, f"missing: one of {names} must be there", first)
        case "E" if len(present) > 1:
            msg = f"only one of {names} may be there"
            yield _defect(
                *(place, "exclusion", msg, present[1]),
                *(place.segment.element(present[1]), "10"),
            )
        case "C" if first in present and absent:
            msg = f"missing: it must be there when {first:02d} is"
            yield _condition(place, msg, absent[0])
        case "L" if first in present and not set(others) & set(present):
            msg = f"missing: one of {names} must be there when {first:02d} is"
            yield _condition(place, msg, others[0])


def _condition(place: Place, message: str, number: int) -> Defect:
    return _defect(place, "condition", message, number, "", "2")


def read_date(text: str) -> date | None:
    """Read CCYYMMDD, or YYMMDD within 2000 to 2099; None when it is no date."""
    if not (text.isascii() and text.isdigit() and len(text) in (6, 8)):
        return None
    full = text if len(text) == 8 else f"20{text}"
    try:
        return date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        return None


def valid_time(text: str) -> bool:
    """Tell whether this is HHMM, HHMMSS, or that with one or two decimals."""
    if not (text.isascii() and text.isdigit() and len(text) in (4, 6, 7, 8)):
        return False
    hour, minute, second = text[:2], text[2:4], text[4:6] or "00"
    return int(hour) < 24 and int(minute) < 60 and int(second) < 60


def _defect(
    place: Place,
    kind: str,
    message: str,
    number: int,
    value: str,
    code: str,
    component: int | None = None,
    *,
    severity: Severity = Severity.ACCEPTED_WITH_ERRORS,
) -> Defect:
    shown = f"{value[:60]!r}: {message}" if value else message
    return Defect(
        *(kind, severity, Level.ELEMENT, place.segment.id, place.segment.line, shown),
        position=place.position,
        element=number,
        component=component,
        value=value,
        code=code,
    )
