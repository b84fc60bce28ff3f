"""Prices that carriers told, kept until they expire; each quote is used once.

- a price answers only the very question it was told for: connection, service,
  center, destination, pieces, options and day of handover
- it serves until the carrier no longer stands by it, and half an hour at most
- a quote's id buys one parcel: it is handed out once, the price stays known
- when too many are kept, the longest unused goes first
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple

from domain.quantities import ServiceId
from domain.shipping import Quote, RateRequest

MOST, LONGEST = 20_000, timedelta(minutes=30)


class Asked(NamedTuple):
    """One question to one connection about one service, as prices are kept by."""

    connection: str
    what: RateRequest


def asked(connection: str, service: ServiceId, question: RateRequest) -> Asked:
    """Return what a price is kept by: all of the question but the time of day."""
    day = datetime.combine(question.ready_at.date(), time(), question.ready_at.tzinfo)
    what = {"services": (service,), "ready_at": day}
    return Asked(connection, question.model_copy(update=what))


@dataclass(frozen=True, slots=True)
class _Kept:
    quote: Quote
    at: datetime
    used: bool = False

    def stands(self, now: datetime, longest: timedelta) -> bool:
        # The clock of a simulated world may be set back: then nothing is known.
        return not self.quote.expired(now) and abs(now - self.at) < longest


class Quotes:
    """The prices told so far.

    ``counts`` tells how many questions were answered from here (``hit``), had no
    answer (``miss``), or had one that no longer held (``expired``).

    Parameters
    ----------
    most
        How many are kept.
    longest
        How long one serves at most, whatever the carrier says.
    """

    def __init__(self, most: int = MOST, longest: timedelta = LONGEST) -> None:
        self.counts: Counter[str] = Counter()
        self._most = most
        self._longest = longest
        self._kept: OrderedDict[Asked, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def price(self, key: Asked, now: datetime) -> Quote | None:
        """Return the price told for this question; None where none still holds."""
        kept = self._standing(key, now)
        if kept is None:
            return None
        self.counts["hit"] += 1
        self._kept.move_to_end(key)
        return kept.quote

    def hand_out(self, key: Asked, now: datetime) -> Quote | None:
        """Return a quote to buy one parcel by; nobody is given the same again."""
        kept = self._kept.get(key)
        if kept is None or kept.used or not kept.stands(now, self._longest):
            return None
        self._kept[key] = replace(kept, used=True)
        return kept.quote

    def keep(
        self, key: Asked, quote: Quote, now: datetime, *, used: bool = False
    ) -> None:
        """Remember a price; ``used`` where its quote is bought by already."""
        self._kept[key] = _Kept(quote, now, used)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def _standing(self, key: Asked, now: datetime) -> _Kept | None:
        kept = self._kept.get(key)
        if kept is None:
            self.counts["miss"] += 1
            return None
        if not kept.stands(now, self._longest):
            del self._kept[key]
            self.counts["expired"] += 1
            return None
        return kept
