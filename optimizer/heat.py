"""How hard the weather of a way is on what keeps goods cold.

Heat flows through a wall in proportion to the difference between its two sides
(Newton's law of cooling: I. Newton, "Scala graduum caloris", Philosophical
Transactions 22 (1701), 824-829). An insulated carton is rated at one difference; in
a larger one its coolant is spent so much sooner. Added up over the hours of the way,
the differences are degree-hours, and their mean over the rated difference is the
factor by which coolant costs more and lasts less long.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from domain.forecast import Forecast, Outside
from domain.network import FulfillmentCenter
from domain.quantities import Place
from domain.sku import KEPT_TENTHS_C, TemperatureBand
from optimizer.parcels import HARDLY, Ints
from optimizer.timetable import microseconds

# The bands that must be kept, in the columns of what the kernel reads.
COLD = (TemperatureBand.CHILLED, TemperatureBand.FROZEN)
COLUMN = {TemperatureBand.AMBIENT: -1, **{band: n for n, band in enumerate(COLD)}}
UNKNOWN = -1
_HOUR_US = 3_600_000_000


class Heat(NamedTuple):
    """What a way's weather asks of cold goods.

    ``degree_hours`` are tenths of a degree times hours outside of each band of
    ``COLD``, on the worse side of every hour; ``outside`` is the whole way's.
    """

    degree_hours: tuple[int, ...]
    outside: Outside

    def permille(self, band: TemperatureBand, gap_tenths_c: int, hours: int) -> int:
        """Return how hard it is on a carton rated at a difference, in thousandths."""
        column = COLUMN[band]
        if column < 0 or gap_tenths_c <= 0 or hours <= 0:
            return 1_000
        rated = gap_tenths_c * hours
        return max(HARDLY, -(-1_000 * self.degree_hours[column] // rated))


class Weather:
    """Forecasts of places, hour by hour as rows of one table.

    ``first`` is the first hour of the table, in hours since 1970.
    """

    def __init__(
        self,
        forecasts: Mapping[Place, Forecast],
        centers: Sequence[FulfillmentCenter],
    ) -> None:
        hours = [_hour(h.at) for f in forecasts.values() for h in f.hours]
        self._first = min(hours, default=0)
        self._span = max(hours, default=-1) + 1 - self._first
        self._of = {place: self._row(each) for place, each in forecasts.items()}
        nothing = self._row(Forecast())
        self._centers = np.array(
            [self._of.get(center.place, nothing) for center in centers], np.int64
        ).reshape(-1, 3, self._span)

    def __contains__(self, place: Place) -> bool:
        return place in self._of

    def on(self, place: Place, center: Ints, hand_us: Ints, hours: Ints) -> Ints:
        """Return the degree-hours of many lanes to a place: a column for each band.

        −1 where the weather of some hour at either end is not known.
        """
        met = self._met(place, np.arange(len(self._centers)))
        start = hand_us // _HOUR_US - self._first
        end = start + hours
        inside = (start >= 0) & (end <= self._span)
        start, end = np.where(inside, start, 0), np.where(inside, end, 0)
        sums = np.zeros((*met.shape[:2], self._span + 1), np.int64)
        np.cumsum(met, axis=2, out=sums[:, :, 1:])
        passed = sums[:, center, end] - sums[:, center, start]
        known = inside & (passed[-1] == 0)
        found: Ints = np.where(known, passed[:-1], UNKNOWN).T
        return np.ascontiguousarray(found)

    def heat(self, place: Place, center: int, hand_us: int, hours: int) -> Heat | None:
        """Return one lane's heat, None where some hour of it is not known."""
        start = hand_us // _HOUR_US - self._first
        if hours <= 0 or start < 0 or start + hours > self._span:
            return None
        met = self._met(place, np.array([center]))[:, 0, start : start + hours]
        if met[-1].any():
            return None
        least, most = self._worse(place, np.array([center]))[:2]
        way = slice(start, start + hours)
        return Heat(
            tuple(met[:-1].sum(axis=1).tolist()),
            Outside(
                least_tenths_c=int(least[0, way].min()),
                most_tenths_c=int(most[0, way].max()),
            ),
        )

    def _met(self, place: Place, center: Ints) -> Ints:
        """Return tenths outside of each band (row), by center and hour; then gaps."""
        least, most, lacking = self._worse(place, center)
        rows = []
        for band in COLD:
            coldest, warmest = KEPT_TENTHS_C[band]
            outside = np.zeros_like(least)
            if warmest is not None:
                outside = np.maximum(outside, most - warmest)
            if coldest is not None:
                outside = np.maximum(outside, coldest - least)
            rows.append(outside)
        return np.array([*rows, lacking])

    def _worse(self, place: Place, center: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the colder and the warmer end, and what either lacks, by the hour."""
        there, here = self._of[place], self._centers[center]
        return (
            np.minimum(there[0], here[:, 0]),
            np.maximum(there[1], here[:, 1]),
            np.maximum(there[2], here[:, 2]),
        )

    def _row(self, forecast: Forecast) -> Ints:
        """Return the least, the most, and 1 where an hour is not known."""
        row = np.zeros((3, self._span), np.int64)
        row[2] = 1
        for hour in forecast.hours:
            at = _hour(hour.at) - self._first
            row[:, at] = hour.least_tenths_c, hour.most_tenths_c, 0
        return row


def _hour(at: datetime) -> int:
    return microseconds(at) // _HOUR_US
