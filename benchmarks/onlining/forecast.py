"""Prices of stock, worked out by our price engine from the orders still expected.

A kind of order from a city is an order of the contest, as large as so many of them
are expected; its columns are the ways that turned out cheapest under some prices.
What is proven about the prices is proven anew from every possible way.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.onlining.kernels import priced_out
from benchmarks.onlining.market import Floats, Ints, Market
from domain.quantities import FcId, SkuId
from optimizer.ascent import Ascent
from optimizer.bounds import MILLI
from optimizer.contest import Contest, Row
from optimizer.resources import Kind, Resource

# The contest counts money in hundredths of a cent, and units in thousandths.
TO_A_DOLLAR, TO_A_UNIT = 10_000, 1_000
# Rounds of new ways, and steps of the ascent in each: at first, and from then on.
COLD, WARM = (30, 60), (8, 60)
# How far above the highest bound the ascent aims: cold and warm at first, at last.
FAR, NEAR, AT_LAST = 0.15, 0.02, 0.002


@dataclass(frozen=True)
class Priced:
    """Dollars for one more unit, by center and item, and what they prove."""

    dollars: Floats
    bound: float


class Forecast:
    """The orders still expected, and all ways found for them so far."""

    def __init__(self, market: Market) -> None:
        self.market = market
        kinds, cities = market.chance.shape
        self._most = market.items.shape[1]
        self._ways = np.full((0, self._most + 1), -1, dtype=np.int64)
        self._known: set[bytes] = set()
        self._shape = (kinds, cities)
        self.price = np.zeros(market.stock.shape)
        self._add(self._answers(self.price, np.zeros_like(market.stock))[0])
        self._warm = False

    def prices(self, arrivals: float, stock: Ints) -> Priced:
        """Climb from the last prices to those of so many arrivals and that stock."""
        weight = arrivals * self.market.chance
        rounds, steps = WARM if self._warm else COLD
        best = Priced(self.price, -np.inf)
        aims = np.geomspace(NEAR if self._warm else FAR, AT_LAST, rounds)
        for above in aims.tolist():
            found, dollars = self._answers(self.price, stock)
            bound = float((weight * dollars).sum() - (self.price * stock).sum())
            if bound > best.bound:
                best = Priced(self.price, bound)
            self._add(found)
            self.price = self._climbed(best, weight, stock, steps, above)
        self.price, self._warm = best.dollars, True
        return best

    def _answers(self, price: Floats, stock: Ints) -> tuple[Ints, Floats]:
        kinds, cities = self._shape
        found = np.full((kinds, cities, self._most), -1, dtype=np.int64)
        dollars = np.zeros((kinds, cities))
        market = self.market
        priced_out(
            market.items, stock, market.unit, price, market.fixed, found, dollars
        )
        return found, dollars

    def _add(self, found: Ints) -> None:
        """Remember ways not known yet; the order's number comes first."""
        kinds, cities = self._shape
        number = np.arange(kinds * cities)[:, None]
        rows = np.hstack([number, found.reshape(-1, self._most)])
        new = [row for row in rows if row.tobytes() not in self._known]
        self._known.update(row.tobytes() for row in new)
        if new:
            ways = np.vstack([self._ways, np.array(new)])
            self._ways = ways[np.argsort(ways[:, 0], kind="stable")]

    def _climbed(
        self, best: Priced, weight: Floats, stock: Ints, steps: int, above: float
    ) -> Floats:
        contest = self._contest(weight, stock)
        scale = TO_A_DOLLAR * MILLI
        start = np.rint(best.dollars.ravel() * scale).astype(np.int64)
        ascent = Ascent(contest, 3 * int(contest.cents.max()), start)
        upper = best.bound * (1 + above) * TO_A_DOLLAR * TO_A_UNIT
        ascent.ascend(int(upper), steps)
        return ascent.prices_millicents.reshape(stock.shape) / scale

    def _contest(self, weight: Floats, stock: Ints) -> Contest:
        market, cities = self.market, self._shape[1]
        order, way = self._ways[:, 0], self._ways[:, 1:]
        kind, city = order // cities, order % cities
        used = way >= 0
        opened = np.zeros((len(way), market.centers + 1), dtype=bool)
        opened[np.nonzero(used)[0], way[used]] = True
        dollars = opened @ market.fixed + np.where(
            used, market.unit[way, city[:, None]], 0.0
        ).sum(axis=1)
        # What is hardly ever ordered counts a thousandth, so that nothing is empty.
        units = np.maximum(1.0, np.rint(weight.ravel()[order] * TO_A_UNIT))
        column, place = np.nonzero(used & (way < market.centers))
        row = way[column, place] * stock.shape[1] + market.items[kind[column], place]
        return Contest(
            tasks=tuple(range(market.chance.size)),
            first=np.searchsorted(order, np.arange(market.chance.size + 1)),
            cents=np.rint(dollars * units * TO_A_DOLLAR).astype(np.int64),
            option=np.arange(len(way)),
            rows=tuple(
                Row(resource_of(center, item), False, int(left) * TO_A_UNIT)
                for (center, item), left in np.ndenumerate(stock)
            ),
            entry_row=row,
            entry_column=column,
            entry_amount=units[column].astype(np.int64),
        )


def resource_of(center: int, item: int) -> Resource:
    """Name the units of an item at a center."""
    return Resource(Kind.STOCK, FcId(f"FC-{center}"), sku=SkuId(f"ITEM-{item}"))
