"""How far Tryton's changes were read, by Tryton's own clock; pure.

A change may be seen after a later one: it is stamped when its transaction
begins, and seen when that ends. So a list is read again from a while before
its newest change, and the cursor keeps what of that while was told already.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.errors import InvalidRequest

SHIPMENTS = "shipments"

# A record as it was when it was read.
Version = tuple[int, datetime]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Before anything was written; there is room for an overlap before it.
BEGINNING = _EPOCH + timedelta(days=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Mark:
    """The newest change of one list, and what near it was told."""

    at: datetime
    told: frozenset[Version] = frozenset()

    def since(self, overlap: timedelta) -> datetime:
        """Return from when on the list is to be read again."""
        return self.at - overlap

    def beyond(self, versions: Iterable[Version], overlap: timedelta) -> "Mark":
        """Return the mark after some more were told."""
        told = self.told.union(versions)
        at = max((when for _, when in told), default=self.at)
        newest = max(at, self.at)
        near = frozenset(v for v in told if v[1] >= newest - overlap)
        return Mark(newest, near)


@dataclass(frozen=True)
class Cursor:
    """A mark for each list that was read."""

    marks: Mapping[str, Mark] = field(default_factory=dict)

    def text(self) -> str:
        """Write it down; what was told is kept by its distance from the mark."""
        written = {
            name: [_ticks(mark.at), _kept(mark)]
            for name, mark in sorted(self.marks.items())
        }
        return json.dumps(written, separators=(",", ":"))


def cursor_of(text: str | None) -> Cursor:
    """Read a cursor of ours; nothing is the beginning.

    Raises
    ------
    InvalidRequest
        For a text that is no cursor of a Tryton connection.
    """
    if not text:
        return Cursor()
    try:
        return Cursor(
            {
                name: _mark(int(at), told)
                for name, (at, told) in json.loads(text).items()
            }
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        msg = f"cursor {text[:40]!r}: is none that this connection gave"
        raise InvalidRequest(msg) from None


def _mark(at: int, told: list[list[int]]) -> Mark:
    return Mark(
        _EPOCH + at * _TICK,
        frozenset((int(n), _EPOCH + (at - int(back)) * _TICK) for n, back in told),
    )


def _kept(mark: Mark) -> list[list[int]]:
    newest = _ticks(mark.at)
    return sorted([number, newest - _ticks(when)] for number, when in mark.told)


def _ticks(at: datetime) -> int:
    return (at - _EPOCH) // _TICK
