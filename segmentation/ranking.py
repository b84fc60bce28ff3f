"""Ranks the population: where the fifths of customers and the ABC classes begin."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.history import Scores
from domain.quantities import SkuId

CLASSES = 5
A_PERCENT = 80
B_PERCENT = 95


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """What a customer who ever ordered is ranked by."""

    recency_days: float
    orders_365d: int
    money_365d_cents: int


def scores(
    customers: Iterable[CustomerSummary], skus: Mapping[SkuId, int], now: datetime
) -> Scores:
    """Find where the population's classes begin.

    Customers are cut into fifths by each measure, and equals are never parted.
    A bound of orders and money is the largest value of the fifth below it:
    equals are in the lower class. One of recency is the smallest of the fifth
    above it: who was silent that long is in the worse class from that instant
    on. With fewer than five customers there are no bounds. SKUs are
    taken by units, most first: those that make the first 80 % of all units are
    A, those up to 95 % B; one that crosses the line, and its equals, are still
    in the higher class. SKUs that sold nothing are C.

    Parameters
    ----------
    customers
        Those who ever ordered, in any order.
    skus
        Units of each SKU in the last 90 days.
    now
        When the population was looked at.
    """
    people = list(customers)
    a_units, b_units = _abc(skus)
    return Scores(
        found_at=now,
        recency_days=_fifths([person.recency_days for person in people], 0),
        orders_365d=_fifths([person.orders_365d for person in people], -1),
        money_365d_cents=_fifths([person.money_365d_cents for person in people], -1),
        a_units=a_units,
        b_units=b_units,
    )


def _fifths(values: Sequence[float], beside: int) -> tuple[float, ...]:
    """Return the values on one side of the four cuts between the fifths."""
    if len(values) < CLASSES:
        return ()
    ranked = sorted(values)
    cuts = (len(ranked) * n // CLASSES for n in range(1, CLASSES))
    return tuple(float(ranked[cut + beside]) for cut in cuts)


def _abc(skus: Mapping[SkuId, int]) -> tuple[int | None, int | None]:
    sold = sorted((units for units in skus.values() if units > 0), reverse=True)
    if not sold:
        return None, None
    return _least(sold, A_PERCENT), _least(sold, B_PERCENT)


def _least(sold: list[int], percent: int) -> int:
    """Return the units of the last SKU needed to make this share of all units."""
    wanted, made = sum(sold) * percent, 0
    for units in sold:
        made += units
        if made * 100 >= wanted:
            return units
    return sold[-1]
