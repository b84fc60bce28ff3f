"""How others route a wave: one order after the other, as they came in.

All of them respect every limit and are priced and packed by the same code as
ours, so that only the choice differs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.waving.network import REACH_KM, SUPPLIER
from domain.order import Line
from domain.plan import Plan, Rung, SolverRecord, Unplaced
from optimizer.explain import terms_of
from optimizer.lanes import distance_km
from optimizer.offers import Lines, Offers
from optimizer.options import Option, find_options
from optimizer.pricing import as_cost
from optimizer.problem import Problem, Result, Task
from optimizer.resources import Kind, Resource
from optimizer.shared import Shared
from optimizer.telling import parcels
from optimizer.ways import Ways

Part = tuple[int, Lines, int, int, int, list[Resource]]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
# How many options are looked at first, and where none of them still fits.
KEPT = (512, 4_096)


class Desk:
    """What is left while orders are served in turn."""

    def __init__(self, problem: Problem) -> None:
        self.shared = Shared.of(problem)
        self.taken: dict[Resource, int] = {}

    def fits(self, uses: dict[Resource, int]) -> bool:
        return all(self._left(r) >= amount for r, amount in uses.items())

    def take(self, uses: dict[Resource, int]) -> None:
        for resource, amount in uses.items():
            self.taken[resource] = self.taken.get(resource, 0) + amount

    def _left(self, resource: Resource) -> int:
        limit = self.shared.supply.limit(resource) or 0
        return max(0, limit) - self.taken.get(resource, 0)

    def covered(self, lines: Lines, center: int) -> Lines:
        """Return the lines that a center still has all units of."""
        return tuple(
            line
            for line in lines
            if self.shared.stocked(line.sku)[1][center]
            and self._left(self.shared.stock_of(center, line.sku)) >= line.units
        )

    def having(self, line: Line) -> Mask:
        """Tell which centers have all units of a line, were nobody else there."""
        units, able = self.shared.stocked(line.sku)
        return (units >= line.units) & (able > 0)

    def option(self, task: Task, ways: Ways, parts: Sequence[Part]) -> Option:
        told = tuple(
            ways.way(c, lines, lane, packing)
            for c, lines, lane, packing, *_ in sorted(parts, key=lambda part: part[0])
        )
        uses: dict[Resource, int] = {}
        for way in told:
            uses.update(
                self.shared.supply.uses(
                    *(way.lane.center.id, way.needs, way.load.lines),
                    way.billable_g,
                )
            )
        splits = task.policy.money.split_cents * (len(told) - 1)
        return Option(told, splits + sum(way.total_cents for way in told), uses)

    def cheapest(self, task: Task, center: int, lines: Lines) -> Part | None:
        """Return the cheapest carrier that still comes, None where none may."""
        priced = Offers(self.shared, task, task.policy.limits).price(
            [(lines, (center,))]
        )
        for n in range(int(priced.found.held[0])):
            codes = self.shared.codes
            needed = codes.of_class[center, int(priced.found.klass[0, n])].tolist()
            needs = [codes.resources[code] for code in needed if code >= 0]
            uses = {r: len(lines) if r.kind is Kind.FC_LINES else 1 for r in needs}
            if self.fits(uses):
                lane = int(priced.found.lane[0, n])
                packing = int(priced.found.packing[0, n] - priced.first[0])
                return (
                    center,
                    lines,
                    lane,
                    packing,
                    int(priced.found.cents[0, n]),
                    needs,
                )
        return None


Choose = Callable[[Desk, Task], Option | None]


def textbook(desk: Desk, task: Task) -> Option | None:
    """Best coverage, then the lowest zone, then the cheapest carrier."""
    return _one_by_one(desk, task, lambda lines, zone, km: (-lines, zone, km))


def nearest(desk: Desk, task: Task) -> Option | None:
    """The nearest center that has anything, then the next one for the rest."""
    return _one_by_one(desk, task, lambda lines, zone, km: (km,))


def fewest(desk: Desk, task: Task) -> Option | None:
    """The fewest parcels that leave the least to the supplier, then the cheapest."""
    return _best(
        desk,
        task,
        lambda option: (_left_over(option), _parcels(option), option.total_cents),
    )


def greedy(desk: Desk, task: Task) -> Option | None:
    """The cheapest of all options that what is left allows."""
    return _best(desk, task, lambda option: (option.total_cents,))


def _left_over(option: Option) -> int:
    """Return the lines that are left to the supplier."""
    return sum(r.fc == SUPPLIER and r.kind is Kind.STOCK for r in option.uses)


def _parcels(option: Option) -> int:
    return len({r.fc for r in option.uses})


def _best(
    desk: Desk, task: Task, rank: Callable[[Option], tuple[int, ...]]
) -> Option | None:
    for keep in KEPT:
        found = find_options(desk.shared, task, task.policy.limits, keep, 0, desk.taken)
        options = [option for option in found.options if desk.fits(option.uses)]
        if options:
            return min(options, key=rank)
    return None


def _one_by_one(
    desk: Desk, task: Task, rank: Callable[[int, int, float], tuple[float, ...]]
) -> Option | None:
    """Let centers give all they have in turn; what is left is for the supplier.

    The last parcel that the policy allows must have all that is still missing.
    """
    ways = Ways(desk.shared, task, task.policy.limits)
    km = _distances(desk.shared, task)
    zones = np.searchsorted(np.array(REACH_KM[:-1]), km)
    supplier = [center.id for center in desk.shared.centers].index(SUPPLIER)
    missing, parts = task.lines, list[Part]()
    closed = {supplier}
    most = task.policy.limits.max_centers or len(km)
    while missing and len(parts) < most:
        needed = len(missing) if len(parts) == most - 1 else 1
        ranked = sorted(
            (*rank(len(has), int(zones[c]), float(km[c])), c)
            for c in range(len(km))
            if c not in closed and len(has := desk.covered(missing, c)) >= needed
        )
        for c in (*(int(each[-1]) for each in ranked), supplier):
            closed.add(c)
            part = desk.cheapest(task, c, desk.covered(missing, c))
            if part is not None:
                parts.append(part)
                missing = tuple(line for line in missing if line not in part[1])
                break
        else:
            return None
    return None if missing else desk.option(task, ways, parts)


def _distances(shared: Shared, task: Task) -> Floats:
    place = task.order.ship_to
    return np.array([distance_km(c.place, place) or 0.0 for c in shared.centers])


def routed(problem: Problem, choose: Choose) -> Result:
    """Serve the orders in turn."""
    desk = Desk(problem)
    return told(problem, _chosen(desk, problem, choose))


def _chosen(desk: Desk, problem: Problem, choose: Choose) -> Iterator[Option | None]:
    for task in problem.tasks:
        option = choose(desk, task)
        if option is not None and desk.fits(option.uses):
            desk.take(option.uses)
            yield option
        else:
            yield None


def told(problem: Problem, chosen: Iterable[Option | None]) -> Result:
    """Write options down as plans, without explanations."""
    answers: list[Plan | Unplaced] = []
    record = SolverRecord(
        rung=Rung.GREEDY, orders=0, cost_cents=0, bound_cents=0, gap_ppm=0
    )
    options = list(chosen)
    served = sum(option is not None for option in options)
    cents = sum(option.total_cents for option in options if option is not None)
    record = record.model_copy(
        update={"orders": len(options), "served": served, "served_bound": served}
    ).model_copy(update={"cost_cents": cents, "bound_cents": cents})
    for task, option in zip(problem.tasks, options, strict=True):
        if option is None:
            answers.append(Unplaced(order_id=task.order.id, reasons=("nobody can",)))
            continue
        answers.append(
            Plan.model_construct(
                order_id=task.order.id,
                parcels=tuple(parcels(task, option, {})),
                cost=as_cost(terms_of(task, option)),
                alternatives=(),
                excluded=(),
                relaxed=(),
                solver=record,
            )
        )
    return Result(tuple(answers), record)


RIVALS: dict[str, Choose] = {
    "textbook": textbook,
    "nearest": nearest,
    "fewest-splits": fewest,
    "greedy": greedy,
}
