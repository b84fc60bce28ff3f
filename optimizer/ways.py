"""Every way one center can send some lines: lane × packing, checked and priced."""

from datetime import timedelta
from typing import NamedTuple

import numpy as np

from domain.network import FulfillmentCenter, PackingMethod
from domain.order import Line
from domain.policy import Limits
from domain.quantities import FcId
from optimizer import parcels as p
from optimizer.hauls import to_place
from optimizer.lanes import Lane
from optimizer.load import Load
from optimizer.offers import Lines, Offers
from optimizer.parcels import Ints
from optimizer.pieces import Packing
from optimizer.pricing import (
    Carriage,
    Cents,
    billable_g,
    carriage,
    handling_cents,
    lane_cents,
    parcel_cents,
)
from optimizer.problem import Task
from optimizer.resources import Resource
from optimizer.shared import Shared
from optimizer.sheets import Sheet

# What tells ways apart for a reader: center, service and method of packing.
Briefly = tuple[int, int, PackingMethod]


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

    @property
    def billable_g(self) -> int:
        """What it takes of the vehicles it shares."""
        pieces, service = self.packing.pieces, self.lane.service
        return sum(billable_g(piece, service) for piece in pieces)


class Ways:
    """The ways of one order under given limits, told one by one."""

    def __init__(self, shared: Shared, task: Task, limits: Limits) -> None:
        self._shared = shared
        self.task = task
        self._limits = limits
        self.offers = Offers(shared, task, limits)
        self.sheet: Sheet = self.offers.sheet
        self._live = {(rate.fc, rate.service): rate for rate in task.rates}

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
        group_of, suites = self._shared.suites
        asked = {(group_of[c], lines) for lines, centers in wanted for c in centers}
        most = max(
            (len(self.offers.packings(suites[group], lines)) for group, lines in asked),
            default=0,
        )
        shape = (len(self.sheet.lanes), max(1, most))
        totals = np.full(shape, -1, dtype=np.int64)
        self.offers.price(wanted, totals)
        return totals

    def way(self, center: int, lines: Lines, row: int, packing: int) -> Way:
        """Tell one way in full: by a lane of the place, in one of the packings."""
        key = (center, row, packing, lines)
        told: Way | None = self.offers.notes.ways.get(key)
        if told is None:
            told = self._told(center, lines, row, packing)
            self.offers.notes.ways[key] = told
        return told

    def _told(self, center: int, lines: Lines, row: int, packing: int) -> Way:
        task, lane = self.task, self.lane(center, row)
        load = self.offers.load(lines)
        packed = self.offers.packings(lane.center, lines)[packing]
        carried = self._carried(center, row, lines, packing)
        handling = handling_cents(lane.center, load)
        cents = parcel_cents(task, lane, lane_cents(task, lane), carried, handling)
        assert cents is not None
        needs = self.needs(center, row)
        return Way(lane, load, packed, cents, sum(cents), needs)

    def _carried(self, center: int, row: int, lines: Lines, packing: int) -> Carriage:
        s = int(self.sheet.lanes[row, p.LANE_SERVICE])
        key = (self._shared.suites[0][center], s, packing, lines)
        carried = self.offers.notes.carried.get(key)
        if carried is None:
            packings = self.offers.packings(self._shared.centers[center], lines)
            service = self._shared.problem.network.services[s]
            load = self.offers.load(lines)
            carried = carriage(self.task, service, packings[packing], load)
            self.offers.notes.carried[key] = carried
        return carried

    def billable_g(self, center: int, lines: Lines, row: int, packing: int) -> int:
        """Return what a way takes of vehicles that it shares."""
        return sum(self._carried(center, row, lines, packing).billable_g)

    def briefly(self, center: int, lines: Lines, row: int, packing: int) -> Briefly:
        """Return the center, service and packing method of a way."""
        fc, service = self._shared.centers[center], self.sheet.lanes[row]
        method = self.offers.packings(fc, lines)[packing].method
        return center, int(service[p.LANE_SERVICE]), method

    def rows_of(self, center: int) -> slice:
        """Return where the lanes of a center are among those to the place."""
        first = self.sheet.first
        return slice(int(first[center]), int(first[center + 1]))

    def needs(self, center: int, row: int) -> frozenset[Resource]:
        """Return the limited days and trucks that a lane depends on."""
        classes, lane = self._shared.classes, self.sheet.lanes[row]
        k = classes.klass[center, lane[p.LANE_SERVICE], lane[p.LANE_PICKUP]]
        needs, place = classes.needs[center][int(k)], self.sheet.place
        if any(need.run for need in needs):
            return frozenset(to_place(need, place) for need in needs)
        return needs

    def lane(self, center: int, row: int) -> Lane:
        """Tell a lane in full."""
        fc = self._shared.centers[center].id
        service = self._shared.problem.network.services[
            self.sheet.lanes[row, p.LANE_SERVICE]
        ]
        live = self._live.get((fc, service.id))
        return self.sheet.lane(self._shared.table, center, row, live)
