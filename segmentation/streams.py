"""A history sorted for asking: one stream of instants per kind and labels."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

from domain.history import Entry, History, in_order

Labels = tuple[tuple[str, str], ...]


class Stream:
    """Entries that count for the same windows, oldest first.

    ``units`` and ``cents`` are running totals: item n is the sum of the first n
    entries, so that any stretch is one subtraction.
    """

    __slots__ = ("ats", "cents", "units")

    def __init__(self, entries: Iterable[Entry]) -> None:
        counted = list(entries)
        self.ats = [entry.at for entry in counted]
        self.units = [0, *accumulate(entry.units or 0 for entry in counted)]
        self.cents = [0, *accumulate(entry.value_cents or 0 for entry in counted)]

    def append(self, entry: Entry) -> None:
        """Add an entry that is not older than any other."""
        self.ats.append(entry.at)
        self.units.append(self.units[-1] + (entry.units or 0))
        self.cents.append(self.cents[-1] + (entry.value_cents or 0))

    def until(self, instant: datetime) -> int:
        """Return how many entries happened by then, the instant included."""
        return bisect_right(self.ats, instant)


class Streams:
    """All streams of one history, each made when it is first asked for."""

    __slots__ = ("_entries", "_made", "last")

    def __init__(self, history: History) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._made: dict[tuple[str, Labels], Stream] = {}
        self.last = history.last
        for entry in history.entries:
            self._entries.setdefault(entry.kind, []).append(entry)

    @staticmethod
    def of(history: History) -> "Streams":
        """Return the streams of a history; they are made once for each history."""
        made = history.memo.get("streams")
        if not isinstance(made, Streams):
            made = history.memo["streams"] = Streams(history)
        return made

    def stream(self, kind: str, labels: Labels = ()) -> Stream:
        """Return the entries of a kind that have all of the labels."""
        made = self._made.get((kind, labels))
        if made is None:
            counted = (
                entry
                for entry in self._entries.get(kind, ())
                if all(entry.labels.get(name) == word for name, word in labels)
            )
            made = self._made[kind, labels] = Stream(counted)
        return made

    def entries(self, kind: str) -> list[Entry]:
        """Return the entries of a kind, oldest first; not to be changed."""
        return self._entries.get(kind, [])

    def add(self, entry: Entry) -> None:
        """Take one more entry; the newest of its kind is the cheap case."""
        entries = self._entries.setdefault(entry.kind, [])
        newest = not entries or in_order(entries[-1]) < in_order(entry)
        insort(entries, entry, key=in_order)
        for kind, labels in list(self._made):
            if kind != entry.kind:
                continue
            if not all(entry.labels.get(name) == word for name, word in labels):
                continue
            if newest:
                self._made[kind, labels].append(entry)
            else:
                del self._made[kind, labels]
