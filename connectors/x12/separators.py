"""The ISA: fixed positions, and the separators they declare."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.x12.defects import Defect, Level, Severity

ISA_LENGTH = 106
ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)


@dataclass(frozen=True)
class Separators:
    """The characters that part an interchange; repetition only from 00402 on."""

    element: str = "*"
    component: str = ">"
    segment: str = "~"
    repetition: str | None = None

    @property
    def all(self) -> frozenset[str]:
        return frozenset(
            char
            for char in (self.element, self.component, self.segment, self.repetition)
            if char is not None
        )


def cut_header(raw: bytes) -> tuple[int, list[str], Separators] | None:
    """Part an ISA by its fixed positions, or by counting where it is misshapen."""
    mark = raw[3:4]
    if fits_isa(raw):
        end = ISA_LENGTH - 2
    else:
        end = 2
        for _ in range(16):
            end = raw.find(mark, end + 1)
            if end < 0:
                return None
        end += 1
    tail = raw[end : end + 2]
    if len(tail) < 2 or not mark:
        return None
    fields = [decoded(part) for part in raw[4 : end - 1].split(mark)]
    fields.append(_latin(tail[:1]))
    repetition = fields[10] if fields[11].strip() >= "00402" else ""
    separators = Separators(
        element=_latin(mark),
        component=_latin(tail[:1]),
        segment=_latin(tail[1:]),
        repetition=repetition
        if len(repetition) == 1 and not repetition.isalnum()
        else None,
    )
    return end + 2, fields, separators


def fits_isa(raw: bytes) -> bool:
    """Tell whether bytes begin with an ISA whose every element is in its place."""
    mark = raw[3:4]
    if len(raw) < ISA_LENGTH or not mark:
        return False
    position = 3
    for width in ISA_WIDTHS:
        if raw[position : position + 1] != mark:
            return False
        position += width + 1
    return raw.count(mark, 0, ISA_LENGTH - 2) == 16


def header_widths(fields: list[str], line: int) -> Iterator[Defect]:
    """Judge the widths of an ISA's elements."""
    for number, (text, width) in enumerate(zip(fields, ISA_WIDTHS, strict=True), 1):
        if len(text) != width:
            msg = (
                f"{len(text)} characters; the ISA is read by position, right is {width}"
            )
            yield Defect(
                "isa-width",
                Severity.ACCEPTED_WITH_ERRORS,
                Level.INTERCHANGE,
                "ISA",
                line,
                msg,
                element=number,
                value=text,
                code="022",
            )


def separator_clashes(separators: Separators, line: int) -> Iterator[Defect]:
    """Judge whether separators can be told from data and from each other."""
    used = [separators.element, separators.component, separators.segment]
    used += [separators.repetition] if separators.repetition else []
    for char in sorted(set(used)):
        if used.count(char) > 1 or char.isalnum():
            msg = f"{char!r} cannot part segments, elements and components alike"
            yield Defect(
                "separators",
                Severity.REJECTED,
                Level.INTERCHANGE,
                "ISA",
                line,
                msg,
                value=char,
                code="022",
            )


def decoded(raw: bytes) -> str:
    """Decode an element: UTF-8 where it is that, else byte by byte."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _latin(raw: bytes) -> str:
    return raw.decode("latin-1")
