"""What stops the lanes that may not serve an order: the first limit of each."""

from collections.abc import Iterator, Mapping

import numpy as np

from domain.network import ServiceMode
from domain.plan import Excluded
from domain.policy import Limits, SoftLimit
from domain.quantities import SkuId
from domain.sku import KEPT_TENTHS_C, TemperatureBand
from optimizer import parcels as p
from optimizer.eligible import (
    Violated,
    center_violation,
    exclusion,
    line_violation,
    service_violation,
)
from optimizer.lanes import Lane, goods_violation
from optimizer.load import Load
from optimizer.offers import Lines
from optimizer.parcels import Ints
from optimizer.pieces import PackedPiece, Packing
from optimizer.pricing import carriage, carriage_cents, hardness, too_big
from optimizer.problem import Task
from optimizer.shared import Shared
from optimizer.timetable import microseconds
from optimizer.ways import Ways

# Answers of this many centers and policies are kept for each place.
_SHUT = 1_024
# Which limit stops the goods, in the order of ``goods_violation``; then packings.
_PACKED, _HAZMAT, _INSURED, _LATEST, _TRANSIT, _LIFE = range(6)


class Stops:
    """Says of every lane to an order's place why it may not serve the order."""

    def __init__(self, asker: tuple[Shared, Task, Limits], ways: Ways) -> None:
        self._shared, self._task, self._limits = asker
        self._ways = ways
        self._gates = self._shared.gate(self._task, self._limits)
        self._violations: dict[tuple[object, ...], Violated] = {}

    def excluded(self, sent: Mapping[int, Lines], totals: Ints) -> Iterator[Excluded]:
        """Yield the centers that can give nothing, then the others' closed lanes.

        Parameters
        ----------
        sent
            What each center (by position) could give at most.
        totals
            The cents of each lane (row) and packing of that, −1 where it may not go.
        """
        yield from self._without(sent)
        sheet = self._ways.sheet
        service = sheet.lanes[:, p.LANE_SERVICE]
        center = np.repeat(np.arange(len(sheet.first) - 1), np.diff(sheet.first))
        stopped = np.flatnonzero(
            (totals < 0).all(axis=1) & (self._gates[center, service] > 0)
        )
        starts = np.searchsorted(stopped, sheet.first)
        for c, lines in sent.items():
            yield from self._shut(c)
            rows = stopped[starts[c] : starts[c + 1]]
            if len(rows):
                yield from self._stopped(c, rows, lines)

    def _without(self, sent: Mapping[int, Lines]) -> Iterator[Excluded]:
        """Say of each center that can give nothing what stops it."""
        shared, task, limits = self._shared, self._task, self._limits
        for c, center in enumerate(shared.centers):
            if c in sent:
                continue
            violated = center_violation(task, limits, center)
            if violated is not None:
                yield exclusion(center.id, None, violated)
                continue
            for line in task.lines:
                lacking = self._lacking(c, line.sku)
                if lacking is not None:
                    yield lacking
                    break

    def _lacking(self, c: int, sku: SkuId) -> Excluded | None:
        """Say why a center can give nothing of a SKU; most orders hear the same."""
        known = self._shared.lacking
        if self._task.blocks or (c, sku) not in known:
            problem, center = self._shared.problem, self._shared.centers[c]
            violated = line_violation(problem, self._task, center, problem.skus[sku])
            told = None
            if violated is not None:
                told = exclusion(center.id, None, violated)
            if self._task.blocks:
                return told
            known[c, sku] = told
        return known[c, sku]

    def _shut(self, center: int) -> list[Excluded]:
        """Return the services no order may use there, or that lead nowhere.

        Orders to one place whose policies open the same lanes share the answer.
        """
        sheet = self._ways.sheet
        key = (center, id(self._gates))
        known = sheet.shut.get(key)
        # The table is kept with the answer, so that its id stays its own.
        if known is None:
            known = self._gates, list(self._found_shut(center))
            if len(sheet.shut) >= _SHUT:
                sheet.shut.clear()
            sheet.shut[key] = known
        return known[1]

    def _found_shut(self, center: int) -> Iterator[Excluded]:
        own, sheet = self._shared.centers[center], self._ways.sheet
        led = sheet.lanes[self._ways.rows_of(center), p.LANE_SERVICE]
        roads, opened = set(led.tolist()), self._gates[center].tolist()
        for s, service in enumerate(self._shared.problem.network.services):
            if not opened[s]:
                violated = service_violation(self._task, self._limits, own, service)
                assert violated is not None
                yield exclusion(own.id, service.id, violated)
            elif s not in roads:
                yield sheet.no_road(self._shared.table, center, s)

    def _stopped(self, center: int, rows: Ints, lines: Lines) -> Iterator[Excluded]:
        fc, services = self._shared.centers[center].id, self._ways.sheet.lanes
        network = self._shared.problem.network
        codes, figures = self._by_goods(rows, lines)
        for row, code, figure in zip(
            rows.tolist(), codes.tolist(), figures.tolist(), strict=True
        ):
            service = network.services[services[row, p.LANE_SERVICE]]
            key: tuple[object, ...] = (code, figure, lines)
            if code == _PACKED or self._task.blocks:
                key = (*self._packed_key(center, row), lines)
            violated = self._violations.get(key)
            if violated is None:
                violated = self._violation(self._ways.lane(center, row), lines)
                self._violations[key] = violated
            yield exclusion(fc, service.id, violated)

    def _by_goods(self, rows: Ints, lines: Lines) -> tuple[Ints, Ints]:
        """Return the first limit of the goods that each lane violates, and by what.

        The same order as in ``goods_violation``; equal figures have equal reasons.
        """
        load, limits = self._ways.offers.load(lines), self._limits
        lanes = self._ways.sheet.lanes[rows]
        services = lanes[:, p.LANE_SERVICE]
        service = self._shared.table.tariffs.service[services]
        sent = service[:, p.COLLECTED] == 0
        hand_us, p90_h = lanes[:, p.HAND_US], lanes[:, p.P90_H]
        latest = limits.latest_handover
        latest_us = p.NEVER if latest is None else microseconds(latest)
        most_h = p.NEVER if limits.max_transit_h is None else limits.max_transit_h
        life_h = p.NEVER if load.shelf_life_h is None else load.shelf_life_h
        insured = sent & (load.value_cents > service[:, p.INSURED_UP_TO])
        violated = (
            sent & (load.hazmat is not None) & (service[:, p.TAKES_HAZMAT] == 0),
            insured & limits.insured,
            hand_us > latest_us,
            p90_h > most_h,
            p90_h > life_h,
        )
        codes = np.select(violated, (_HAZMAT, _INSURED, _LATEST, _TRANSIT, _LIFE))
        figures = np.select(violated, (services, services, hand_us, p90_h, p90_h))
        return codes.astype(np.int64), figures.astype(np.int64)

    def _packed_key(self, center: int, row: int) -> tuple[int, ...]:
        # Where no center was refused goods, equal times are stopped by the same.
        lane = self._ways.sheet.lanes[row]
        road = int(lane[p.LANE_ROAD])
        in_weather = self._ways.sheet.weather is not None
        return (
            *(int(lane[n]) for n in (p.LANE_SERVICE, p.P90_H, p.HAND_US)),
            self._shared.suites[0][center],
            center if self._task.blocks or road >= 0 or in_weather else -1,
            road,
        )

    def _violation(self, lane: Lane, lines: Lines) -> Violated:
        """Return the first limit a lane violates: by the goods or their packing."""
        load = self._ways.offers.load(lines)
        first = goods_violation(self._task, self._limits, lane, load)
        packings = self._ways.offers.packings(lane.center, lines)
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
        pin, allowed = self._task.pin, self._limits.allowed_packing
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
            carried = carriage(self._task, lane.service, packing, load)
            if carriage_cents(lane, carried) is None:
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
        hard = hardness(lane, piece)
        if piece.hold_h * 1_000 < lane.p90_h * hard:
            why = _kept_briefly(lane, piece, piece.hold_h, hard)
            return Violated("cold-chain", why)
    return None


def _kept_briefly(lane: Lane, piece: PackedPiece, hold_h: int, hard: int) -> str:
    """Say for how long a carton keeps its band, and what the weather takes of that."""
    band, hours, heat = piece.temperature, lane.p90_h, lane.heat
    keeps = f"{hours} h in transit at p90, the insulated carton keeps {band} for"
    if heat is None or piece.rated is None:
        return f"{keeps} {hold_h}"
    outside = heat.outside
    least, most = outside.least_tenths_c / 10, outside.most_tenths_c / 10
    rated_at = (piece.rated[1] + (KEPT_TENTHS_C[piece.rated[0]][1] or 0)) / 10
    return (
        f"{keeps} {hold_h * 1_000 // hard} in {least:.1f} to {most:.1f} °C forecast "
        f"({hold_h} at {rated_at:.1f} °C)"
    )
