"""The options of one order: who sends what, by which lane, in which packing.

- find the centers that may and can give something (``eligible``);
- let one of them, or several together, source the lines (``sourcing``);
- price every lane and packing of every part (``ways``);
- keep the options that some scarcity could make best, cheapest first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import product
from types import MappingProxyType

from domain.network import FulfillmentCenter
from domain.order import Line
from domain.plan import CostTerm, Excluded
from domain.policy import Limits
from domain.quantities import FcId
from optimizer.eligible import (
    center_violation,
    centers_in_order,
    exclusion,
    free_units,
    line_violation,
)
from optimizer.pricing import Cents, with_term
from optimizer.problem import Task
from optimizer.resources import Kind, Resource, Supply
from optimizer.sourcing import Sourcing, singles, splits
from optimizer.ways import Shared, Way, Ways

UNLIMITED_CENTERS = 99
NOTHING: Mapping[Resource, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Option:
    """A complete way to serve an order: one way for each center, ordered by id.

    ``total_cents`` has the cents of every split in it.
    """

    ways: tuple[Way, ...]
    total_cents: int
    uses: dict[Resource, int] = field(hash=False, compare=False)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two options of an order apart."""
        return tuple(
            (
                *(way.lane.center.id, way.lane.service.id, way.lane.hand_over_at),
                *(way.packing.method, way.lane.p90_at),
                *((line.sku, line.units) for line in way.load.lines),
            )
            for way in self.ways
        )

    @property
    def rank(self) -> tuple[object, ...]:
        """Cheapest first; among equals fewer parcels, sooner, lower ids."""
        return (self.total_cents, len(self.ways), *(way.rank for way in self.ways))


@dataclass(frozen=True, slots=True)
class Choices:
    """What was found for one order.

    ``options`` are for the joint choice, best first; ``runners_up`` also has
    ways that no scarcity could make best, for explanation. ``complete`` is
    False where the limits of effort cut options off.
    """

    options: tuple[Option, ...]
    runners_up: tuple[Option, ...]
    excluded: tuple[Excluded, ...]
    free: dict[FcId, tuple[int, ...]]
    complete: bool


def find_options(
    shared: Shared,
    task: Task,
    limits: Limits,
    keep: int,
    spare: int,
    taken: Mapping[Resource, int] = NOTHING,
    *,
    hurried: bool = False,
) -> Choices:
    """Enumerate an order's options under some limits.

    Parameters
    ----------
    shared
        What all orders of the problem share.
    task, limits
        The order and its limits, perhaps with some of them relaxed.
    keep
        The most options to keep for the joint choice.
    spare
        The most runners-up to keep for explanation.
    taken
        What others already have of each resource.
    hurried
        Whether to look at splits only where no center has everything.
    """
    if any(line.sku not in shared.problem.skus for line in task.lines):
        return Choices((), (), (), {}, complete=True)
    ways = Ways(shared, task, limits)
    free, excluded = _free(shared, task, limits, taken)
    centers = {center.id: center for center in centers_in_order(shared.problem)}
    split_cents = task.policy.money.split_cents
    options: list[Option] = []
    others: list[Way] = []
    for sourcing in singles(task.lines, free):
        center, lines = centers[sourcing[0][0]], sourcing[0][1]
        distinct = ways.distinct(center, lines)
        options.extend(_option((way,), split_cents, shared.supply) for way in distinct)
        others.extend(ways.of(center, lines)[: 3 * spare + 1])
    others = nsmallest(3 * spare + 1, others, key=lambda way: way.rank)
    runners = [_option((way,), split_cents, shared.supply) for way in others]
    skipped = hurried and bool(options)
    if not limits.keep_together and not skipped:
        shared_out = list(
            _split_options(ways, task, limits, free, centers, shared.supply)
        )
        options.extend(shared_out)
        runners.extend(shared_out)
    excluded.extend(_stopped_lanes(ways, task, free, centers))
    kept = _diverse(options, keep)
    return Choices(
        options=kept,
        runners_up=tuple(nsmallest(3 * spare + 1, runners, key=lambda o: o.rank)),
        excluded=tuple(excluded),
        free=free,
        complete=len(kept) == len(options) and not skipped,
    )


def _free(
    shared: Shared, task: Task, limits: Limits, taken: Mapping[Resource, int]
) -> tuple[dict[FcId, tuple[int, ...]], list[Excluded]]:
    """Return the units each center could give of each line, and who gives none."""
    problem = shared.problem
    free: dict[FcId, tuple[int, ...]] = {}
    excluded: list[Excluded] = []
    for center in centers_in_order(problem):
        violated = center_violation(task, limits, center)
        units: list[int] = []
        for line in task.lines if violated is None else ():
            sku = problem.skus[line.sku]
            stopped = line_violation(problem, task, center, sku)
            has = free_units(problem, center.id, sku.id)
            gone = taken.get(Resource(Kind.STOCK, center.id, sku=sku.id), 0)
            could = line.units if has is None else min(max(0, has - gone), line.units)
            units.append(could if stopped is None else 0)
            violated = violated or stopped
        if any(units):
            free[center.id] = tuple(units)
        elif violated is not None:
            excluded.append(exclusion(center.id, None, violated))
    return free, excluded


def _stopped_lanes(
    ways: Ways,
    task: Task,
    free: dict[FcId, tuple[int, ...]],
    centers: dict[FcId, FulfillmentCenter],
) -> Iterator[Excluded]:
    """Ask each center, for the most it could send, which of its lanes are stopped."""
    for fc, units in free.items():
        if all(has == line.units for has, line in zip(units, task.lines, strict=True)):
            part = task.lines
        else:
            part = tuple(
                Line.model_construct(sku=line.sku, units=has)
                for has, line in zip(units, task.lines, strict=True)
                if has
            )
        yield from ways.excluded(centers[fc], part)


def _split_options(
    ways: Ways,
    task: Task,
    limits: Limits,
    free: dict[FcId, tuple[int, ...]],
    centers: dict[FcId, FulfillmentCenter],
    supply: Supply,
) -> Iterator[Option]:
    def cents(fc: FcId, lines: tuple[Line, ...]) -> int | None:
        found = ways.of(centers[fc], lines)
        return found[0].total_cents if found else None

    most = limits.max_centers or UNLIMITED_CENTERS
    split_cents = task.policy.money.split_cents
    for sourcing in splits(task.lines, free, most, cents):
        yield from _combinations(ways, sourcing, centers, split_cents, supply)


def _combinations(
    ways: Ways,
    sourcing: Sourcing,
    centers: dict[FcId, FulfillmentCenter],
    split_cents: int,
    supply: Supply,
) -> Iterator[Option]:
    parts = [ways.distinct(centers[fc], lines) for fc, lines in sourcing]
    for chosen in product(*parts):
        yield _option(chosen, split_cents, supply)


def _option(ways: tuple[Way, ...], split_cents: int, supply: Supply) -> Option:
    uses: dict[Resource, int] = {}
    for way in ways:
        uses.update(supply.uses(way.lane.center.id, way.needs, way.load.lines))
    total = sum(way.total_cents for way in ways) + split_cents * (len(ways) - 1)
    return Option(ways, total, uses)


def _diverse(options: list[Option], keep: int) -> tuple[Option, ...]:
    """Keep the best option of every set of centers first, then the cheapest."""
    ranked = sorted(options, key=lambda option: option.rank)
    if len(ranked) <= keep:
        return tuple(ranked)
    first: dict[tuple[FcId, ...], Option] = {}
    for option in ranked:
        first.setdefault(tuple(way.lane.center.id for way in option.ways), option)
    chosen = {id(option) for option in list(first.values())[:keep]}
    for option in ranked:
        if len(chosen) >= keep:
            break
        chosen.add(id(option))
    return tuple(option for option in ranked if id(option) in chosen)


def parcel_terms(option: Option, split_cents: int) -> list[Cents]:
    """Return each parcel's cents; every parcel after the first bears a split."""
    return [
        with_term(way.cents, CostTerm.SPLIT, split_cents) if n else way.cents
        for n, way in enumerate(option.ways)
    ]
