"""Facts of how goods sell and what is in stock of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from domain.history import History
from domain.order import Order
from domain.quantities import SkuId
from domain.segment import Fact
from domain.subject import of_sku
from segmentation import velocity
from segmentation.circumstances import Circumstances
from segmentation.known import Facts, Look
from segmentation.purchases import purchases
from segmentation.telling.parts import Lasting, known
from segmentation.telling.places import METRO_KM, distance_km
from segmentation.velocity import VARIABILITY, VELOCITY

# Days that any measure counts, and some to spare.
COUNTED = timedelta(days=100)

_OF_LINES = (
    "sku_velocity",
    "slowest_sku_velocity",
    "sku_variability",
    "stock_cover_days",
)


def of_one(sku: SkuId, around: Circumstances) -> Look:
    """Tell how one SKU sells; nothing where its history is not known."""
    history = around.histories.get(of_sku(sku))
    if history is None:
        return lambda now: Facts()
    units = free_units(sku, around)

    def tell(now: datetime) -> Facts:
        daily, news_at = _daily(history, now)
        told = velocity.tell(daily, around.scores, units, now)
        if news_at is None:
            return told
        names = ("sku_velocity", "sku_variability", "stock_cover_days", *told.values)
        steps = {n: min(told.steps.get(n, news_at), news_at) for n in names}
        return Facts(told.values, told.drifts, steps)

    return Lasting(tell)


def of_lines(order: Order, around: Circumstances) -> Look:
    """Tell how an order's goods sell: the extremes over its lines."""
    each = [of_one(line.sku, around) for line in order.lines]

    def tell(now: datetime) -> Facts:
        told = [look(now) for look in each]
        ahead = [step for facts in told for step in facts.steps.values()]
        steps = {name: min(ahead) for name in _OF_LINES if ahead}
        return Facts(known(_extremes(told)), {}, steps)

    return Lasting(tell)


def of_stock(order: Order, around: Circumstances) -> dict[str, Fact]:
    """Tell which centers have all units of an order free, and whether near."""
    free = around.free
    if free is None or not around.network.counts_stock:
        return {}
    full = [
        center
        for center in around.network.centers
        if all(free.get((center.id, li.sku), 0) >= li.units for li in order.lines)
    ]
    away_km = [distance_km(order.ship_to, center.place) for center in full]
    near = any(km is not None and km <= METRO_KM for km in away_km)
    told = near or None not in away_km
    return {
        "full_stock_centers": len(full),
        "same_metro_stock": near if told else None,
    }


def stock_of_one(sku: SkuId, around: Circumstances) -> dict[str, Fact]:
    """Tell how much of a SKU is free and at how many centers."""
    if around.free is None:
        return {}
    free = around.free
    return {
        "free_units": free_units(sku, around),
        "stocking_centers": sum(
            free.get((center.id, sku), 0) > 0 for center in around.network.centers
        ),
    }


def free_units(sku: SkuId, around: Circumstances) -> int | None:
    """Return the units free at all centers, None where nobody knows."""
    free = around.free
    if free is None:
        return None
    return sum(free.get((center.id, sku), 0) for center in around.network.centers)


def _daily(history: History, now: datetime) -> tuple[Counter[date], datetime | None]:
    """Add up the units ordered per day, an order that does not say them as one.

    Of the days too old to be counted only the first one matters: it says since
    when the SKU sells.
    """
    orders = purchases(history, now)
    daily: Counter[date] = Counter()
    recent = orders.within(COUNTED, now)
    first = orders.counted[:1] if len(recent) < len(orders.counted) else ()
    for order in (*first, *recent):
        daily[order.at.astimezone(UTC).date()] += (
            1 if order.units is None else order.units
        )
    return daily, orders.news_at


def _extremes(told: Sequence[Facts]) -> dict[str, Fact]:
    values = [facts.values for facts in told]
    fast = [_rank(one.get("sku_velocity"), VELOCITY) for one in values]
    erratic = [_rank(one.get("sku_variability"), VARIABILITY) for one in values]
    return {
        "sku_velocity": _most(fast, VELOCITY),
        "slowest_sku_velocity": _least(fast, VELOCITY),
        "sku_variability": _most(erratic, VARIABILITY),
        "stock_cover_days": _shortest_cover(told),
    }


def _rank(word: Fact, words: tuple[str, ...]) -> int | None:
    return words.index(word) if isinstance(word, str) else None


def _most(ranks: list[int | None], words: tuple[str, ...]) -> str | None:
    """Return the highest word, None where one that is not known may be higher."""
    top = max((rank for rank in ranks if rank is not None), default=-1)
    return words[top] if None not in ranks or top == len(words) - 1 else None


def _least(ranks: list[int | None], words: tuple[str, ...]) -> str | None:
    least = min((rank for rank in ranks if rank is not None), default=len(words))
    return words[least] if None not in ranks or least == 0 else None


def _shortest_cover(told: Sequence[Facts]) -> float | None:
    covers: list[float] = []
    for facts in told:
        cover = facts.values.get("stock_cover_days")
        if isinstance(cover, int | float):
            covers.append(cover)
        elif facts.values.get("daily_units") != 0:
            return None
    return min(covers, default=None)
