"""Segments to interchanges, groups and transaction sets, each judged on its own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from connectors.x12.control import (
    envelope_defect,
    group_trailer,
    group_values,
    header_values,
    interchange_trailer,
    set_trailer,
    set_values,
)
from connectors.x12.defects import Defect, Level, Severity
from connectors.x12.exchange import (
    MAX_DEFECTS,
    MAX_SET_SEGMENTS,
    Group,
    Interchange,
    TransactionSet,
)
from connectors.x12.segments import Header, Segment, read_segments


@dataclass
class Loose:
    """A defect that belongs to no interchange."""

    defect: Defect


@dataclass
class Acknowledged:
    """A TA1: what became of an interchange of ours."""

    interchange: Interchange
    segment: Segment


Event = Interchange | Group | TransactionSet | Acknowledged | Loose


def read_envelopes(stream: BinaryIO) -> Iterator[Event]:
    """Read a file as what it envelops, in file order, one set in memory at a time.

    An interchange and a group are told when they begin; their counts and
    control numbers are judged when they end, into their own ``defects``, so
    look at those only after something later has been told (or at the end).
    A transaction set is told when it has ended. Nothing raises on bad data.
    """
    yield from _Envelopes().read(stream)


class _Envelopes:
    def __init__(self) -> None:
        self._interchange: Interchange | None = None
        self._group: Group | None = None
        self._set: TransactionSet | None = None
        self._interchanges = 0

    def read(self, stream: BinaryIO) -> Iterator[Event]:
        for piece in read_segments(stream):
            match piece:
                case Defect():
                    yield from self._told(piece)
                case Header():
                    yield from self._begin(piece)
                case Segment():
                    yield from self._segment(piece)
        yield from self._finish(None)

    def _told(self, defect: Defect) -> Iterator[Event]:
        if defect.level is Level.FILE or self._interchange is None:
            yield Loose(defect)
        elif self._set is not None:
            self._set.note(_at(defect, self._set.length + 1))
        else:
            _note(self._interchange.defects, defect)

    def _begin(self, header: Header) -> Iterator[Event]:
        yield from self._finish(header.segment)
        self._interchanges += 1
        self._interchange = Interchange(
            header.segment, header.separators, self._interchanges
        )
        for defect in header_values(header.segment):
            self._interchange.defects.append(defect)
        yield self._interchange

    def _segment(self, segment: Segment) -> Iterator[Event]:
        match segment.id:
            case "GS":
                yield from self._end_group(None, segment)
                yield from self._begin_group(segment)
            case "ST":
                yield from self._end_set(None, segment)
                self._begin_set(segment)
            case "SE":
                yield from self._end_set(segment, segment)
            case "GE":
                yield from self._end_group(segment, segment)
            case "IEA":
                yield from self._end_interchange(segment, segment)
            case "TA1" if self._group is None and self._interchange is not None:
                yield Acknowledged(self._interchange, segment)
            case _:
                self._inner(segment)

    def _inner(self, segment: Segment) -> None:
        if self._set is not None:
            self._set.add(segment)
            return
        where = self._group or self._interchange
        if where is not None:
            msg = f"{segment.id} is outside any transaction set; it was passed over"
            _note(
                where.defects,
                envelope_defect("stray-segment", Level.GROUP, segment, msg, code="022"),
            )

    def _begin_group(self, segment: Segment) -> Iterator[Event]:
        interchange = self._interchange
        if interchange is None:
            return
        interchange.groups += 1
        self._group = Group(segment, interchange, interchange.groups)
        for defect in group_values(segment):
            self._group.defects.append(defect)
        yield self._group

    def _begin_set(self, segment: Segment) -> None:
        if self._interchange is None:
            return
        if self._group is None:
            msg = "ST without a GS before it; the set has no version"
            _note(
                self._interchange.defects,
                envelope_defect(
                    "gs-missing", Level.INTERCHANGE, segment, msg, code="022"
                ),
            )
            headless = Segment("GS", (), segment.line)
            self._group = Group(headless, self._interchange, 0)
        self._group.received += 1
        self._set = TransactionSet(self._group, [segment], length=1)
        for defect in set_values(segment, self._group):
            self._set.note(defect)
        self._group.controls.add(segment.element(2).strip())

    def _end_set(self, trailer: Segment | None, at: Segment | None) -> Iterator[Event]:
        ended, self._set = self._set, None
        if ended is None:
            if trailer is not None and self._interchange is not None:
                msg = "SE without an ST before it; it was passed over"
                where = self._group or self._interchange
                _note(
                    where.defects,
                    envelope_defect(
                        "st-missing", Level.GROUP, trailer, msg, code="022"
                    ),
                )
            return
        if trailer is None:
            line = at.line if at else ended.segments[-1].line
            msg = f"set {ended.control!r} ends without SE; what it holds may be cut off"
            ended.note(
                Defect(
                    *("se-missing", Severity.REJECTED, Level.SET, "SE", line, msg),
                    position=ended.length + 1,
                    code="2",
                )
            )
        else:
            ended.length += 1
            ended.segments.append(trailer)
            for defect in set_trailer(trailer, ended):
                ended.note(defect)
        if ended.length > MAX_SET_SEGMENTS + 1:
            msg = f"{ended.length} segments; at most {MAX_SET_SEGMENTS} are read"
            ended.note(
                envelope_defect(
                    *("set-too-long", Level.SET, ended.segments[0], msg),
                    severity=Severity.REJECTED,
                    position=1,
                    code="5",
                )
            )
        yield ended

    def _end_group(
        self, trailer: Segment | None, at: Segment | None
    ) -> Iterator[Event]:
        yield from self._end_set(None, at)
        ended, self._group = self._group, None
        if ended is None:
            if trailer is not None and self._interchange is not None:
                msg = "GE without a GS before it; it was passed over"
                _note(
                    self._interchange.defects,
                    envelope_defect(
                        "gs-missing", Level.GROUP, trailer, msg, code="022"
                    ),
                )
            return
        if trailer is None:
            msg = f"group {ended.control!r} ends without GE"
            found: Iterator[Defect] = iter(
                (
                    envelope_defect(
                        "ge-missing", Level.GROUP, at or ended.header, msg, code="3"
                    ),
                )
            )
        else:
            found = group_trailer(trailer, ended)
        for defect in found:
            _note(ended.defects, defect)

    def _end_interchange(
        self, trailer: Segment | None, at: Segment | None
    ) -> Iterator[Event]:
        yield from self._end_group(None, at)
        ended, self._interchange = self._interchange, None
        if ended is None:
            return
        ended.closed = trailer is not None
        if trailer is None:
            msg = f"interchange {ended.control!r} ends without IEA; it may be cut off"
            _note(
                ended.defects,
                envelope_defect(
                    "iea-missing",
                    Level.INTERCHANGE,
                    at or ended.header,
                    msg,
                    code="023",
                ),
            )
            return
        for defect in interchange_trailer(trailer, ended):
            _note(ended.defects, defect)

    def _finish(self, at: Segment | None) -> Iterator[Event]:
        yield from self._end_interchange(None, at)


def _at(defect: Defect, position: int) -> Defect:
    return replace(defect, position=position)


def _note(defects: list[Defect], defect: Defect) -> None:
    if len(defects) < MAX_DEFECTS:
        defects.append(defect)
