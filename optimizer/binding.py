"""What there was too little of for an order, and what one more would save.

- an option that lacks one unit or one place beside what others take: the choice
  among the order's own options is made again with one more of that;
- a center that lacks one unit to send everything: its lanes are priced;
- what the joint choice put a price on, where this order takes it or lacks it.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from domain.network import FulfillmentCenter
from domain.plan import Binding
from domain.quantities import FcId, SkuId
from optimizer.case import Case
from optimizer.eligible import center_violation, line_violation
from optimizer.options import find_options
from optimizer.prices import Prices
from optimizer.resources import Resource
from optimizer.shared import Shared
from optimizer.singles import from_one

# The most near misses that are looked into.
LOOKED_INTO = 3
# The most options that are looked at again.
WAYS = 64


class OneMore(Mapping[tuple[FcId, SkuId], int]):
    """A stock with one unit more of some things; nothing is copied."""

    def __init__(
        self,
        stock: Mapping[tuple[FcId, SkuId], int],
        keys: frozenset[tuple[FcId, SkuId]],
    ) -> None:
        self._stock = stock
        self._keys = keys

    def __getitem__(self, key: tuple[FcId, SkuId]) -> int:
        if key in self._keys:
            return self._stock.get(key, 0) + 1
        return self._stock[key]

    def __iter__(self) -> Iterator[tuple[FcId, SkuId]]:
        yield from self._stock
        yield from sorted(key for key in self._keys if key not in self._stock)

    def __len__(self) -> int:
        return len(self._stock) + sum(key not in self._stock for key in self._keys)


def bindings(case: Case, prices: Prices) -> tuple[Binding, ...]:
    """Return what binds an order, the largest saving first."""
    saved = dict(_own(case))
    least = set[Resource]()
    for resource, cents, exact in _near_misses(case):
        if cents > saved.get(resource, 0):
            saved[resource] = cents
            least.discard(resource) if exact else least.add(resource)
    for resource in _priced(case, prices):
        saved.setdefault(resource, 0)
    told = [
        _binding(resource, cents, prices, at_least=resource in least)
        for resource, cents in saved.items()
    ]
    told.sort(key=lambda b: (-b.saves_cents, -(b.price_millicents or 0), b.what))
    return tuple(told)


def _binding(
    resource: Resource, cents: int, prices: Prices, *, at_least: bool
) -> Binding:
    return Binding.model_construct(
        what=str(resource),
        fc=resource.fc,
        sku=resource.sku,
        carrier=resource.carrier,
        day=resource.day,
        saves_cents=cents,
        at_least=at_least,
        price_millicents=prices.of(resource) or None,
    )


def _own(case: Case) -> Iterator[tuple[Resource, int]]:
    """Yield what the order would save by one more of what its own options lack."""
    wanted: dict[Resource, None] = {}
    for option in case.cheaper:
        lacks = case.missing(option)
        if len(lacks) == 1 and 1 in lacks.values():
            wanted.update(dict.fromkeys(lacks))
    for option in (*case.cheaper, case.chosen):
        # Work beyond capacity costs less where there is one more within it.
        if any(case.added_cents(option) or ()):
            wanted.update(dict.fromkeys(r for r in option.uses if r.day is not None))
    for resource in wanted:
        best = case.now_cents
        for option in (*case.cheaper, case.chosen):
            cents = case.cents(option, resource)
            best = best if cents is None else min(best, cents)
        if best < case.now_cents:
            yield resource, case.now_cents - best


def _priced(case: Case, prices: Prices) -> Iterator[Resource]:
    """Yield what has a price and is taken, or lacked by something cheaper."""
    yield from (r for r in case.chosen.uses if prices.of(r) > 0)
    for option in case.cheaper[:LOOKED_INTO]:
        yield from (r for r in case.missing(option) if prices.of(r) > 0)


def _near_misses(case: Case) -> Iterator[tuple[Resource, int, bool]]:
    """Yield units that would let one center send everything for less.

    With each what it saves, and whether that is all it could save. Splits that it
    makes possible may save more: an order decided alone is looked at again for
    the first of them.
    """
    found = sorted(_tempting(case), key=lambda pair: pair[0])
    together = len(case.shared.problem.tasks) > 1
    for n, (cents, resource) in enumerate(found):
        if _cannot_split(case):
            yield resource, case.now_cents - cents, True
        elif n == 0 and not together:
            yield resource, case.now_cents - _again(case, resource), True
        else:
            yield resource, case.now_cents - cents, False


def _tempting(case: Case) -> Iterator[tuple[int, Resource]]:
    """Yield centers' prices for everything where a single unit was missing."""
    short = list(_one_short(case))[:LOOKED_INTO]
    if not short:
        return
    asker = (case.shared, case.standing.task, case.standing.limits)
    rows = from_one(asker, case.standing.task.lines, [c for c, _ in short])
    of = rows.parts[:, 0, 1]
    for c, sku in short:
        resource = case.shared.stock_of(c, sku)
        mine = np.flatnonzero((of == c) & (rows.cents < case.now_cents)).tolist()
        prices = (case.cents(rows[n], resource) for n in mine)
        best = min((cents for cents in prices if cents is not None), default=None)
        if best is not None and best < case.now_cents:
            yield best, resource


def _with_more(case: Case, keys: Sequence[tuple[FcId, SkuId]]) -> Shared:
    problem = case.shared.problem
    return case.shared.restocked(OneMore(problem.stock, frozenset(keys)))


def _one_short(case: Case) -> Iterator[tuple[int, SkuId]]:
    """Yield the centers that have everything but one unit, nearest first."""
    shared, task = case.shared, case.standing.task
    if not shared.problem.network.counts_stock:
        return
    lacks = np.empty((len(shared.centers), len(task.lines)), dtype=np.int64)
    for n, line in enumerate(task.lines):
        units, _ = shared.stocked(line.sku)
        lacks[:, n] = np.maximum(0, line.units - units)
    far_km = shared.sheet(task.order.ship_to, 1).far_km
    near = [
        (-1.0 if far_km[c] is None else far_km[c], c)
        for c in np.flatnonzero(lacks.sum(axis=1) == 1).tolist()
        if _may_send(case, shared.centers[c])
    ]
    for _, c in sorted(near):
        yield c, task.lines[int(lacks[c].argmax())].sku


def _may_send(case: Case, center: FulfillmentCenter) -> bool:
    problem, task = case.shared.problem, case.standing.task
    if center_violation(task, case.standing.limits, center) is not None:
        return False
    stopped = (
        line_violation(problem, task, center, problem.skus[line.sku])
        for line in task.lines
    )
    return all(violated is None or violated.limit == "stock" for violated in stopped)


def _cannot_split(case: Case) -> bool:
    """Tell whether one unit more could make no split possible."""
    limits, lines = case.standing.limits, case.standing.task.lines
    return limits.keep_together or limits.max_centers == 1 or len(lines) == 1


def _again(case: Case, resource: Resource) -> int:
    """Return what the order's best option costs with one unit more of something."""
    assert resource.sku is not None
    shared = _with_more(case, [(resource.fc, resource.sku)])
    limits = case.standing.limits
    best = case.now_cents
    # They come cheapest first, and nothing makes one cost less.
    for option in find_options(shared, case.standing.task, limits, WAYS, 0).options:
        if option.total_cents >= best:
            break
        cents = case.cents(option, resource)
        best = best if cents is None else min(best, cents)
    return best
