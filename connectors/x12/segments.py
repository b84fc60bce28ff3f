"""Bytes to segments: separators from the ISA, noise told apart from data."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from connectors.x12.defects import Defect, Level, Severity
from connectors.x12.separators import (
    ISA_LENGTH,
    Separators,
    cut_header,
    decoded,
    fits_isa,
    header_widths,
    separator_clashes,
)

MAX_SEGMENT_BYTES = 64 * 1024
MAX_ELEMENTS = 100
_CHUNK = 64 * 1024
_NOISE = b" \t\r\n\x00\x1a"
_ISA = re.compile(rb"isa", re.IGNORECASE)
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_MARKS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


@dataclass(frozen=True)
class Segment:
    """One segment as it was read; ``elements[0]`` is the element numbered 1."""

    id: str
    elements: tuple[str, ...]
    line: int

    def element(self, number: int) -> str:
        """Return an element by its number from 1, empty when it is absent."""
        return self.elements[number - 1] if number <= len(self.elements) else ""


@dataclass(frozen=True)
class Header:
    """An ISA, and the separators it declares for everything up to the next."""

    segment: Segment
    separators: Separators


Piece = Segment | Header | Defect


def read_segments(stream: BinaryIO) -> Iterator[Piece]:
    """Read a file as segments, in the order they come, within bounded memory.

    Every ISA starts afresh with its own separators. What is no data at all
    (a byte order mark, line ends after terminators, padding at the end) is
    passed over; what is between interchanges and is no ISA is a defect.

    Parameters
    ----------
    stream
        The file, read from where it stands in pieces of 64 KiB.
    """
    yield from _Reader(stream).pieces()


class _Reader:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._buffer = bytearray()
        self._ended = False
        self._line = 0

    def pieces(self) -> Iterator[Piece]:
        yield from self._mark()
        found = False
        while (yield from self._to_header()):
            found = True
            header = yield from self._header()
            if header is not None:
                yield header
                yield from self._body(header.separators)
        if not found:
            msg = "no ISA segment: an X12 file begins with ISA"
            yield _file("no-interchange", Severity.REJECTED, self._line, msg)

    def _fill(self, wanted: int) -> None:
        while len(self._buffer) < wanted and not self._ended:
            chunk = self._stream.read(_CHUNK)
            self._ended = not chunk
            self._buffer += chunk

    def _mark(self) -> Iterator[Defect]:
        self._fill(3)
        for mark, name in _MARKS:
            if self._buffer.startswith(mark):
                del self._buffer[: len(mark)]
                msg = f"the file begins with a {name} byte order mark; X12 has none"
                severity = Severity.NOTED if name == "UTF-8" else Severity.REJECTED
                yield _file("byte-order-mark", severity, 0, msg)

    def _to_header(self) -> Generator[Defect, None, bool]:
        """Move to the next ISA; what lies before it is junk."""
        junk = bytearray()
        while True:
            self._fill(_CHUNK)
            start = _find_isa(self._buffer)
            skip = start if start >= 0 else max(len(self._buffer) - 3, 0)
            if self._ended and start < 0:
                skip = len(self._buffer)
            if len(junk) < 40:
                junk += bytes(self._buffer[:skip]).strip(_NOISE)
            del self._buffer[:skip]
            if start >= 0 or (self._ended and not self._buffer):
                break
        if junk:
            shown = bytes(junk[:40]).decode("latin-1")
            msg = f"{shown!r} is outside any interchange; it was passed over"
            yield _file(
                "junk", Severity.ACCEPTED_WITH_ERRORS, self._line, msg, value=shown
            )
        return start >= 0

    def _header(self) -> Generator[Defect, None, Header | None]:
        self._fill(ISA_LENGTH + 80)
        self._line += 1
        cut = cut_header(bytes(self._buffer[: ISA_LENGTH + 80]))
        if cut is None:
            del self._buffer[:3]
            msg = (
                "the ISA ends early: it has 16 elements in "
                f"{ISA_LENGTH} characters, by which everything else is read"
            )
            yield Defect(
                "isa-broken", Severity.REJECTED, Level.FILE, "ISA", self._line, msg
            )
            return None
        length, fields, separators = cut
        if self._buffer[:3] != b"ISA":
            yield _case(self._line, bytes(self._buffer[:3]).decode("latin-1"))
        del self._buffer[:length]
        yield from header_widths(fields, self._line)
        clashes = tuple(separator_clashes(separators, self._line))
        yield from clashes
        if clashes:
            return None
        segment = Segment("ISA", tuple(fields), self._line)
        return Header(segment, separators)

    def _body(self, separators: Separators) -> Iterator[Segment | Defect]:
        """Read segments up to the next ISA or the end of the file."""
        terminator = separators.segment.encode("latin-1")
        while True:
            self._skip_noise()
            if _at_isa(self._buffer):
                return
            end = self._terminator(terminator)
            if end is None:
                yield from self._rest(separators)
                return
            if end < 0:
                yield self._overlong(terminator)
                continue
            raw = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            segment = yield from self._split(raw, separators)
            if segment is not None:
                yield segment
                if segment.id == "IEA":
                    return

    def _skip_noise(self) -> None:
        while True:
            self._fill(4)
            if not self._buffer or self._buffer[0] not in _NOISE:
                return
            del self._buffer[0]

    def _terminator(self, terminator: bytes) -> int | None:
        """Return where the segment ends; None at the file's end, -1 if too far."""
        seen = 0
        while True:
            end = self._buffer.find(terminator, seen)
            if end >= 0:
                return end if end <= MAX_SEGMENT_BYTES else -1
            seen = len(self._buffer)
            if seen > MAX_SEGMENT_BYTES:
                return -1
            if self._ended:
                return None
            self._fill(seen + _CHUNK)

    def _overlong(self, terminator: bytes) -> Defect:
        self._line += 1
        shown = bytes(self._buffer[:20]).decode("latin-1")
        while True:
            end = self._buffer.find(terminator)
            if end >= 0:
                del self._buffer[: end + 1]
                break
            self._buffer.clear()
            self._fill(1)
            if self._ended and not self._buffer:
                break
        msg = f"longer than {MAX_SEGMENT_BYTES} bytes; is a terminator missing?"
        return Defect(
            "segment-too-long",
            Severity.REJECTED,
            Level.SEGMENT,
            shown[:3],
            self._line,
            msg,
            value=shown,
            code="8",
        )

    def _rest(self, separators: Separators) -> Iterator[Segment | Defect]:
        """Read what follows the last terminator: nothing, or a cut-off segment."""
        raw = bytes(self._buffer).strip(_NOISE)
        self._buffer.clear()
        if not raw:
            return
        segment = yield from self._split(raw, separators)
        if segment is not None:
            msg = "the last segment has no terminator; the file may be cut off"
            yield Defect(
                "unterminated",
                Severity.ACCEPTED_WITH_ERRORS,
                Level.INTERCHANGE,
                segment.id,
                segment.line,
                msg,
                code="023",
            )
            yield segment

    def _split(
        self, raw: bytes, separators: Separators
    ) -> Generator[Defect, None, Segment | None]:
        self._line += 1
        raw = raw.strip(b"\r\n\x00")
        if not raw.strip():
            self._line -= 1
            return None
        fields = [
            decoded(part) for part in raw.split(separators.element.encode("latin-1"))
        ]
        name = fields[0].strip()
        if name != name.upper():
            yield _case(self._line, name)
            name = name.upper()
        if len(fields) > MAX_ELEMENTS or not _SEGMENT_ID.fullmatch(name):
            msg = (
                f"{fields[0][:20]!r} begins no segment: expected two or three letters "
                f"and digits, then {separators.element!r}"
            )
            yield Defect(
                "not-a-segment",
                Severity.REJECTED,
                Level.SEGMENT,
                name[:3],
                self._line,
                msg,
                value=fields[0][:20],
                code="1",
            )
            return None
        return Segment(name, tuple(fields[1:]), self._line)


def _find_isa(buffer: bytearray) -> int:
    """Find an ISA that some separator follows (not a word that contains it)."""
    for match in _ISA.finditer(buffer):
        after = buffer[match.end() : match.end() + 1]
        before = buffer[max(match.start() - 1, 0) : match.start()]
        if not after or after.isalnum():
            continue
        # Glued to what is before it, only an ISA in perfect order is one.
        glued = bytes(buffer[match.start() : match.start() + ISA_LENGTH])
        if not before.isalnum() or fits_isa(glued):
            return match.start()
    return -1


def _at_isa(buffer: bytearray) -> bool:
    """Tell whether the next interchange begins here (an IEA may be missing)."""
    head = bytes(buffer[:4])
    return len(head) == 4 and head[:3].upper() == b"ISA" and not head[3:].isalnum()


def _file(
    kind: str, severity: Severity, line: int, message: str, value: str = ""
) -> Defect:
    return Defect(kind, severity, Level.FILE, "", line, message, value=value)


def _case(line: int, name: str) -> Defect:
    return Defect(
        "lower-case",
        Severity.ACCEPTED_WITH_ERRORS,
        Level.SEGMENT,
        name.upper()[:3],
        line,
        f"segment identifier {name!r}; right is {name.upper()!r}",
        value=name,
    )
