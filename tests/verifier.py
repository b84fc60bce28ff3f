"""An independent judge of plans: recomputes everything from the raw input.

It shares no code with ``optimizer``; of a problem it reads only the attributes.
A limit that a plan declares as relaxed, and that the policy allows to relax, is
not held against it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from domain.network import (
    CarrierService,
    Carton,
    FulfillmentCenter,
    FulfillmentMode,
    PackingMethod,
    ServiceMode,
)
from domain.order import Line
from domain.plan import CostTerm, PackedCarton, Parcel, Placement, Plan
from domain.policy import Limits, SoftLimit
from domain.sku import Sku, TemperatureBand
from tests.repricing import (
    Sent,
    arrives,
    dimensional_g,
    girth,
    is_pickup,
    kilometers,
    local_day,
    packed_at,
    prices,
    zone_of,
)

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
    found += [Violation("", *wrong) for wrong in _shared(problem, plans)]
    found += [Violation("", *wrong) for wrong in _record(plans, result.record)]
    return tuple(found)


Wrongs = Iterator[tuple[str, str]]


def _units(lines: Any) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in lines:
        units[line.sku] += line.units
    return units


class _Judge:
    """Looks at one plan."""

    def __init__(self, problem: Any, task: Any, plan: Plan) -> None:
        self.problem, self.task, self.plan = problem, task, plan
        self.network = problem.network
        self.limits: Limits = task.policy.limits
        self.relaxed = frozenset(plan.relaxed) & frozenset(task.policy.relax)

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
        sent = _units(line for p in self.plan.parcels for line in p.lines)
        if sent != _units(self.task.lines):
            yield "conservation", f"sends {sent}, asked {_units(self.task.lines)}"
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
        yield from self._times(parcel, center, service)

    def _center(self, parcel: Parcel, center: FulfillmentCenter) -> Wrongs:
        allowed, only = self.limits.allowed_centers, center.only_customers
        if allowed is not None and center.id not in allowed:
            yield "allowed-centers", center.id
        if center.id in self.limits.blocked_centers:
            yield "blocked-centers", center.id
        if only is not None and self.task.order.customer_id not in only:
            yield "only-customers", f"{center.id} for {self.task.order.customer_id}"
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
            yield from self._cold_chain(piece, service, p90_h)

    def _cold_chain(
        self, piece: PackedCarton, service: CarrierService, p90_h: float
    ) -> Wrongs:
        bands = {self._sku(line).temperature for line in piece.lines}
        carton = self.network.carton(piece.carton) if piece.carton else None
        if len(bands) > 1:
            yield "temperatures-apart", f"{sorted(bands)} in one piece"
        for band in bands - {TemperatureBand.AMBIENT} - set(service.temperatures):
            insulated = carton is not None and carton.method is PackingMethod.INSULATED
            if not insulated or carton is None or carton.temperature is not band:
                yield "cold-chain", f"{band} in {piece.carton} by {service.id}"
            elif carton.hold_h is None or carton.hold_h < p90_h:
                yield "cold-chain", f"{carton.id} holds {carton.hold_h} h of {p90_h}"

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
                yield "block", f"{block} refuses {parcel.fc} {parcel.service}"

    # How it is packed.

    def _packed(
        self, parcel: Parcel, center: FulfillmentCenter, service: CarrierService
    ) -> Wrongs:
        packed = _units(line for piece in parcel.cartons for line in piece.lines)
        if packed != _units(parcel.lines):
            yield "packed", f"cartons hold {packed}, lines are {_units(parcel.lines)}"
        methods = {piece.method for piece in parcel.cartons}
        method = methods.pop() if len(methods) == 1 else PackingMethod.MIXED
        if parcel.method is not method:
            yield "method", f"{parcel.method}, the pieces say {method}"
        allowed = self.limits.allowed_packing
        for piece in parcel.cartons:
            lifted = allowed is None or SoftLimit.PACKING in self.relaxed
            if not lifted and piece.method not in (allowed or ()):
                yield "allowed-packing", piece.method
            yield from self._piece(piece, center)
            if service.mode is not ServiceMode.PICKUP:
                yield from _carried(piece, service)
            billable = dimensional_g(piece, service)
            if piece.billable_g != billable:
                yield "billable", f"{piece.billable_g} g, should be {billable}"

    def _piece(self, piece: PackedCarton, center: FulfillmentCenter) -> Wrongs:
        goods_g = sum(self._sku(x).weight_g * x.units for x in piece.lines)
        if piece.carton is None:
            if center.cartons:
                yield from self._own_container(piece)
            elif piece.weight_g != self._loose_g(piece, goods_g):
                yield "weight", f"{piece.weight_g} g, the goods weigh {goods_g}"
            return
        carton = self.network.carton(piece.carton)
        if carton.id not in center.cartons:
            yield "carton", f"{center.id} has no {carton.id}"
        if carton.method is not piece.method:
            yield "method", f"{carton.id} is {carton.method}, not {piece.method}"
        if carton.method is PackingMethod.PALLET and not center.palletizes:
            yield "pallet", f"{center.id} does not palletize"
        for line in piece.lines if carton.method is PackingMethod.PALLET else ():
            stacking = self._sku(line).pallet
            if stacking is not None and line.units > stacking.units_per_pallet:
                yield "pallet", f"{line.units} of {line.sku} on one"
        if piece.weight_g != goods_g + carton.tare_g:
            yield "weight", f"{piece.weight_g} g, is {goods_g} + {carton.tare_g}"
        if goods_g > carton.max_load_g:
            yield "max-load", f"{goods_g} g in {carton.id}"
        yield from self._company(piece)
        yield from self._geometry(piece, carton)

    def _loose_g(self, piece: PackedCarton, goods_g: int) -> int:
        whole = getattr(self.task.order, "weight_g", None)
        all_of_it = _units(piece.lines) == _units(self.task.order.lines)
        return whole if whole is not None and all_of_it else goods_g

    def _own_container(self, piece: PackedCarton) -> Wrongs:
        if sum(line.units for line in piece.lines) != 1:
            yield "own-container", f"{piece.lines} in one"
            return
        sku = self._sku(piece.lines[0])
        if not sku.ships_in_own_container:
            yield "own-container", f"{sku.id} has none"
        if piece.method is not PackingMethod.OWN_CONTAINER:
            yield "method", f"{piece.method} without a carton"
        if (piece.outer, piece.weight_g) != (sku.size, sku.weight_g):
            yield "own-container", f"{piece.outer} {piece.weight_g} g for {sku.id}"

    def _company(self, piece: PackedCarton) -> Wrongs:
        """Judge which goods may share a piece, and what may be in it at all."""
        skus = [self._sku(line) for line in piece.lines]
        classes = {sku.hazmat_class for sku in skus if sku.hazmat_class}
        if len(classes) > 1:
            yield "hazmat-apart", f"classes {sorted(classes)} in one piece"
        alone = [sku for sku in skus if sku.ships_alone]
        units = sum(line.units for line in piece.lines)
        on_pallet = piece.method is PackingMethod.PALLET
        if alone and (len(skus) > 1 or (units > 1 and not on_pallet)):
            yield "ships-alone", f"{alone[0].id} among {units} units"
        if piece.method is PackingMethod.POLY_MAILER:
            for sku in skus:
                if not sku.flexible or sku.fragile:
                    yield "mailer", f"{sku.id} in a mailer"

    def _geometry(self, piece: PackedCarton, carton: Carton) -> Wrongs:
        placed = Counter(p.sku for p in piece.placements)
        if placed != _units(piece.lines):
            yield "placements", f"placed {placed}, holds {_units(piece.lines)}"
            return
        boxes = [_Box.of(p) for p in piece.placements]
        inner = (
            carton.inner.length_mm,
            carton.inner.width_mm,
            carton.inner.height_mm,
        )
        for box, placement in zip(boxes, piece.placements, strict=True):
            if any(end > most for end, most in zip(box.far, inner, strict=True)):
                yield "inside", f"{placement.sku} ends at {box.far} in {inner}"
            yield from _turned(placement, self._sku(placement))
        for one, other in combinations(boxes, 2):
            if one.meets(other):
                yield "overlap", f"{one} and {other}"
        yield from self._outer(piece, carton, boxes)
        yield from self._loads(piece, boxes)

    def _outer(
        self, piece: PackedCarton, carton: Carton, boxes: "list[_Box]"
    ) -> Wrongs:
        outer = carton.outer
        if carton.method is PackingMethod.PALLET:
            empty_mm = carton.inner.height_mm - max(box.far[2] for box in boxes)
            outer = outer.model_copy(update={"height_mm": outer.height_mm - empty_mm})
        if piece.outer != outer:
            yield "outer", f"{piece.outer}, {carton.id} is {outer}"

    def _loads(self, piece: PackedCarton, boxes: "list[_Box]") -> Wrongs:
        """Judge what rests on each unit: all weight above it, shared by contact."""
        pairs = list(zip(boxes, piece.placements, strict=True))
        borne: dict[int, float] = defaultdict(float)
        for i, (box, placement) in sorted(
            enumerate(pairs), key=lambda x: -x[1][0].near[2]
        ):
            below = [
                (j, box.contact(under))
                for j, (under, _) in enumerate(pairs)
                if under.far[2] == box.near[2]
            ]
            area = sum(shared for _, shared in below)
            if box.near[2] > 0 and area <= 0:
                yield "floating", f"{placement.sku} at {box.near}"
            weight = borne[i] + self._sku(placement).weight_g
            for j, shared in below:
                if area > 0:
                    borne[j] += weight * shared / area
        for j, load_g in borne.items():
            sku = self._sku(pairs[j][1])
            most = sku.max_load_g
            if most is None:
                most = 0 if sku.fragile else None
            if most is not None and load_g > most + 1e-6:
                yield "max-load", f"{load_g:.0f} g on {sku.id}, bears {most}"

    # When it goes and arrives, and what it costs.

    def _times(
        self, parcel: Parcel, center: FulfillmentCenter, service: CarrierService
    ) -> Wrongs:
        ready = packed_at(center, self.problem.as_of)
        at = parcel.hand_over_at
        if ready is None or at < ready:
            yield "handover", f"{at} is before the goods are ready, {ready}"
        collects = service.mode is ServiceMode.PICKUP
        if collects or not center.pickups:
            if at != ready:
                yield "handover", f"{at}, the goods are ready {ready}"
        elif not is_pickup(center, service.carrier, at):
            yield "handover", f"{service.carrier} does not collect at {at}"
        latest, lifted = self.limits.latest_handover, self.relaxed
        if latest and at > latest and SoftLimit.LATEST_HANDOVER not in lifted:
            yield "latest-handover", f"{at}, at most {latest}"
        transit = self.limits.max_transit_h
        hours = (parcel.p90_at - at) / timedelta(hours=1)
        if transit and hours > transit and SoftLimit.MAX_TRANSIT not in lifted:
            yield "max-transit", f"{hours} h, at most {transit}"
        if not any(self._roads(parcel, center, service)):
            yield "promise", f"{parcel.p50_at} and {parcel.p90_at} fit no transit time"

    def _roads(
        self, parcel: Parcel, center: FulfillmentCenter, service: CarrierService
    ) -> Iterator[tuple[int, int]]:
        """Yield (p50, p90) hours of carriage that lead to the promised times."""
        at = parcel.hand_over_at
        for p50_h, p90_h in self._transits(center, service):
            p50_at = arrives(center, service, at, p50_h)
            p90_at = arrives(center, service, at, p90_h)
            delay = timedelta(0)
            if service.mode is not ServiceMode.PICKUP:
                delay = self._delay(parcel, center, p90_at)
            if (p50_at + delay, p90_at + delay) == (parcel.p50_at, parcel.p90_at):
                yield p50_h, p90_h

    def _transits(
        self, center: FulfillmentCenter, service: CarrierService
    ) -> list[tuple[int, int]]:
        if service.mode is ServiceMode.PICKUP:
            return [(0, 0)]
        to = self.task.order.ship_to
        if service.lanes:
            return sorted(
                {
                    (rate.transit_h, rate.transit_h)
                    for rate in service.lanes
                    if rate.origin in center.ports
                    and rate.destination == to.postal_code
                }
            )
        km = kilometers(center.place, to)
        zone = None if km is None else zone_of(service, km)
        return [(t.p50_h, t.p90_h) for t in service.transits if t.zone == zone]

    def _delay(
        self, parcel: Parcel, center: FulfillmentCenter, p90_at: Any
    ) -> timedelta:
        places = (center.place, self.task.order.ship_to)
        return timedelta(
            hours=sum(
                hazard.delay_h
                for hazard in self.problem.hazards
                if any(hazard.touches(place) for place in places)
                and hazard.valid_from < p90_at
                and parcel.hand_over_at < hazard.valid_until
            )
        )

    def _costs(self) -> Wrongs:
        summed: Counter[CostTerm] = Counter()
        for parcel in self.plan.parcels:
            summed.update(parcel.cost)
            wrongs = [list(self._terms(parcel, t)) for t in self._transit_hours(parcel)]
            # Two rates of one transit time differ; the plan may follow either.
            yield from min(wrongs, key=len, default=[])
        extra = Counter(self.plan.cost)
        extra.subtract(summed)
        split = (len(self.plan.parcels) - 1) * self.task.policy.money.split_cents
        own = summed[CostTerm.SPLIT] + extra.pop(CostTerm.SPLIT, 0)
        if own != split:
            yield "cost split", f"{own} cents, should be {split}"
        over = summed[CostTerm.OVER_CAPACITY] + extra.pop(CostTerm.OVER_CAPACITY, 0)
        lifted = SoftLimit.OVER_CAPACITY in self.relaxed
        if over and not self.limits.over_capacity_allowed and not lifted:
            yield "over-capacity", f"{over} cents of it, not allowed"
        if any(extra.values()):
            yield "cost sum", f"the plan's cost differs from its parcels' by {extra}"

    def _transit_hours(self, parcel: Parcel) -> list[int]:
        center = self.network.center(parcel.fc)
        service = self.network.service(parcel.service)
        roads = {p50_h for p50_h, _ in self._roads(parcel, center, service)}
        return sorted(roads) or [0]

    def _terms(self, parcel: Parcel, transit_h: int) -> Wrongs:
        live = [
            rate.cents
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
            live_cents=live[-1] if live else None,
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


def _turned(placement: Placement, sku: Sku) -> Wrongs:
    size = placement.size
    placed = (size.length_mm, size.width_mm, size.height_mm)
    own = (sku.size.length_mm, sku.size.width_mm, sku.size.height_mm)
    if sorted(placed) != sorted(own):
        yield "size", f"{sku.id} placed as {placed}, is {own}"
    elif sku.this_side_up and placed[2] != own[2]:
        yield "this-side-up", f"{sku.id} placed as {placed}, is {own}"


@dataclass(frozen=True)
class _Box:
    near: tuple[int, int, int]
    far: tuple[int, int, int]

    @classmethod
    def of(cls, placement: Placement) -> "_Box":
        x, y, z, size = placement.x_mm, placement.y_mm, placement.z_mm, placement.size
        far = (x + size.length_mm, y + size.width_mm, z + size.height_mm)
        return cls((x, y, z), far)

    def meets(self, other: "_Box") -> bool:
        return all(
            self.near[i] < other.far[i] and other.near[i] < self.far[i]
            for i in range(3)
        )

    def contact(self, under: "_Box") -> int:
        """Return the area this box shares with the top of the one under it."""
        sides = [
            min(self.far[i], under.far[i]) - max(self.near[i], under.near[i])
            for i in range(2)
        ]
        return max(0, sides[0]) * max(0, sides[1])


# What orders share.


def _shared(problem: Any, plans: list[tuple[Any, Plan]]) -> Wrongs:
    stock: Counter[tuple[str, str]] = Counter()
    lines: Counter[tuple[str, date]] = Counter()
    orders: Counter[tuple[str, date]] = Counter()
    parcels: Counter[tuple[str, str, date]] = Counter()
    centers = {center.id: center for center in problem.network.centers}
    for _, plan in plans:
        for parcel in plan.parcels:
            if parcel.fc not in centers:
                continue
            day = local_day(parcel.hand_over_at, centers[parcel.fc].time_zone)
            lines[parcel.fc, day] += len(parcel.lines)
            orders[parcel.fc, day] += 1
            if parcel.mode is not ServiceMode.PICKUP:
                parcels[parcel.fc, parcel.carrier, day] += 1
            for line in parcel.lines:
                stock[parcel.fc, line.sku] += line.units
    if problem.network.counts_stock:
        for key, units in stock.items():
            if units > problem.stock.get(key, 0):
                yield "stock", f"{units} of {key}, free {problem.stock.get(key, 0)}"
    yield from _orders_a_day(problem, centers, orders)
    yield from _lines_a_day(problem, centers, lines, plans)
    yield from _trucks(problem, centers, parcels)


def _orders_a_day(
    problem: Any,
    centers: dict[str, FulfillmentCenter],
    orders: Counter[tuple[str, date]],
) -> Wrongs:
    for (fc, day), count in orders.items():
        most = problem.fc_orders.get((fc, day), centers[fc].capacity_orders)
        if most is not None and count > most:
            yield "capacity-orders", f"{count} at {fc} on {day}, at most {most}"


def _lines_a_day(
    problem: Any,
    centers: dict[str, FulfillmentCenter],
    lines: Counter[tuple[str, date]],
    plans: list[tuple[Any, Plan]],
) -> Wrongs:
    charged = sum(plan.cost.get(CostTerm.OVER_CAPACITY, 0) for _, plan in plans)
    owed = 0
    for (fc, day), count in lines.items():
        center = centers[fc]
        at_ease = problem.fc_lines.get((fc, day), center.capacity_lines)
        if at_ease is None:
            continue
        over = max(0, count - max(0, at_ease))
        if over > max(0, center.over_capacity_lines + min(0, at_ease)):
            yield "capacity-lines", f"{count} lines at {fc} on {day}, {at_ease} free"
        owed += over * center.over_capacity_cents_per_line
    if charged != owed:
        yield "cost over-capacity", f"{charged} cents in all, should be {owed}"


def _trucks(
    problem: Any,
    centers: dict[str, FulfillmentCenter],
    parcels: Counter[tuple[str, str, date]],
) -> Wrongs:
    for (fc, carrier, day), count in parcels.items():
        trucks = [
            pickup.capacity_parcels
            for pickup in centers[fc].pickups
            if pickup.carrier == carrier and day.weekday() in pickup.weekdays
        ]
        limited = bool(trucks) and None not in trucks
        declared = sum(t or 0 for t in trucks) if limited else None
        most = problem.carrier_parcels.get((fc, carrier, day), declared)
        if most is not None and count > most:
            yield "carrier-parcels", f"{count} by {carrier} at {fc} on {day}: {most}"


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
