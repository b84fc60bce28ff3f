"""Documents to bytes: padding, counts, separators that never occur in data."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from connectors.x12.check import check_set
from connectors.x12.defects import Severity
from connectors.x12.exchange import FUNCTIONAL_IDS
from connectors.x12.segments import Segment
from connectors.x12.separators import ISA_WIDTHS, Separators
from connectors.x12.sets import base_version, set_rule
from domain.errors import InvalidRequest


class Free(str):
    """Text for people: what an interchange cannot carry in it may be replaced.

    Cut to ``longest`` characters; where fewer than ``shortest`` are left,
    ``otherwise`` is written.
    """

    longest: int
    shortest: int
    otherwise: str

    def __new__(
        cls, text: str, longest: int, shortest: int = 1, otherwise: str = ""
    ) -> "Free":
        """Mark text as free."""
        made = super().__new__(cls, text)
        made.longest, made.shortest, made.otherwise = longest, shortest, otherwise
        return made


# Rows that say nothing once the text in this element came to nothing.
_NEEDS_TEXT = MappingProxyType(
    {"NTE": 2, "G69": 1, "K1": 1, "N3": 1, "G61": 2, "PER": 2, "MS1": 1, "L5": 2}
)


# A component is text; a composite a tuple of them.
Value = str | tuple[str, ...]
Body = Sequence[tuple[Value, ...]]


@dataclass(frozen=True)
class Party:
    """Who sends or receives: the ISA's qualifier and id, and the GS's code."""

    qualifier: str
    id: str
    group_id: str


@dataclass(frozen=True)
class Envelope:
    """What an interchange says about itself."""

    sender: Party
    receiver: Party
    control: int
    at: datetime
    version: str
    separators: Separators
    test: bool = False
    wants_ta1: bool = False
    line_breaks: bool = True


@dataclass(frozen=True)
class Document:
    """A transaction set's identifier, and its segments between ST and SE."""

    id: str
    body: Body


def write_interchange(envelope: Envelope, documents: Sequence[Document]) -> bytes:
    """Write documents of one kind as one group in one interchange.

    Control numbers of the group and the interchange are the same; sets are
    numbered from 0001. Every set is judged by its grammar before.

    Raises
    ------
    InvalidRequest
        When an element holds what cannot be sent (a separator in an
        identifier, a character outside the set, too many characters).
    """
    groups = {FUNCTIONAL_IDS[document.id] for document in documents}
    if len(groups) != 1:
        msg = f"documents: {sorted(groups)} in one group; right is one kind"
        raise InvalidRequest(msg)
    rows: list[tuple[str, ...]] = []
    for number, document in enumerate(documents, 1):
        rows += _set(envelope, document, f"{number:04d}")
    control = envelope.control
    return _write(
        envelope,
        (
            _group_header(envelope, groups.pop()),
            *rows,
            ("GE", str(len(documents)), str(control)),
        ),
        groups=1,
    )


def write_ta1(envelope: Envelope, report: tuple[str, ...]) -> bytes:
    """Write an interchange that holds nothing but a TA1."""
    return _write(envelope, (("TA1", *report),), groups=0)


def _write(
    envelope: Envelope, rows: Sequence[tuple[str, ...]], *, groups: int
) -> bytes:
    separators = envelope.separators
    end = separators.segment + (
        "\n" if envelope.line_breaks and separators.segment not in "\r\n" else ""
    )
    trailer = ("IEA", str(groups), f"{envelope.control:09d}")
    lines = [_header(envelope), *(separators.element.join(row) for row in rows)]
    lines.append(separators.element.join(trailer))
    return "".join(line + end for line in lines).encode("ascii")


def _header(envelope: Envelope) -> str:
    separators, at = envelope.separators, envelope.at
    modern = envelope.version[:6] >= "004020"
    if modern and separators.repetition is None:
        msg = f"separators: {envelope.version} needs a repetition separator, like '^'"
        raise InvalidRequest(msg)
    values = (
        *("00", "", "00", ""),
        *(envelope.sender.qualifier, envelope.sender.id),
        *(envelope.receiver.qualifier, envelope.receiver.id),
        *(f"{at:%y%m%d}", f"{at:%H%M}"),
        (separators.repetition or "U") if modern else "U",
        isa_version(envelope.version),
        f"{envelope.control:09d}",
        "1" if envelope.wants_ta1 else "0",
        "T" if envelope.test else "P",
        separators.component,
    )
    padded = [
        value.ljust(width) for value, width in zip(values, ISA_WIDTHS, strict=True)
    ]
    return separators.element.join(["ISA", *padded])


def isa_version(version: str) -> str:
    """Return the interchange's version for a group's: 00401 for 004010."""
    return version[:5]


def _group_header(envelope: Envelope, functional_id: str) -> tuple[str, ...]:
    return (
        *("GS", functional_id, envelope.sender.group_id, envelope.receiver.group_id),
        *(f"{envelope.at:%Y%m%d}", f"{envelope.at:%H%M%S}", str(envelope.control)),
        *("X", envelope.version),
    )


def _set(envelope: Envelope, document: Document, control: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("ST", document.id, control)]
    body = (_row(values, envelope.separators) for values in document.body)
    rows += [row for row in body if _says_something(row)]
    rows.append(("SE", str(len(rows) + 1), control))
    _judge(envelope, document.id, rows)
    return rows


def _row(values: tuple[Value, ...], separators: Separators) -> tuple[str, ...]:
    name = str(values[0])
    row = [
        _composite(value, separators, f"{name}{number:02d}")
        if isinstance(value, tuple)
        else _simple(value, separators, f"{name}{number:02d}")
        for number, value in enumerate(values)
    ]
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def _says_something(row: tuple[str, ...]) -> bool:
    needed = _NEEDS_TEXT.get(row[0])
    return needed is None or (len(row) > needed and bool(row[needed]))


def _composite(value: tuple[str, ...], separators: Separators, where: str) -> str:
    parts = [_simple(part, separators, where) for part in value]
    while parts and not parts[-1]:
        parts.pop()
    return separators.component.join(parts)


def _simple(value: str, separators: Separators, where: str) -> str:
    if isinstance(value, Free):
        text = plain(value, separators)[: value.longest].rstrip()
        return text if len(text) >= value.shortest else value.otherwise
    wrong = _not_carried(value, separators)
    if wrong:
        which = "".join(sorted(wrong))
        msg = (
            f"{where}: {value!r} holds {which!r}, which cannot be sent; "
            "change it, or the partner's separators"
        )
        raise InvalidRequest(msg)
    return value.strip(" ")


def carried(text: str, separators: Separators) -> bool:
    """Tell whether text can stand in an interchange just as it is."""
    return not _not_carried(text, separators)


def _not_carried(text: str, separators: Separators) -> set[str]:
    return {c for c in text if c in separators.all or not " " <= c <= "~"}


def plain(text: str, separators: Separators) -> str:
    """Put text into letters an interchange can carry; what is left out is a space."""
    flat = unicodedata.normalize("NFKD", text)
    kept = "".join(
        char if " " <= char <= "~" and char not in separators.all else " "
        for char in flat
        if not unicodedata.combining(char)
    )
    return " ".join(kept.split())


def _judge(envelope: Envelope, name: str, rows: list[tuple[str, ...]]) -> None:
    version = base_version(envelope.version)
    rule = set_rule(name, version) if version else None
    if rule is None:
        msg = f"version: {name} in {envelope.version!r} is not known; use 004010"
        raise InvalidRequest(msg)
    segments = [Segment(row[0], row[1:], line) for line, row in enumerate(rows, 1)]
    _, defects = check_set(segments, rule, envelope.separators)
    wrong = [d for d in defects if d.severity > Severity.NOTED]
    if wrong:
        first = wrong[0]
        where = first.segment + (f"{first.element:02d}" if first.element else "")
        msg = f"{name} {where}: {first.message}"
        raise InvalidRequest(msg)


def chunks(text: str, size: int, most: int) -> Iterator[str]:
    """Cut text into at most ``most`` pieces of ``size``, at blanks where it can."""
    rest = " ".join(text.split())
    for _ in range(most):
        if not rest:
            return
        cut = len(rest) if len(rest) <= size else rest.rfind(" ", 1, size + 1)
        cut = cut if cut > 0 else size
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
