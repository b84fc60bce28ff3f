"""Every way one center can send some lines: lane × packing, checked and priced."""

from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from domain.network import FulfillmentCenter, PackingMethod, ServiceMode
from domain.order import Line
from domain.plan import Excluded
from domain.policy import Limits, SoftLimit
from domain.quantities import Dimensions, FcId, ServiceId
from domain.sku import TemperatureBand
from optimizer.eligible import (
    Lane,
    Lanes,
    Violated,
    exclusion,
    goods_violation,
)
from optimizer.load import Load, load_of
from optimizer.packing import PackedPiece, Packer, Packing
from optimizer.pricing import Cents, LaneCents, lane_cents, parcel_cents
from optimizer.problem import Problem, Task
from optimizer.resources import Resource, Supply


@dataclass(frozen=True, slots=True)
class Way:
    """One parcel as it could be: where from, how carried, how packed, at what cost."""

    lane: Lane
    load: Load
    packing: Packing
    cents: Cents
    total_cents: int
    uses: dict[Resource, int] = field(hash=False, compare=False)

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


class Ways:
    """The ways of one order under given limits, worked out when first asked for."""

    def __init__(self, shared: Shared, task: Task, limits: Limits) -> None:
        self._shared = shared
        self._task = task
        self._limits = limits
        self._lanes: dict[FcId, list[tuple[Lane, LaneCents]]] = {}
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
        kept: list[tuple[frozenset[Resource], Way]] = []
        for way in self.of(center, lines):
            needs = frozenset(self._shared.supply.day_key(way.lane))
            if not any(other <= needs for other, _ in kept):
                kept.append((needs, way))
        return [way for _, way in kept]

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

    def _lanes_of(self, center: FulfillmentCenter) -> list[tuple[Lane, LaneCents]]:
        if center.id not in self._lanes:
            lanes, excluded = self._shared.lanes.of(self._task, self._limits, center)
            self._lanes[center.id] = [
                (lane, lane_cents(self._task, lane)) for lane in lanes
            ]
            self._shut[center.id] = excluded
        return self._lanes[center.id]

    def _load(self, lines: tuple[Line, ...]) -> Load:
        if lines not in self._loads:
            self._loads[lines] = load_of(lines, self._shared.problem.skus)
        return self._loads[lines]

    def _packings(self, center: FulfillmentCenter, load: Load) -> tuple[Packing, ...]:
        packed = self._shared.packer.packings(
            load.lines, center.cartons, palletizes=center.palletizes
        )
        return packed or (() if center.cartons else (loose(load),))

    def _find(
        self,
        center: FulfillmentCenter,
        lines: tuple[Line, ...],
    ) -> tuple[tuple[Way, ...], list[tuple[ServiceId, Violated]]]:
        load = self._load(lines)
        packings = self._packings(center, load)
        ways: list[Way] = []
        stopped: list[tuple[ServiceId, Violated]] = []
        for lane, timed in self._lanes_of(center):
            violated = goods_violation(self._task, self._limits, lane, load)
            if violated is None:
                found, violated = self._on_lane(lane, timed, packings, load)
                ways.extend(found)
            if violated is not None:
                stopped.append((lane.service.id, violated))
        return tuple(sorted(ways, key=lambda way: way.rank)), stopped

    def _on_lane(
        self,
        lane: Lane,
        timed: LaneCents,
        packings: tuple[Packing, ...],
        load: Load,
    ) -> tuple[list[Way], Violated | None]:
        """Return the ways on a lane, or the first limit that every packing violates."""
        ways: list[Way] = []
        first: Violated | None = None
        if not packings:
            first = Violated("carton", "the goods fit no carton of the center")
        uses: dict[Resource, int] | None = None
        for packing in packings:
            violated = packing_violation(self._task, self._limits, lane, packing)
            cents = None
            if violated is None:
                cents = parcel_cents(self._task, lane, timed, packing, load)
                if cents is None:
                    weight = sum(piece.weight_g for piece in packing.pieces)
                    violated = Violated("weight-band", f"no rate for {weight} g")
            if cents is None:
                first = first or violated
                continue
            if uses is None:
                uses = self._shared.supply.uses(lane, load.lines)
            ways.append(Way(lane, load, packing, cents, sum(cents), uses))
        return ways, None if ways else first


def packing_violation(
    task: Task, limits: Limits, lane: Lane, packing: Packing
) -> Violated | None:
    """Say why goods packed like this may not travel on the lane, None if they may."""
    pin = task.pin
    if pin is not None and pin.method is not None and packing.method != pin.method:
        return Violated("pin", f"the operator pinned {pin.method} packing")
    allowed = limits.allowed_packing
    for piece in packing.pieces:
        if allowed is not None and piece.method not in allowed:
            names = ", ".join(allowed) or "none"
            return Violated(
                SoftLimit.PACKING,
                f"the policy allows only {names}, the goods need {piece.method}",
            )
        violated = _piece_violation(lane, piece)
        if violated is not None:
            return violated
    return None


def _piece_violation(lane: Lane, piece: PackedPiece) -> Violated | None:
    service = lane.service
    if service.mode is ServiceMode.PICKUP:
        return None
    longest_mm = max(piece.outer.length_mm, piece.outer.width_mm, piece.outer.height_mm)
    for what, has, may in (
        ("weight", piece.weight_g, service.max_weight_g),
        ("length", longest_mm, service.max_length_mm),
        ("girth", piece.outer.girth_mm, service.max_girth_mm),
    ):
        if has > may:
            unit = "g" if what == "weight" else "mm"
            return Violated(what, f"a piece has {has} {unit}, {service.id} takes {may}")
    band = piece.temperature
    if band is TemperatureBand.AMBIENT or band in service.temperatures:
        return None
    if piece.hold_h is None:
        return Violated("cold-chain", f"{service.id} is not {band}, nor is the packing")
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
