"""What centers could offer one order, priced all at once.

Loads are parts of the order as some center would pack them; a pair is a load and
a center that has it. Pricing yields, for each pair, the ways that matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from domain.network import FulfillmentCenter, PackingMethod
from domain.order import Line
from domain.policy import Limits
from domain.quantities import Dimensions
from domain.sku import TemperatureBand
from optimizer import parcels as p
from optimizer.eligible import blocks
from optimizer.heat import COLUMN
from optimizer.load import Load, load_of_order
from optimizer.parcels import Ask, Found, Grid, Ints
from optimizer.pieces import PackedPiece, Packing
from optimizer.pricing import DAMAGE_PERCENT, FRAGILE_TIMES, Carriage
from optimizer.problem import Task
from optimizer.shared import Shared
from optimizer.shares import Ranks
from optimizer.sheets import Sheet
from optimizer.tariffs import BAND_BIT, BY_NAME
from optimizer.timetable import PICKUPS, microseconds

_NO_TOTALS = np.zeros((0, 0), dtype=np.int64)

Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Priced:
    """Loads, the pairs of loads and centers, and the ways found for each pair.

    ``packings[n]`` are the packings of load n; a way's packing counts from the
    first one of all loads, ``first[n]`` is where those of load n begin.
    """

    lines: tuple[Lines, ...]
    first: Ints
    load: Ints
    center: Ints
    found: Found
    ranks: Ranks


@dataclass(frozen=True, slots=True)
class Notes:
    """What was worked out of one order, whatever the limits.

    Packings are by groups of centers with equal suites. ``ways`` are told by
    ``ways``: by center, lane, packing and lines.
    """

    task: Task
    loads: dict[Lines, Load]
    packed: dict[tuple[int, Lines], tuple[Packing, ...]]
    carried: dict[tuple[int, int, int, Lines], Carriage]
    ways: dict[tuple[int, int, int, Lines], Any]


def notes_of(shared: Shared, task: Task) -> Notes:
    """Return the notes of an order; those of the latest few are kept."""
    known: Notes | None = shared.notes.get(id(task))
    # The task is kept beside its notes: while it is, no other has its id.
    if known is None or known.task is not task:
        known = shared.notes.keep(id(task), Notes(task, {}, {}, {}, {}))
    return known


class Offers:
    """Asks all centers for parts of one order, under given limits."""

    def __init__(self, shared: Shared, task: Task, limits: Limits) -> None:
        self._shared = shared
        self._task = task
        self._limits = limits
        self.notes = notes_of(shared, task)
        self._loads, self._packed = self.notes.loads, self.notes.packed

    @property
    def sheet(self) -> Sheet:
        """The lanes to the order's place."""
        patient = self._task.policy.money.early_cents_per_h > 0
        pickups = PICKUPS if patient else 1
        return self._shared.sheet(self._task.order.ship_to, pickups)

    def load(self, lines: Lines) -> Load:
        """Return what some of the order's lines ask for."""
        load = self._loads.get(lines)
        if load is None:
            skus = self._shared.problem.skus
            load = load_of_order(self._task.order, lines, skus)
            self._loads[lines] = load
        return load

    def packings(self, center: FulfillmentCenter, lines: Lines) -> tuple[Packing, ...]:
        """Return the ways in which a center may pack some of the lines."""
        key = (self._shared.group_of[center.id], lines)
        packed = self._packed.get(key)
        if packed is None:
            packed = self._shared.packer.packings(
                lines, center.cartons, palletizes=center.palletizes
            )
            if not packed and not center.cartons:
                packed = (loose(self.load(lines)),)
            self._packed[key] = packed
        return packed

    def pack_at_once(self, center: FulfillmentCenter, lines: Lines) -> None:
        """Pack the lines as one usual packing, unless they were packed before.

        Whoever is asked about these lines while the order's notes last, answers
        for this packing. Where a packing is wished for, all are looked at.
        """
        key = (self._shared.group_of[center.id], lines)
        pinned = self._task.pin is not None and self._task.pin.method is not None
        if key in self._packed or pinned or self._limits.allowed_packing is not None:
            return
        packed = self._shared.packer.at_once(lines, center.cartons)
        if packed:
            self._packed[key] = packed

    def price(
        self, wanted: Iterable[tuple[Lines, Sequence[int]]], totals: Ints = _NO_TOTALS
    ) -> Priced:
        """Price some lines from some centers (by position), for each of ``wanted``.

        Where ``totals`` has a row for each lane of the order's place, the cents of
        every packing of it are noted there.
        """
        table = _Table(self._task, self._limits)
        group_of, suites = self._shared.suites
        pair_load: list[int] = []
        pair_center: list[int] = []
        masks = [self._shared.gate(self._task, self._limits)]
        for lines, centers in wanted:
            load_in: dict[int, int] = {}
            mask = self._mask(lines, masks)
            for c in centers:
                group = group_of[c]
                if group not in load_in:
                    load_in[group] = len(table.lines)
                    packings = self.packings(suites[group], lines)
                    table.add(self.load(lines), packings, mask)
                pair_load.append(load_in[group])
                pair_center.append(c)
        return self._priced(table, pair_load, pair_center, masks, totals)

    def _priced(
        self,
        table: "_Table",
        pair_load: list[int],
        pair_center: list[int],
        masks: list[Ints],
        totals: Ints,
    ) -> Priced:
        load = np.array(pair_load, dtype=np.int64)
        center = np.array(pair_center, dtype=np.int64)
        shape = (len(load), self._shared.classes.most)
        cents, lane, packing, klass, billed = (
            np.zeros(shape, dtype=np.int64) for _ in range(5)
        )
        held = np.zeros(len(load), dtype=np.int64)
        tie = np.zeros((*shape, 3), dtype=np.int64)
        found = Found(held, cents, lane, packing, klass, tie, billed)
        grid = self._grid()
        ask = Ask(
            wishes=_wishes(self._task, self._limits),
            loads=_rows(table.loads, p.LOAD_COLUMNS),
            packings=_rows(table.packings, p.PACK_COLUMNS),
            pieces=_rows(table.pieces, p.PIECE_COLUMNS),
            pair_load=load,
            pair_center=center,
            allowed=np.stack(masks),
            live=self._shared.quoted(self._task.rates),
        )
        if len(load) and len(grid.lanes):
            p.price(grid, ask, found, totals)
        first = np.array([row[p.LOAD_PACKINGS] for row in table.loads], dtype=np.int64)
        ranks = Ranks(center, found.held, found.cents, found.tie)
        return Priced(tuple(table.lines), first, load, center, found, ranks)

    def _grid(self) -> Grid:
        sheet, classes = self.sheet, self._shared.classes
        tariffs = self._shared.table.tariffs
        return Grid(
            service=tariffs.service,
            rate=tariffs.rate,
            break_start=tariffs.break_start,
            breaks=tariffs.breaks,
            center=tariffs.center,
            named=tariffs.named,
            first=sheet.first,
            lanes=sheet.lanes,
            km=sheet.km,
            heat=sheet.heat,
            port_start=sheet.port_start,
            ports=sheet.ports,
            klass=classes.klass,
            within=classes.within,
        )

    def _mask(self, lines: Lines, masks: list[Ints]) -> int:
        """Return which mask of lanes holds for these goods; refused ones have own."""
        skus = {line.sku for line in lines}
        refused = [b for b in self._task.blocks if b.service and b.sku in skus]
        if not refused:
            return 0
        mask = masks[0].copy()
        services = self._shared.problem.network.services
        for c, center in enumerate(self._shared.centers):
            for s, service in enumerate(services):
                if any(blocks(block, center, service) for block in refused):
                    mask[c, s] = 0
        masks.append(mask)
        return len(masks) - 1


class _Table:
    """Loads, packings and pieces of one order, row by row."""

    def __init__(self, task: Task, limits: Limits) -> None:
        self._allowed = limits.allowed_packing
        self._pinned = task.pin.method if task.pin is not None else None
        self.lines: list[Lines] = []
        self.loads: list[tuple[int, ...]] = []
        self.packings: list[tuple[int, ...]] = []
        self.pieces: list[tuple[int, ...]] = []

    def add(self, load: Load, packings: tuple[Packing, ...], mask: int) -> None:
        first = len(self.packings)
        for packing in packings:
            self._add(load, packing)
        life_h = p.NEVER if load.shelf_life_h is None else load.shelf_life_h
        self.lines.append(load.lines)
        self.loads.append(
            (
                *(first, len(self.packings), len(load.lines), load.units),
                *(load.value_cents, load.hazmat is not None, life_h, mask),
            )
        )

    def _add(self, load: Load, packing: Packing) -> None:
        first = len(self.pieces)
        weight_g = coolant = harm_value = harm = hazmat = 0
        fine = self._pinned is None or packing.method == self._pinned
        for piece in packing.pieces:
            outer = piece.outer
            self.pieces.append(
                (
                    *(piece.weight_g, outer.volume_mm3),
                    max(outer.length_mm, outer.width_mm, outer.height_mm),
                    *(outer.girth_mm, BAND_BIT[piece.temperature]),
                    -1 if piece.hold_h is None else piece.hold_h,
                    *_rating(piece),
                    piece.coolant_cents_per_h,
                )
            )
            weight_g += piece.weight_g
            coolant += piece.coolant_cents_per_h
            times = DAMAGE_PERCENT[piece.method]
            value = 0
            fragile = dangerous = False
            for line in piece.lines:
                value += load.unit_value_cents[line.sku] * line.units
                fragile = fragile or line.sku in load.fragile
                dangerous = dangerous or line.sku in load.hazmat_skus
            times *= FRAGILE_TIMES if fragile else 1
            harm_value += times * value
            harm += times
            hazmat += dangerous
            fine = fine and (self._allowed is None or piece.method in self._allowed)
        self.packings.append(
            (
                *(first, len(self.pieces), packing.cost_cents, weight_g, coolant),
                *(harm_value, harm, hazmat, fine, BY_NAME[packing.method]),
            )
        )


def _rating(piece: PackedPiece) -> tuple[int, int]:
    """Return the band (by its column of heat) and the difference it is rated at."""
    if piece.rated is None:
        return -1, 0
    return COLUMN[piece.rated[0]], piece.rated[1]


def _wishes(task: Task, limits: Limits) -> Ints:
    order, money = task.order, task.policy.money
    by, latest, most_h = order.deliver_by, limits.latest_handover, limits.max_transit_h
    return np.array(
        (
            -1 if by is None else microseconds(by),
            *(money.late_cents_per_h, money.late_event_cents, money.early_cents_per_h),
            *(money.spoilage_cents_per_h, money.damage_event_cents),
            *(money.carbon_cents_per_kg, order.residential),
            *(order.signature or limits.signature, limits.insured),
            p.NEVER if latest is None else microseconds(latest),
            p.NEVER if most_h is None else most_h,
        ),
        dtype=np.int64,
    )


def _rows(rows: list[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def loose(load: Load) -> Packing:
    """Take goods of a center without cartons as one loose piece of their weight."""
    side_mm = max(1, ceil(load.volume_mm3 ** (1 / 3) - 1e-6))
    band = min(load.cold, default=TemperatureBand.AMBIENT)
    own, size = PackingMethod.OWN_CONTAINER, (side_mm, side_mm, side_mm)
    outer = Dimensions(length_mm=size[0], width_mm=size[1], height_mm=size[2])
    piece = PackedPiece(
        *(None, own, outer, load.weight_g, load.lines, (), None, band, 0),
    )
    return Packing(PackingMethod.OWN_CONTAINER, (piece,), 0)
