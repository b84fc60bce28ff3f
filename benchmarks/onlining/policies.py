"""The policies that are compared, each on the same arrivals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.onlining import kernels
from benchmarks.onlining.dlp import Relaxed
from benchmarks.onlining.forecast import Forecast
from benchmarks.onlining.market import Floats, Ints, Market


@dataclass(frozen=True)
class Day:
    """A market, its linear program, what was forecast of it, and who ordered."""

    market: Market
    relaxed: Relaxed
    prices: Floats
    arrivals: Ints
    seed: int
    solves: int


Policy = Callable[[Day], float]


def by_rounding(how: int, *, rechoose: bool = False) -> Policy:
    """Round the linear program's shares; what is out is not served, or chosen anew."""

    def dollars(day: Day) -> float:
        return _serve(day, how, rechoose=rechoose, share=day.relaxed.share)

    return dollars


def nearest(day: Day) -> float:
    """Send every item from the nearest center that carries it."""
    return _serve(day, kernels.NEAREST)


def greedy(day: Day) -> float:
    """Take the cheapest centers that have the goods."""
    return _serve(day, kernels.PRICED)


def static_duals(day: Day) -> float:
    """Take the cheapest centers under the prices of the linear program."""
    return _serve(day, kernels.PRICED, price=day.relaxed.prices)


def ours(day: Day) -> float:
    """Take the cheapest centers under prices that are found anew at fixed points."""
    left, dollars = day.market.stock.copy(), 0.0
    for some, price in legs(day, left):
        dollars += serve_priced(day, price, left, some)
    return dollars


def serve_priced(day: Day, price: Floats, left: Ints, some: Ints) -> float:
    """Serve some orders under prices; what they take is taken off what is left."""
    return _serve(day, kernels.PRICED, price=price, stock=left, some=some)


def legs(day: Day, left: Ints) -> Iterator[tuple[Ints, Floats]]:
    """Yield arrivals between two fixed points, with the prices of the first.

    ``left`` must be what is left of the stock whenever the next leg is asked for.
    """
    forecast, market = Forecast(day.market), day.market
    forecast.price = day.prices
    points = np.linspace(0, len(day.arrivals), day.solves + 1).astype(int)
    for n, (start, end) in enumerate(pairwise(points)):
        if n:
            # Of those still to come we know only how many are expected.
            expected = market.arrivals * (1 - n / day.solves)
            forecast.prices(expected, left)
        yield day.arrivals[start:end], forecast.price


def _serve(
    day: Day,
    how: int,
    *,
    rechoose: bool = False,
    share: Floats | None = None,
    price: Floats | None = None,
    stock: Ints | None = None,
    some: Ints | None = None,
) -> float:
    market = day.market
    arrivals = day.arrivals if some is None else some
    dice = np.random.default_rng((day.seed, how))
    rolls = len(arrivals) if share is not None else 0
    nothing: Any = np.zeros((0, 0, 0, 0))
    return float(
        kernels.serve(
            how,
            rechoose,
            arrivals,
            market.items,
            market.stock.copy() if stock is None else stock,
            market.unit,
            market.fixed,
            market.nearest,
            nothing if share is None else share,
            np.zeros(market.stock.shape) if price is None else price,
            dice.exponential(size=(rolls, market.centers + 1)),
            dice.random((rolls, market.items.shape[1])),
        )
    )


POLICIES: dict[str, Policy] = {
    "nearest": nearest,
    "independent-rounding": by_rounding(kernels.INDEPENDENT),
    "force-open": by_rounding(kernels.FORCE_OPEN),
    "dilate": by_rounding(kernels.DILATE),
    "independent-rounding-rechoosing": by_rounding(kernels.INDEPENDENT, rechoose=True),
    "force-open-rechoosing": by_rounding(kernels.FORCE_OPEN, rechoose=True),
    "dilate-rechoosing": by_rounding(kernels.DILATE, rechoose=True),
    "greedy": greedy,
    "static-duals": static_duals,
    "ours": ours,
}
