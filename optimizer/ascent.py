"""Prices of a contest's rows, climbing to the highest bound."""

from collections.abc import Iterable
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from optimizer.bounds import MILLI
from optimizer.contest import Contest, Ints, Row
from optimizer.kernels import ascent as kernel
from optimizer.kernels.ascent import Climb, Field
from optimizer.prices import Prices
from optimizer.resources import Resource


def named(rows: Iterable[Row], millicents: Ints) -> Prices:
    """Name the prices of rows; rows that cost nothing are left out."""
    usual: dict[Resource, int] = {}
    strict: dict[Resource, int] = {}
    for row, price in zip(rows, millicents.tolist(), strict=True):
        # A vehicle's price is for a whole one: no worth of a gram more.
        if price > 0 and row.step == 1:
            (strict if row.strict else usual)[row.resource] = price
    return Prices(MappingProxyType(usual), MappingProxyType(strict))


def on_rows(prices: Prices | None, rows: Iterable[Row]) -> Ints:
    """Return known prices row by row, in millicents; 0 where none is known."""
    known = prices or Prices()
    return np.array(
        [
            (known.strict_millicents if row.strict else known.millicents).get(
                row.resource, 0
            )
            for row in rows
        ],
        dtype=np.int64,
    )


class Ascent:
    """Prices on the way to the highest bound.

    ``reward_cents`` is what leaving an order out costs here: more than any order
    could save by its choice, but not so much that prices lose their measure.
    """

    def __init__(self, contest: Contest, reward_cents: int, start: Ints) -> None:
        rows, price = len(contest.rows), start.astype(np.float64)
        # Full vehicles cost each rider its part of them.
        unknown = (contest.step > 1) & (price == 0)
        price[unknown] = contest.more_cents[unknown] * MILLI
        self._field = _field(contest)
        self._reward = float(reward_cents * MILLI)
        meter = np.zeros(5)
        meter[kernel.BOUND], meter[kernel.LENGTH] = -np.inf, 1.0
        meter[kernel.WEIGHT] = 1.0
        self._climb = Climb(
            price=price,
            best=price.copy(),
            direction=np.zeros(rows),
            taken=np.zeros(rows),
            share=np.zeros(contest.columns),
            meter=meter,
        )

    def ascend(self, upper_cents: int, steps: int) -> bool:
        """Make some steps; return whether more of them would gain nothing.

        ``upper_cents`` is the cost of a known choice with the reward for each
        order it leaves out.
        """
        upper = float(upper_cents * MILLI)
        done = kernel.ascend(self._field, self._climb, self._reward, upper, steps)
        return bool(done or self._climb.meter[kernel.LENGTH] < kernel.SHORTEST)

    @property
    def prices_millicents(self) -> Ints:
        """The prices with the highest bound so far."""
        return np.rint(self._climb.best).astype(np.int64)

    @property
    def share(self) -> npt.NDArray[np.float64]:
        """How much of each column the last steps together would take, 0 to 1."""
        weight = self._climb.meter[kernel.WEIGHT] / kernel.AVERAGE
        share: npt.NDArray[np.float64] = self._climb.share / weight
        return share

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return int(self._climb.meter[kernel.STEPS])


def _field(contest: Contest) -> Field:
    """Lay the contest out for the kernel; rows of many units move in small steps.

    What comes in whole vehicles is measured in vehicles.
    """
    rows = len(contest.rows)
    amount = contest.entry_amount / contest.step[contest.entry_row]
    touched = np.bincount(contest.entry_row, minlength=rows)
    taken = np.bincount(contest.entry_row, weights=amount, minlength=rows)
    usual = np.where(touched > 0, taken / np.maximum(touched, 1), 1.0)
    limits = contest.limits / contest.step
    takers = np.maximum(limits / usual, 1.0)
    return Field(
        first=contest.first,
        millicents=(contest.cents * MILLI).astype(np.float64),
        start=contest.entries_from,
        row=contest.entry_row,
        amount=amount,
        limit=limits,
        more=contest.more / contest.step,
        more_millicents=(contest.more_cents * MILLI).astype(np.float64),
        scale=1.0 / (usual * usual * np.sqrt(takers)),
    )
