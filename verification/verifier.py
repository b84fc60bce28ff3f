"""An independent judge of plans: recomputes everything from the raw input.

It shares no code with ``optimizer``; of a problem it reads only the attributes.
A limit that a plan declares as relaxed, and that the policy allows to relax, is
not held against it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.network import (
    CarrierService,
    FulfillmentCenter,
    FulfillmentMode,
    PackingMethod,
    ServiceMode,
)
from domain.order import Line
from domain.plan import CostTerm, PackedCarton, Parcel, Placement, Plan
from domain.policy import Limits, SoftLimit
from domain.sku import Sku
from verification.clock import ClockJudge
from verification.cold import ColdJudge
from verification.packing import PieceJudge, Wrongs, units_of
from verification.repricing import Sent, dimensional_g, girth, prices
from verification.sharing import shared_wrongs

# Rounded cents may differ from real ones by half, and floats by a little more.
_HALF_A_CENT = 0.5 + 1e-4
_SEARCHED_DAYS = 60


@dataclass(frozen=True)
class Violation:
    """Something a plan got wrong: which rule, and the figures."""

    order_id: str
    rule: str
    detail: str


def verify(problem: Any, result: Any) -> tuple[Violation, ...]:
    """Recompute the plans of a result and list everything wrong with them."""
    found: list[Violation] = []
    ids = [task.order.id for task in problem.tasks]
    if [answer.order_id for answer in result.answers] != ids:
        found.append(Violation("", "answers", "not one per task, in their order"))
        return tuple(found)
    pairs = list(zip(problem.tasks, result.answers, strict=True))
    plans = [(task, plan) for task, plan in pairs if isinstance(plan, Plan)]
    for task, plan in plans:
        judge = _Judge(problem, task, plan)
        found += [Violation(plan.order_id, *wrong) for wrong in judge.wrongs()]
    found += [Violation("", *wrong) for wrong in shared_wrongs(problem, plans)]
    found += [Violation("", *wrong) for wrong in _record(plans, result.record)]
    return tuple(found)


class _Judge:
    """Looks at one plan."""

    def __init__(self, problem: Any, task: Any, plan: Plan) -> None:
        self.problem, self.task, self.plan = problem, task, plan
        self.network = problem.network
        self.limits: Limits = task.policy.limits
        self.relaxed = frozenset(plan.relaxed) & frozenset(task.policy.relax)
        self.clock = ClockJudge(problem, task, self.relaxed)
        self.cold = ColdJudge(problem, task)

    def wrongs(self) -> Wrongs:
        yield from self._whole()
        known = True
        for parcel in self.plan.parcels:
            for wrong in self._names(parcel):
                known = False
                yield wrong
        if not known:
            return
        yield from self._order_limits()
        for parcel in self.plan.parcels:
            yield from self._parcel(parcel)
        yield from self._costs()

    # What the plan is as a whole.

    def _whole(self) -> Wrongs:
        sent = units_of(line for p in self.plan.parcels for line in p.lines)
        if sent != units_of(self.task.lines):
            yield "conservation", f"sends {sent}, asked {units_of(self.task.lines)}"
        undeclared = set(self.plan.relaxed) - set(self.task.policy.relax)
        if undeclared:
            yield "relaxed", f"{sorted(undeclared)} may not be relaxed"
        for alternative in self.plan.alternatives:
            delta = sum(alternative.delta.values())
            if alternative.total_cents - self.plan.total_cents != delta:
                yield "alternative", f"{alternative.total_cents} is not total + {delta}"

    def _names(self, parcel: Parcel) -> Wrongs:
        centers = {c.id for c in self.network.centers}
        services = {s.id: s for s in self.network.services}
        cartons = {c.id for c in self.network.cartons}
        if parcel.fc not in centers:
            yield "center", f"there is no {parcel.fc}"
        service = services.get(parcel.service)
        if service is None:
            yield "service", f"there is no {parcel.service}"
        elif (service.carrier, service.mode) != (parcel.carrier, parcel.mode):
            yield "service", f"{parcel.service} is not {parcel.carrier} {parcel.mode}"
        for piece in parcel.cartons:
            if piece.carton is not None and piece.carton not in cartons:
                yield "carton", f"there is no {piece.carton}"

    def _order_limits(self) -> Wrongs:
        limits, centers = self.limits, {p.fc for p in self.plan.parcels}
        together = SoftLimit.KEEP_TOGETHER in self.relaxed
        if limits.keep_together and not together and len(self.plan.parcels) > 1:
            yield "keep-together", f"{len(self.plan.parcels)} parcels"
        most = limits.max_centers
        if most and len(centers) > most and SoftLimit.MAX_PARCELS not in self.relaxed:
            yield "max-centers", f"{len(centers)} centers, at most {most}"

    # What each parcel is.

    def _parcel(self, parcel: Parcel) -> Wrongs:
        center = self.network.center(parcel.fc)
        service = self.network.service(parcel.service)
        yield from self._center(parcel, center)
        yield from self._service(parcel, center, service)
        yield from self._goods(parcel, center, service)
        yield from self._wishes(parcel)
        yield from self._packed(parcel, center, service)
        yield from self.clock.wrongs(parcel, center, service)

    def _center(self, parcel: Parcel, center: FulfillmentCenter) -> Wrongs:
        allowed, only = self.limits.allowed_centers, center.only_customers
        if allowed is not None and center.id not in allowed:
            yield "allowed-centers", center.id
        if center.id in self.limits.blocked_centers:
            yield "blocked-centers", center.id
        if only is not None and self.task.order.customer_id not in only:
            yield "only-customers", f"{center.id} serves others"
        if not self.network.counts_stock:
            for line in parcel.lines:
                if center.id not in self.network.stocked_at.get(line.sku, ()):
                    yield "stocked-at", f"{center.id} does not carry {line.sku}"

    def _service(
        self, parcel: Parcel, center: FulfillmentCenter, service: CarrierService
    ) -> Wrongs:
        limits, order = self.limits, self.task.order
        carriers = limits.allowed_carriers
        if carriers is not None and service.carrier not in carriers:
            yield "allowed-carriers", service.carrier
        if service.carrier in limits.blocked_carriers:
            yield "blocked-carriers", service.carrier
        if service.id in limits.blocked_services:
            yield "blocked-services", service.id
        if (
            limits.allowed_modes is not None
            and service.mode not in limits.allowed_modes
        ):
            yield "allowed-modes", service.mode
        lifted = SoftLimit.BLOCKED_MODES in self.relaxed
        if service.mode in limits.blocked_modes and not lifted:
            yield "blocked-modes", service.mode
        blocked = f"{center.id}/{service.id}" in limits.blocked_lanes
        if blocked and SoftLimit.BLOCKED_LANES not in self.relaxed:
            yield "blocked-lanes", f"{service.id} from {center.id}"
        collects = service.mode is ServiceMode.PICKUP
        if collects != order.pickup:
            yield "pickup", f"{service.id}, although pickup is {order.pickup}"
        if collects != (parcel.fulfillment is FulfillmentMode.PICKUP):
            yield "fulfillment", f"{parcel.fulfillment} by {service.mode}"
        if collects:
            if not (center.pickup_counter and limits.pickup_allowed):
                yield "pickup", f"not at {center.id}"
            return
        if service.regions is not None and order.ship_to.region not in service.regions:
            yield "region", f"{service.id} does not go to {order.ship_to.region!r}"
        if (order.signature or limits.signature) and not service.signature:
            yield "signature", service.id
        value = sum(self._sku(x).value_cents * x.units for x in parcel.lines)
        if limits.insured and value > service.insured_up_to_cents:
            yield "insured", f"{value} cents by {service.id}"

    def _sku(self, line: Line | Placement) -> Sku:
        sku: Sku = self.problem.skus[line.sku]
        return sku

    def _goods(
        self, parcel: Parcel, center: FulfillmentCenter, service: CarrierService
    ) -> Wrongs:
        collects = service.mode is ServiceMode.PICKUP
        p90_h = (parcel.p90_at - parcel.hand_over_at) / timedelta(hours=1)
        for line in parcel.lines:
            sku = self._sku(line)
            if sku.temperature not in center.temperatures:
                yield "temperature", f"{sku.id} at {center.id}"
            if sku.hazmat_class and not center.hazmat:
                yield "hazmat", f"{sku.id} at {center.id}"
            if sku.hazmat_class and not (service.hazmat or collects):
                yield "hazmat", f"{sku.id} by {service.id}"
            if sku.shelf_life_h is not None and p90_h > sku.shelf_life_h:
                yield "shelf-life", f"{sku.id}: {p90_h} h"
        for piece in parcel.cartons if not collects else ():
            yield from self.cold.wrongs(piece, parcel, service)

    def _wishes(self, parcel: Parcel) -> Wrongs:
        pin = self.task.pin
        if pin is not None:
            for name, wanted, got in (
                ("fc", pin.fc, parcel.fc),
                ("service", pin.service, parcel.service),
                ("method", pin.method, parcel.method),
            ):
                if wanted is not None and wanted != got:
                    yield "pin", f"{name} {got}, pinned {wanted}"
        for block in self.task.blocks:
            hit = block.fc in (None, parcel.fc) and block.service in (
                None,
                parcel.service,
            )
            named = block.fc is not None or block.service is not None
            of_line = block.sku is None or any(
                line.sku == block.sku for line in parcel.lines
            )
            if hit and named and of_line:
                yield "block", f"{parcel.fc} {parcel.service} was refused"

    # How it is packed.

    def _packed(
        self, parcel: Parcel, center: FulfillmentCenter, service: CarrierService
    ) -> Wrongs:
        packed = units_of(line for piece in parcel.cartons for line in piece.lines)
        if packed != units_of(parcel.lines):
            yield "packed", f"cartons hold {packed}, lines are {units_of(parcel.lines)}"
        methods = {piece.method for piece in parcel.cartons}
        method = methods.pop() if len(methods) == 1 else PackingMethod.MIXED
        if parcel.method is not method:
            yield "method", f"{parcel.method}, the pieces say {method}"
        allowed = self.limits.allowed_packing
        for piece in parcel.cartons:
            lifted = allowed is None or SoftLimit.PACKING in self.relaxed
            if not lifted and piece.method not in (allowed or ()):
                yield "allowed-packing", piece.method
            yield from PieceJudge(self.problem, self.task.order).wrongs(piece, center)
            if service.mode is not ServiceMode.PICKUP:
                yield from _carried(piece, service)
            billable = dimensional_g(piece, service)
            if piece.billable_g != billable:
                yield "billable", f"{piece.billable_g} g, should be {billable}"

    # What it costs.

    def _costs(self) -> Wrongs:
        summed: Counter[CostTerm] = Counter()
        for parcel in self.plan.parcels:
            summed.update(parcel.cost)
            wrongs = [list(self._terms(parcel, t)) for t in self._transit_hours(parcel)]
            # Two rates of one transit time differ; the plan may follow either.
            yield from min(wrongs, key=len, default=[])
        differing = Counter(self.plan.cost)
        differing.subtract(summed)
        if any(differing.values()):
            yield "cost sum", f"the plan differs from its parcels by {differing}"
        split = (len(self.plan.parcels) - 1) * self.task.policy.money.split_cents
        if summed[CostTerm.SPLIT] != split:
            yield "cost split", f"{summed[CostTerm.SPLIT]}, should be {split}"
        over = summed[CostTerm.OVER_CAPACITY]
        lifted = SoftLimit.OVER_CAPACITY in self.relaxed
        if over and not self.limits.over_capacity_allowed and not lifted:
            yield "over-capacity", f"{over} cents of it, not allowed"

    def _transit_hours(self, parcel: Parcel) -> list[int]:
        center = self.network.center(parcel.fc)
        service = self.network.service(parcel.service)
        roads = {p50_h for p50_h, _ in self.clock.roads(parcel, center, service)}
        return sorted(roads) or [0]

    def _terms(self, parcel: Parcel, transit_h: int) -> Wrongs:
        live = [
            rate
            for rate in self.task.rates
            if (rate.fc, rate.service) == (parcel.fc, parcel.service)
        ]
        sent = Sent(
            parcel=parcel,
            order=self.task.order,
            policy=self.task.policy,
            center=self.network.center(parcel.fc),
            service=self.network.service(parcel.service),
            cartons={c.id: c for c in self.network.cartons},
            skus=self.problem.skus,
            transit_h=transit_h,
            live_cents=live[-1].cents if live else None,
            live_of_cents=live[-1].table_cents if live else None,
            strains={
                piece.carton: self.cold.strain(
                    self.network.carton(piece.carton), parcel
                )
                for piece in parcel.cartons
                if piece.carton
            },
        )
        for term, cents in prices(sent).items():
            claimed = parcel.cost.get(term, 0)
            if abs(claimed - cents) > _HALF_A_CENT:
                yield f"cost {term}", f"{claimed} cents, should be {float(cents):.2f}"


def _carried(piece: PackedCarton, service: CarrierService) -> Wrongs:
    size = piece.outer
    longest = max(size.length_mm, size.width_mm, size.height_mm)
    if piece.weight_g > service.max_weight_g:
        yield "piece-weight", f"{piece.weight_g} g by {service.id}"
    if longest > service.max_length_mm:
        yield "piece-length", f"{longest} mm by {service.id}"
    if girth(size) > service.max_girth_mm:
        yield "piece-girth", f"{girth(size)} mm by {service.id}"


def _record(plans: list[tuple[Any, Plan]], record: Any) -> Wrongs:
    total = sum(plan.total_cents for _, plan in plans)
    if record.cost_cents != total:
        yield "record", f"says {record.cost_cents} cents, the plans cost {total}"
    if record.served != len(plans):
        yield "record", f"says {record.served} served, {len(plans)} have plans"
    if record.served_bound < record.served:
        yield "record", f"served {record.served} of at most {record.served_bound}"
    if record.served == record.served_bound and record.bound_cents > total:
        yield "record", f"bound {record.bound_cents} is above the cost {total}"
