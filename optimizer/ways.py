"""Every way one center can send some lines: lane × packing, checked and priced."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from domain.network import FulfillmentCenter, ServiceMode
from domain.order import Line
from domain.plan import Excluded
from domain.policy import Limits, SoftLimit
from domain.quantities import FcId
from domain.sku import TemperatureBand
from optimizer import parcels as p
from optimizer.eligible import Violated, exclusion, service_violation
from optimizer.lanes import Lane, goods_violation
from optimizer.load import Load
from optimizer.offers import Lines, Offers
from optimizer.packing import Packing
from optimizer.parcels import Ints
from optimizer.pricing import (
    Cents,
    carriage,
    freight_cents,
    handling_cents,
    lane_cents,
    parcel_cents,
    too_big,
)
from optimizer.problem import Task
from optimizer.resources import Resource
from optimizer.shared import Shared
from optimizer.sheets import Sheet

# Answers of this many centers and policies are kept for each place.
_SHUT = 1_024


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


class Ways:
    """The ways of one order under given limits, told one by one."""

    def __init__(self, shared: Shared, task: Task, limits: Limits) -> None:
        self._shared = shared
        self.task = task
        self._limits = limits
        self.offers = Offers(shared, task, limits)
        self.sheet: Sheet = self.offers.sheet
        self._live = {(rate.fc, rate.service): rate.cents for rate in task.rates}
        self._violations: dict[tuple[object, ...], Violated] = {}

    def of(self, center: FulfillmentCenter, lines: tuple[Line, ...]) -> tuple[Way, ...]:
        """Return all feasible ways to send these lines from a center, best first."""
        at = self._shared.centers.index(center)
        totals = self.totals([(lines, (at,))])
        rows, packings = np.nonzero(totals >= 0)
        turns = np.argsort(totals[rows, packings], kind="stable")
        return tuple(self.way(at, lines, int(rows[n]), int(packings[n])) for n in turns)

    def totals(self, wanted: list[tuple[Lines, tuple[int, ...]]]) -> Ints:
        """Price some lines from some centers; each center may be asked once.

        Returns
        -------
        The cents of each lane to the order's place (row) and packing (column),
        −1 where the lane may not take the goods so packed.
        """
        most = max(
            (
                len(self.offers.packings(self._shared.centers[c], lines))
                for lines, centers in wanted
                for c in centers
            ),
            default=0,
        )
        shape = (len(self.sheet.lanes), max(1, most))
        totals = np.full(shape, -1, dtype=np.int64)
        self.offers.price(wanted, totals)
        return totals

    def way(self, center: int, lines: Lines, row: int, packing: int) -> Way:
        """Tell one way in full: by a lane of the place, in one of the packings."""
        task, lane = self.task, self._lane(center, row)
        load = self.offers.load(lines)
        packed = self.offers.packings(lane.center, lines)[packing]
        carried = carriage(task, lane.service, packed, load)
        handling = handling_cents(lane.center, load)
        cents = parcel_cents(task, lane, lane_cents(task, lane), carried, handling)
        assert cents is not None
        needs = self.needs(center, row)
        return Way(lane, load, packed, cents, sum(cents), needs)

    def rows_of(self, center: int) -> slice:
        """Return where the lanes of a center are among those to the place."""
        first = self.sheet.first
        return slice(int(first[center]), int(first[center + 1]))

    def needs(self, center: int, row: int) -> frozenset[Resource]:
        """Return the limited days and trucks that a lane depends on."""
        classes, lane = self._shared.classes, self.sheet.lanes[row]
        k = classes.klass[center, lane[p.LANE_SERVICE], lane[p.LANE_PICKUP]]
        return classes.needs[center][int(k)]

    def _lane(self, center: int, row: int) -> Lane:
        fc = self._shared.centers[center].id
        service = self._shared.problem.network.services[
            self.sheet.lanes[row, p.LANE_SERVICE]
        ]
        live_cents = self._live.get((fc, service.id))
        return self.sheet.lane(self._shared.table, center, row, live_cents)

    def excluded(self, center: int, lines: Lines, totals: Ints) -> list[Excluded]:
        """Return the center's lanes that may not carry these lines, and why."""
        first, end = self.sheet.first[center], self.sheet.first[center + 1]
        gates = self._shared.gate(self.task, self._limits)
        gate = gates[center]
        services = self.sheet.lanes[first:end, p.LANE_SERVICE]
        stopped = np.flatnonzero((totals[first:end] < 0).all(axis=1) & gate[services])
        return [
            *self._shut(center, gates, services),
            *(self._stopped(center, int(first + n), lines) for n in stopped.tolist()),
        ]

    def _shut(self, center: int, gates: Ints, led: Ints) -> list[Excluded]:
        """Return the services no order may use there, or that lead nowhere.

        Orders to one place whose policies open the same lanes share the answer.
        """
        key = (center, id(gates))
        known = self.sheet.shut.get(key)
        # The table is kept with the answer, so that its id stays its own.
        if known is None:
            known = gates, list(self._found_shut(center, gates, led))
            if len(self.sheet.shut) >= _SHUT:
                self.sheet.shut.clear()
            self.sheet.shut[key] = known
        return known[1]

    def _found_shut(self, center: int, gates: Ints, led: Ints) -> Iterator[Excluded]:
        own, table, roads = self._shared.centers[center], self._shared.table, set(led)
        opened = gates[center].tolist()
        for s, service in enumerate(self._shared.problem.network.services):
            if not opened[s]:
                violated = service_violation(self.task, self._limits, own, service)
                assert violated is not None
                yield exclusion(own.id, service.id, violated)
            elif s not in roads:
                yield self.sheet.no_road(table, center, s)

    def _stopped(self, center: int, row: int, lines: Lines) -> Excluded:
        own, lane = self._shared.centers[center], self.sheet.lanes[row]
        service = self._shared.problem.network.services[lane[p.LANE_SERVICE]]
        # Where no center was refused goods, equal times are stopped by the same.
        key = (
            *(int(lane[n]) for n in (p.LANE_SERVICE, p.P90_H, p.HAND_US)),
            self._shared.suites[0][center],
            center if self.task.blocks or lane[p.LANE_ROAD] >= 0 else -1,
            int(lane[p.LANE_ROAD]),
            lines,
        )
        violated = self._violations.get(key)
        if violated is None:
            violated = self._violation(self._lane(center, row), lines)
            self._violations[key] = violated
        return exclusion(own.id, service.id, violated)

    def _violation(self, lane: Lane, lines: Lines) -> Violated:
        """Return the first limit a lane violates: by the goods or their packing."""
        load = self.offers.load(lines)
        first = goods_violation(self.task, self._limits, lane, load)
        packings = self.offers.packings(lane.center, lines)
        if first is None and not packings:
            return Violated("carton", "the goods fit no carton of the center")
        for packing in packings if first is None else ():
            first = self._packing_violation(lane, packing, load)
            if first is not None:
                break
        assert first is not None
        return first

    def _packing_violation(
        self, lane: Lane, packing: Packing, load: Load
    ) -> Violated | None:
        """Say why goods packed like this may not travel on the lane."""
        pin, allowed = self.task.pin, self._limits.allowed_packing
        if pin is not None and pin.method is not None and packing.method != pin.method:
            return Violated("pin", f"the operator pinned {pin.method} packing")
        for piece in packing.pieces if allowed is not None else ():
            if allowed is not None and piece.method not in allowed:
                names = ", ".join(allowed) or "none"
                why = f"the policy allows only {names}, not {piece.method}"
                return Violated(SoftLimit.PACKING, why)
        collected = lane.service.mode is ServiceMode.PICKUP
        violated = None if collected else too_big(lane.service, packing)
        violated = violated or cold_violation(lane, packing)
        if violated is None:
            carried = carriage(self.task, lane.service, packing, load)
            if freight_cents(lane, carried) is None:
                why = f"no rate for {sum(carried.billable_g)} g"
                violated = Violated("weight-band", why)
        return violated


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
