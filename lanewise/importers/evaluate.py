"""How a batch of orders would go: served, unserved and why, at what cost.

The same ``plan`` decides as in production; nothing is held or written. Where the
orders say what another system had chosen, that choice is held against the same
rules, and its cost is told beside ours on the orders that both can serve. The
difference is no saving: one of the two may rest on facts the file does not show.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.network import Network
from domain.order import Order
from domain.plan import Cost, CostTerm, Pin, Plan, Unplaced, total
from domain.policy import Policy
from domain.quantities import FcId, SkuId
from domain.sku import Sku
from lanewise.importers.compare import (
    Assigned,
    Breach,
    assigned_by_plan,
    assigned_by_source,
    breaches,
)
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Result, Task

Stock = Mapping[tuple[FcId, SkuId], int]
PolicyOf = Callable[[Order], Policy]
_USUAL_EFFORT = Effort()
# Limits in the order in which a lane is judged: the further one came the more
# it says about what was missing.
_STAGES = (
    *("pin", "block", "allowed-centers", "blocked-centers", "only-customers"),
    *("temperature", "stock", "pickup", "pickup-allowed", "pickup-counter"),
    *("allowed-carriers", "blocked-carriers", "blocked-services", "allowed-modes"),
    *("blocked-modes", "no-pickup", "region", "unlocated", "reach", "no-lane"),
    *("rate", "calendar", "hazmat", "signature", "insured", "latest-handover"),
    *("max-transit", "shelf-life", "carton", "packing", "weight", "length"),
    *("girth", "cold-chain", "weight-band"),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The file's own assignment beside ours.

    ``limits`` counts its orders by each rule they break, ``in_breach`` those
    that break any. ``common`` are the orders that both serve: the other side's
    by every rule but the capacity of days, which it breaks as a whole.
    ``ours_in_breach`` counts our own plans under the very same rules.
    """

    orders: int
    limits: dict[str, int]
    in_breach: int
    common: int
    own_cost: Cost
    our_cost: Cost
    ours_in_breach: int

    @property
    def own_cents(self) -> int:
        return total(self.own_cost)

    @property
    def our_cents(self) -> int:
        return total(self.our_cost)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What became of the batch.

    ``most`` is proven: no choice serves more orders. ``unserved`` counts the
    others by the limit that stopped each of them first.
    """

    orders: int
    served: int
    most: int
    unserved: dict[str, int]
    cost: Cost
    result: Result = field(repr=False)
    comparison: Comparison | None = None

    @property
    def total_cents(self) -> int:
        return total(self.cost)


def evaluate(
    orders: Iterable[Order],
    network: Network,
    skus: Mapping[SkuId, Sku],
    policy_of: PolicyOf,
    as_of: datetime,
    *,
    stock: Stock | None = None,
    effort: Effort = _USUAL_EFFORT,
) -> Evaluation:
    """Decide for a batch of orders as if they all came in at one instant.

    Parameters
    ----------
    orders
        The batch; each order appears once.
    network, skus, stock
        What there is (no stock: none, where the network counts it).
    policy_of
        What each order's segments ask for.
    as_of
        The instant of the decision.
    effort
        Seed and limits of work.
    """
    batch = tuple(orders)
    problem = Problem(
        as_of=as_of,
        network=network,
        skus=skus,
        tasks=tuple(Task(order, order.lines, policy_of(order)) for order in batch),
        stock=stock or {},
    )
    result = plan(problem, effort)
    plans = [answer for answer in result.answers if isinstance(answer, Plan)]
    unserved = Counter(
        _first_limit(problem, answer, plans)
        for answer in result.answers
        if isinstance(answer, Unplaced)
    )
    return Evaluation(
        orders=len(batch),
        served=len(plans),
        most=result.record.served_bound,
        unserved=dict(unserved.most_common()),
        cost=_summed(plans),
        result=result,
        comparison=_compared(problem, plans, effort),
    )


def _summed(plans: Iterable[Plan]) -> Cost:
    cost: Counter[CostTerm] = Counter()
    for each in plans:
        cost.update(each.cost)
    return dict(cost)


def _first_limit(problem: Problem, unplaced: Unplaced, plans: list[Plan]) -> str:
    """Name what stopped an order: a limit, or what others took before it."""
    excluded = {(each.fc, each.service) for each in unplaced.excluded}
    open_to_it = [
        center
        for center in problem.network.centers
        if (center.id, None) not in excluded
        and any(
            (center.id, service.id) not in excluded
            for service in problem.network.services
        )
    ]
    if unplaced.short:
        return "stock"
    if open_to_it:
        in_orders = all(center.capacity_orders is not None for center in open_to_it)
        return "capacity-orders" if in_orders else "taken-by-others"
    ranks = [
        _STAGES.index(each.limit) if each.limit in _STAGES else len(_STAGES)
        for each in unplaced.excluded
    ]
    if not ranks:
        return "unknown-sku"
    furthest = unplaced.excluded[ranks.index(max(ranks))]
    return furthest.limit


def _compared(problem: Problem, plans: list[Plan], effort: Effort) -> Comparison | None:
    orders = {task.order.id: task.order for task in problem.tasks}
    own = assigned_by_source(orders.values())
    if not own:
        return None
    facts = (problem.network, problem.skus, problem.stock)
    wrong = breaches(own, *facts)
    ours = assigned_by_plan(orders, plans)
    by_itself = {b.order_id for b in wrong if not _is_shared(b, problem)}
    lawful = [each for each in own if each.order.id not in by_itself]
    priced = {each.order_id: each for each in _priced(problem, lawful, effort)}
    common = [each for each in plans if each.order_id in priced]
    return Comparison(
        orders=len(own),
        limits=_by_limit(wrong),
        in_breach=len({b.order_id for b in wrong}),
        common=len(common),
        own_cost=_summed(priced[each.order_id] for each in common),
        our_cost=_summed(common),
        ours_in_breach=len({b.order_id for b in breaches(ours, *facts)}),
    )


def _is_shared(breach: Breach, problem: Problem) -> bool:
    counted = breach.limit == "stock" and problem.network.counts_stock
    return breach.limit == "capacity-orders" or counted


def _by_limit(wrong: Iterable[Breach]) -> dict[str, int]:
    pairs = {(breach.limit, breach.order_id) for breach in wrong}
    return dict(Counter(limit for limit, _ in pairs).most_common())


def _priced(problem: Problem, own: list[Assigned], effort: Effort) -> list[Plan]:
    """Price another's choices by our own rules, each as if it were alone."""
    policies = {task.order.id: task.policy for task in problem.tasks}
    services = {service.id for service in problem.network.services}
    tasks = []
    for each in own:
        policy, fc, by = policies[each.order.id], FcId(each.fc), each.by
        pin = Pin(fc=fc)
        if by is not None and by in services:
            pin = Pin.model_validate({"fc": fc, "service": by})
        elif by is not None:
            limits = policy.limits.model_copy(update={"allowed_carriers": (by,)})
            policy = policy.model_copy(update={"limits": limits})
        tasks.append(Task(each.order, each.order.lines, policy, pin=pin))
    alone = replace(problem, network=_boundless(problem.network), tasks=tuple(tasks))
    found = plan(alone, effort).answers
    return [answer for answer in found if isinstance(answer, Plan)]


def _boundless(network: Network) -> Network:
    """Return the network without limits that orders share, stock excepted."""
    free = {"capacity_orders": None, "capacity_lines": None}
    centers = tuple(center.model_copy(update=free) for center in network.centers)
    return network.model_copy(update={"centers": centers})
