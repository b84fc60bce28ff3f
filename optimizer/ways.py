"""Every way one center can send some lines: lane × packing, checked and priced."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from operator import attrgetter
from typing import NamedTuple

from domain.network import (
    CarrierService,
    FulfillmentCenter,
    PackingMethod,
    ServiceMode,
)
from domain.order import Line
from domain.plan import Excluded
from domain.policy import Limits, SoftLimit
from domain.quantities import Dimensions, FcId, ServiceId
from domain.sku import TemperatureBand
from optimizer.eligible import Violated, exclusion
from optimizer.lanes import Lane, Lanes, goods_violation
from optimizer.load import Load, load_of_order
from optimizer.packing import PackedPiece, Packer, Packing
from optimizer.pricing import (
    Carriage,
    Cents,
    LaneCents,
    carriage,
    handling_cents,
    lane_cents,
    parcel_cents,
)
from optimizer.problem import Problem, Task
from optimizer.resources import Resource, Supply


class Way(NamedTuple):
    """One parcel as it could be: where from, how carried, how packed, at what cost.

    ``needs`` are the limited resources that depend on the lane, not on the goods.
    """

    lane: Lane
    load: Load
    packing: Packing
    cents: Cents
    total_cents: int
    needs: frozenset[Resource]

    @property
    def rank(self) -> tuple[int, timedelta, FcId, str, str]:
        """Cheapest first; among equals the sooner arrival, then the lower ids."""
        lane = self.lane
        late = lane.p90_at - lane.hand_over_at
        ids = (lane.center.id, lane.service.id, self.packing.method)
        return (self.total_cents, late, *ids)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all orders of a problem share while their ways are looked for."""

    problem: Problem
    lanes: Lanes
    packer: Packer
    supply: Supply

    @classmethod
    def of(cls, problem: Problem) -> "Shared":
        packer = Packer(problem.skus, problem.network.cartons)
        return cls(problem, Lanes(problem), packer, Supply(problem))


_BY_COST = attrgetter("total_cents")
_PricedLane = tuple[Lane, LaneCents, frozenset[Resource]]


class Ways:
    """The ways of one order under given limits, worked out when first asked for."""

    def __init__(self, shared: Shared, task: Task, limits: Limits) -> None:
        self._shared = shared
        self._task = task
        self._limits = limits
        self._lanes: dict[FcId, list[_PricedLane]] = {}
        self._carried: dict[tuple[ServiceId, int], Carriage] = {}
        self._distinct: dict[tuple[FcId, tuple[Line, ...]], list[Way]] = {}
        self._found: dict[tuple[FcId, tuple[Line, ...]], tuple[Way, ...]] = {}
        self._loads: dict[tuple[Line, ...], Load] = {}
        self._stopped: dict[
            tuple[FcId, tuple[Line, ...]], list[tuple[ServiceId, Violated]]
        ] = {}
        self._shut: dict[FcId, list[Excluded]] = {}

    def of(self, center: FulfillmentCenter, lines: tuple[Line, ...]) -> tuple[Way, ...]:
        """Return all feasible ways to send these lines from a center, best first."""
        key = (center.id, lines)
        if key not in self._found:
            self._found[key], self._stopped[key] = self._find(center, lines)
        return self._found[key]

    def distinct(self, center: FulfillmentCenter, lines: tuple[Line, ...]) -> list[Way]:
        """Return the cheapest way for each set of days and trucks it depends on.

        A way is left out where a cheaper one needs no more than it does.
        """
        key = (center.id, lines)
        if key not in self._distinct:
            kept: dict[frozenset[Resource], Way] = {}
            for way in self.of(center, lines):
                if way.needs not in kept and not any(n <= way.needs for n in kept):
                    kept[way.needs] = way
            self._distinct[key] = list(kept.values())
        return self._distinct[key]

    def excluded(
        self, center: FulfillmentCenter, lines: tuple[Line, ...]
    ) -> list[Excluded]:
        """Return the center's lanes that may not carry these lines, and why."""
        self.of(center, lines)
        return [
            *self._shut.get(center.id, ()),
            *(
                exclusion(center.id, service, violated)
                for service, violated in self._stopped[center.id, lines]
            ),
        ]

    def _lanes_of(self, center: FulfillmentCenter) -> list[_PricedLane]:
        if center.id not in self._lanes:
            lanes, excluded = self._shared.lanes.of(self._task, self._limits, center)
            self._lanes[center.id] = [
                (lane, lane_cents(self._task, lane), self._shared.supply.needs(lane))
                for lane in sorted(lanes, key=lambda x: (x.p90_at, x.service.id))
            ]
            self._shut[center.id] = excluded
        return self._lanes[center.id]

    def _load(self, lines: tuple[Line, ...]) -> Load:
        if lines not in self._loads:
            skus = self._shared.problem.skus
            self._loads[lines] = load_of_order(self._task.order, lines, skus)
        return self._loads[lines]

    def _packings(self, center: FulfillmentCenter, load: Load) -> tuple[Packing, ...]:
        packed = self._shared.packer.packings(
            load.lines, center.cartons, palletizes=center.palletizes
        )
        return packed or (() if center.cartons else (loose(load),))

    def _carriage(
        self, service: CarrierService, packing: Packing, load: Load
    ) -> Carriage:
        key = (service.id, id(packing))
        if key not in self._carried:
            self._carried[key] = carriage(self._task, service, packing, load)
        return self._carried[key]

    def _find(
        self,
        center: FulfillmentCenter,
        lines: tuple[Line, ...],
    ) -> tuple[tuple[Way, ...], list[tuple[ServiceId, Violated]]]:
        load = self._load(lines)
        packings = self._packings(center, load)
        handling = handling_cents(center, load)
        ways: list[Way] = []
        stopped: list[tuple[ServiceId, Violated]] = []
        for lane, timed, needs in self._lanes_of(center):
            first = goods_violation(self._task, self._limits, lane, load)
            if first is None and not packings:
                first = Violated("carton", "the goods fit no carton of the center")
            before = len(ways)
            for packing in packings if first is None else ():
                carried = self._carriage(lane.service, packing, load)
                violated = self._packing_violation(lane, carried)
                if violated is None:
                    cents = parcel_cents(self._task, lane, timed, carried, handling)
                    if cents is not None:
                        way = Way(lane, load, packing, cents, sum(cents), needs)
                        ways.append(way)
                        continue
                    why = f"no rate for {sum(carried.billable_g)} g"
                    violated = Violated("weight-band", why)
                first = first or violated
            if first is not None and len(ways) == before:
                stopped.append((lane.service.id, first))
        # Stable: lanes come sooner arrival first, then by id.
        ways.sort(key=_BY_COST)
        return tuple(ways), stopped

    def _packing_violation(self, lane: Lane, carried: Carriage) -> Violated | None:
        """Say why goods packed like this may not travel on the lane."""
        packing, pin = carried.packing, self._task.pin
        if pin is not None and pin.method is not None and packing.method != pin.method:
            return Violated("pin", f"the operator pinned {pin.method} packing")
        allowed = self._limits.allowed_packing
        if allowed is not None:
            for piece in packing.pieces:
                if piece.method not in allowed:
                    names = ", ".join(allowed) or "none"
                    why = f"the policy allows only {names}, not {piece.method}"
                    return Violated(SoftLimit.PACKING, why)
        if carried.too_big is not None:
            return carried.too_big
        return cold_violation(lane, packing) if carried.cold else None


def cold_violation(lane: Lane, packing: Packing) -> Violated | None:
    """Say why the cold chain would break: neither carriage nor packing keeps it."""
    service = lane.service
    if service.mode is ServiceMode.PICKUP:
        return None
    for piece in packing.pieces:
        band = piece.temperature
        if band is TemperatureBand.AMBIENT or band in service.temperatures:
            continue
        if piece.hold_h is None:
            why = f"{service.id} is not {band}, nor is the packing"
            return Violated("cold-chain", why)
        if piece.hold_h < lane.p90_h:
            return Violated(
                "cold-chain",
                f"{lane.p90_h} h in transit at p90, the insulated carton keeps "
                f"{band} for {piece.hold_h}",
            )
    return None


def loose(load: Load) -> Packing:
    """Take goods of a center without cartons as one loose piece of their weight."""
    side_mm = max(1, ceil(load.volume_mm3 ** (1 / 3) - 1e-6))
    band = min(load.cold, default=TemperatureBand.AMBIENT)
    piece = PackedPiece(
        carton=None,
        method=PackingMethod.OWN_CONTAINER,
        outer=Dimensions(length_mm=side_mm, width_mm=side_mm, height_mm=side_mm),
        weight_g=load.weight_g,
        lines=load.lines,
        placements=(),
        hold_h=None,
        temperature=band,
        coolant_cents_per_h=0,
    )
    return Packing(PackingMethod.OWN_CONTAINER, (piece,), 0)
