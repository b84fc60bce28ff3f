"""What options would have to pay under prices for what they take."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.demand import Demand
from optimizer.kernels.layout import Wave
from optimizer.parcels import Ints
from optimizer.prices import Prices
from optimizer.resources import Resource

MILLI = 1000


def tolls(
    prices: Prices, wave: Wave, resources: Sequence[Resource], strict: np.ndarray
) -> Ints:
    """Return what every way of a wave pays, with what its pair takes, in millicents.

    Whole cents, so that what is paid stays a sum of cents. ``strict`` says which
    orders may not use what is beyond.
    """
    count = int(wave.way_from[-1])
    if not prices:
        return np.zeros(count, dtype=np.int64)
    price = _by_code(prices, resources)
    order = np.repeat(np.arange(len(wave.pair_from) - 1), np.diff(wave.pair_from))
    bound = strict[order].astype(np.int64)
    pair = np.repeat(np.arange(len(order)), np.diff(wave.entry_from))
    of_pair = np.zeros(len(order), dtype=np.int64)
    np.add.at(of_pair, pair, price[bound[pair], wave.code] * wave.amount)
    classes = len(wave.class_from) - 1
    klass = np.repeat(np.arange(classes), np.diff(wave.class_from))
    # By whether there is one for each line, whether it is strict, and class.
    each = np.zeros((2, 2, classes), dtype=np.int64)
    for tied in (0, 1):
        at = (wave.class_by_lines.astype(np.int64), np.full(len(klass), tied), klass)
        np.add.at(each, at, price[tied, wave.class_code])
    pair = np.repeat(np.arange(len(order)), np.diff(wave.way_from))
    mine, lines = bound[pair], wave.lines[pair]
    paid = of_pair[pair] + each[0, mine, wave.klass] + each[1, mine, wave.klass] * lines
    whole: Ints = paid // MILLI * MILLI
    return whole


def under_prices(
    demand: Demand, prices: Prices, beyond_allowed: Sequence[bool]
) -> tuple[Demand, Ints]:
    """Return options with what they take paid for, cheapest first, and which is which.

    Option c of what is returned is option ``turns[c]`` of what was given.
    """
    price = _by_code(prices, demand.resources)
    order = demand.order_of_option()
    bound = (~np.array(beyond_allowed, dtype=bool)).astype(np.int64)[order]
    option = demand.option_of_entry()
    paid = np.zeros(len(demand.cents), dtype=np.int64)
    np.add.at(paid, option, price[bound[option], demand.code] * demand.amount)
    cents = demand.cents + paid // MILLI
    turns = np.lexsort((cents, order))
    sizes = np.diff(demand.start)[turns]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    entry = np.arange(start[-1]) + np.repeat(demand.start[turns] - start[:-1], sizes)
    ranked = replace(
        demand,
        cents=cents[turns],
        start=start,
        code=demand.code[entry],
        amount=demand.amount[entry],
    )
    return ranked, turns


def _by_code(prices: Prices, resources: Sequence[Resource]) -> Ints:
    """Return the price of everything numbered: for all, and for strict orders."""
    usual = [prices.millicents.get(resource, 0) for resource in resources]
    more = [prices.strict_millicents.get(resource, 0) for resource in resources]
    both = np.array([usual, more], dtype=np.int64).reshape(2, -1)
    both[1] += both[0]
    return both
