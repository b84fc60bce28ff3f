"""Which lanes (center × service) may carry an order, and what stops the rest.

A lane is judged in a fixed order and the first limit it violates is kept:

1. the center: pin, refusals, policy, customers, goods it can hold, stock;
2. the service: pin, refusals, mode, policy, pickups, region, signature;
3. the road (``lanes``): reach, price, handover;
4. the goods on it (``lanes``): hazmat, insurance, handover, transit, shelf life;
5. the packing on it (``ways``): size, weight, method, cold chain.
"""

from dataclasses import dataclass
from functools import lru_cache

from domain.network import CarrierService, FulfillmentCenter, ServiceMode
from domain.plan import Block, Excluded
from domain.policy import Limits, SoftLimit
from domain.quantities import FcId, ServiceId, SkuId
from domain.sku import Sku
from domain.subject import lane
from optimizer.problem import Problem, Task


@dataclass(frozen=True, slots=True)
class Violated:
    """The limit a lane violates, by name, and a sentence with the figures."""

    limit: str
    why: str


def center_violation(
    task: Task, limits: Limits, center: FulfillmentCenter
) -> Violated | None:
    """Say why the center may not serve this order at all, None if it may."""
    pin = task.pin
    if pin is not None and pin.fc is not None and pin.fc != center.id:
        return Violated("pin", f"the operator pinned {pin.fc}")
    for block in task.blocks:
        if block.fc == center.id and block.service is None and block.sku is None:
            return Violated("block", block.why or f"{center.id} refused this order")
    if limits.allowed_centers is not None and center.id not in limits.allowed_centers:
        allowed = ", ".join(limits.allowed_centers) or "none"
        return Violated("allowed-centers", f"the policy allows only {allowed}")
    if center.id in limits.blocked_centers:
        return Violated("blocked-centers", f"the policy blocks {center.id}")
    only = center.only_customers
    if only is not None and task.order.customer_id not in only:
        return Violated(
            "only-customers",
            f"it serves {len(only)} named customers, not {task.order.customer_id}",
        )
    return None


def line_violation(
    problem: Problem, task: Task, center: FulfillmentCenter, sku: Sku
) -> Violated | None:
    """Say why the center may not store or ship a line's goods, None if it may."""
    for block in task.blocks:
        if block.fc == center.id and block.service is None and block.sku == sku.id:
            return Violated("block", block.why or f"{center.id} refused {sku.id}")
    if sku.temperature not in center.temperatures:
        kept = ", ".join(center.temperatures) or "nothing"
        return Violated(
            "temperature", f"{sku.id} is {sku.temperature}, the center keeps {kept}"
        )
    if sku.hazmat_class is not None and not center.hazmat:
        return Violated(
            "hazmat",
            f"{sku.id} is hazmat class {sku.hazmat_class}, not handled there",
        )
    if not problem.network.counts_stock:
        if center.id not in problem.network.stocked_at.get(sku.id, ()):
            return Violated("stock", f"it does not carry {sku.id}")
    elif free_units(problem, center.id, sku.id) == 0:
        return Violated("stock", f"it has 0 units of {sku.id} free")
    return None


def free_units(problem: Problem, fc: FcId, sku: SkuId) -> int | None:
    """Return the units a center has free, None where units are not counted."""
    if problem.network.counts_stock:
        return max(0, problem.stock.get((fc, sku), 0))
    return None if fc in problem.network.stocked_at.get(sku, ()) else 0


def service_violation(
    task: Task, limits: Limits, center: FulfillmentCenter, service: CarrierService
) -> Violated | None:
    """Say why the service may not be used from the center, whatever the goods."""
    pin = task.pin
    if pin is not None and pin.service is not None and pin.service != service.id:
        return Violated("pin", f"the operator pinned {pin.service}")
    for block in task.blocks:
        if block.sku is None and blocks(block, center, service):
            return Violated("block", block.why or f"{service.id} refused this order")
    collects = service.mode is ServiceMode.PICKUP
    if task.order.pickup != collects:
        wanted = "is collected" if task.order.pickup else "is to be sent"
        return Violated("pickup", f"the order {wanted} by the customer's wish")
    if collects and not limits.pickup_allowed:
        return Violated("pickup-allowed", "the policy allows no customer pickup")
    if collects and not center.pickup_counter:
        return Violated("pickup-counter", "the center has no pickup counter")
    return _policy_violation(task, limits, center, service)


def blocks(block: Block, center: FulfillmentCenter, service: CarrierService) -> bool:
    """Tell whether a refusal is of this service, here or everywhere."""
    return block.service == service.id and block.fc in (None, center.id)


def _policy_violation(
    task: Task, limits: Limits, center: FulfillmentCenter, service: CarrierService
) -> Violated | None:
    allowed = limits.allowed_carriers
    if allowed is not None and service.carrier not in allowed:
        names = ", ".join(allowed) or "none"
        return Violated("allowed-carriers", f"the policy allows only {names}")
    if service.carrier in limits.blocked_carriers:
        return Violated("blocked-carriers", f"the policy blocks {service.carrier}")
    if service.id in limits.blocked_services:
        return Violated("blocked-services", f"the policy blocks {service.id}")
    road = lane(center.id, service.id) if limits.blocked_lanes else None
    if road in limits.blocked_lanes:
        return Violated(
            SoftLimit.BLOCKED_LANES,
            f"the policy blocks {service.id} from {center.id}",
        )
    if limits.allowed_modes is not None and service.mode not in limits.allowed_modes:
        names = ", ".join(limits.allowed_modes) or "none"
        return Violated(
            "allowed-modes", f"the policy allows only {names}, this is {service.mode}"
        )
    if service.mode in limits.blocked_modes:
        return Violated(SoftLimit.BLOCKED_MODES, f"the policy blocks {service.mode}")
    if service.mode is ServiceMode.PICKUP:
        return None
    carriers = {pickup.carrier for pickup in center.pickups}
    if carriers and service.carrier not in carriers:
        return Violated("no-pickup", f"{service.carrier} does not collect there")
    region = task.order.ship_to.region
    if service.regions is not None and region not in service.regions:
        return Violated("region", f"{service.id} does not deliver in {region or '?'}")
    if (task.order.signature or limits.signature) and not service.signature:
        return Violated("signature", f"{service.id} takes no signature")
    return None


@lru_cache(maxsize=65_536)
def exclusion(fc: FcId, service: ServiceId | None, violated: Violated) -> Excluded:
    """Write a violated limit down for a lane, or for a whole center."""
    return Excluded.model_construct(
        fc=fc, service=service, limit=str(violated.limit), why=violated.why
    )
