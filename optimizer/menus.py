"""Everything orders could have, laid out over what could run out.

Orders whose options are shares of priced parts are laid out part by part, so that
every share there is can be chosen; other orders' options are taken as they are,
each as one part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.bounds import MILLI
from optimizer.contest import Row
from optimizer.kernels import layout
from optimizer.kernels import menus as kernel
from optimizer.kernels.layout import Wave
from optimizer.kernels.menus import NEVER, Menus
from optimizer.parcels import Ints
from optimizer.prices import Prices
from optimizer.resources import Kind, Offer, Resource, Supply
from optimizer.rows import Rows
from optimizer.tolls import tolls

Small = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class Hall:
    """The orders of a wave as arrays, and the rows over which they compete.

    ``tasks`` says whose orders they are; the ``exact`` first of them are laid out
    part by part, pairs and ways numbered as in their own menus from ``pair_from`` and
    ``ways_from`` on; the others have one pair for each option. ``least`` is what each
    order would pay if it were alone; orders for whom there is nothing never have a
    seat. Ways are judged to cost so much more than they do as is ``added``.
    """

    tasks: Ints
    exact: int
    ways_from: Ints
    menus: Menus
    way_id: Ints
    rows: tuple[Row, ...]
    least: Ints
    added: Ints

    @property
    def able(self) -> Ints:
        """The orders that could be served if they were alone."""
        return np.flatnonzero(self.least < NEVER)

    @property
    def orders(self) -> int:
        return len(self.tasks)


@dataclass(frozen=True, slots=True)
class _Flat:
    """Orders' parts over all codes, before it is known what could run out."""

    split: Ints
    full: Ints
    most: Ints
    mask: Small
    center: Small
    cents: Ints
    wave: Wave
    pairs: Ints


def hall_of(
    options: Sequence[Sequence[Offer]],
    beyond_allowed: Sequence[bool],
    supply: Supply,
    under: Prices | None = None,
) -> Hall:
    """Lay out what all orders could have, and find what could run out.

    ``under`` prices, ways are judged as if what they take had to be paid for.
    """
    whole = [n for n, mine in enumerate(options) if _menu(mine) is not None]
    told = [n for n, mine in enumerate(options) if _menu(mine) is None and len(mine)]
    tasks = np.array([*whole, *told], dtype=np.int64)
    flat, resources = _flat(options, whole, told)
    strict = ~np.array(beyond_allowed, dtype=bool)[tasks]
    most = np.zeros(len(resources), dtype=np.int64)
    layout.wanted(flat.wave, most)
    toll = tolls(under or Prices(), flat.wave, resources, strict)
    scarce = _scarce(resources, most, supply)
    return _hall(flat, tasks, len(whole), strict, scarce, toll)


def _menu(options: Sequence[Offer]) -> Any:
    menu = options.menu if isinstance(options, Rows) else None
    return menu if menu is not None and len(menu) else None


def _joined(parts: Sequence[np.ndarray], kind: type = np.int64) -> Any:
    if not parts:
        return np.zeros(0, dtype=kind)
    return np.concatenate(parts).astype(kind, copy=False)


def _starts(counts: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _flat(
    options: Sequence[Sequence[Offer]], whole: list[int], told: list[int]
) -> tuple[_Flat, Sequence[Resource]]:
    # Codes are given while rows are read, so all rows are read first.
    rows_told = [mine for n in told if isinstance(mine := options[n], Rows)]
    rows_read = [mine for n in whole if isinstance(mine := options[n], Rows)]
    loads = [rows.loads for rows in (*rows_read, *rows_told)][: len(whole)]
    menus = [_menu(rows) for rows in rows_read]
    sizes = np.array([len(start) - 1 for start, _, _ in loads], dtype=np.int64)
    load_from = _starts(_joined([np.diff(start) for start, _, _ in loads]))
    pair_count = np.array([len(menu) for menu in menus], dtype=np.int64)
    offset = np.repeat(_starts(sizes)[:-1], pair_count)
    load = (_joined([menu.load for menu in menus]) + offset).astype(np.int32)
    center = _joined([menu.center for menu in menus], np.int32)
    sku_code = _joined([code for _, code, _ in loads], np.int32)
    units = _joined([each for _, _, each in loads], np.int32)
    entry_from = np.zeros(len(load) + 1, dtype=np.int64)
    none = np.zeros(0, dtype=np.int32)
    asked = (load, center, load_from, sku_code, units, entry_from)
    count = layout.entries(*asked, none, none)
    code, amount = np.empty(count, np.int32), np.empty(count, np.int32)
    layout.entries(*asked, code, amount)
    ways = _joined([np.diff(menu.way_from) for menu in menus])
    codes = next((rows.codes for rows in (*rows_read, *rows_told)), None)
    known: Sequence[Resource] = codes.resources if codes is not None else ()
    of_class = codes.of_class if codes is not None else np.full((1, 1, 3), -1)
    by_lines = codes.by_lines if codes is not None else np.zeros((1, 1, 3), int)
    classes, wide = of_class.shape[0] * of_class.shape[1], of_class.shape[1]
    klass = _joined([menu.klass for menu in menus])
    klass = klass + np.repeat(center, ways).astype(np.int64) * wide
    resources, (listed, counts, t_code, t_amount, t_cents) = _told(options, told, known)
    held = of_class.reshape(classes, 3) >= 0
    wave = Wave(
        pair_from=_starts(np.concatenate([pair_count, listed])),
        entry_from=_starts(np.concatenate([np.diff(entry_from), counts])),
        code=np.concatenate([code, t_code]).astype(np.int32),
        amount=np.concatenate([amount, t_amount]).astype(np.int32),
        lines=np.concatenate(
            [_joined([menu.lines for menu in menus]), np.ones(len(counts), int)]
        ).astype(np.int32),
        way_from=_starts(np.concatenate([ways, np.ones(len(counts), int)])),
        klass=np.concatenate([klass, np.full(len(counts), classes)]).astype(np.int32),
        # The last class takes nothing.
        class_from=_starts(np.append(held.sum(axis=1), 0)),
        class_code=of_class.reshape(classes, 3)[held].astype(np.int32),
        class_by_lines=by_lines.reshape(classes, 3)[held].astype(np.int32),
    )
    one = np.ones(len(told), dtype=np.int64)
    flat = _Flat(
        split=np.append([menu.split_cents for menu in menus], 0 * one) * MILLI,
        full=np.append([menu.full for menu in menus], one),
        most=np.append([menu.most for menu in menus], one),
        mask=np.append(_joined([m.mask for m in menus]), np.ones(len(counts), int)),
        center=np.append(center, np.full(len(counts), -1)),
        cents=np.append(_joined([menu.cents for menu in menus]), t_cents),
        wave=wave,
        pairs=pair_count,
    )
    return flat, resources


def _told(
    options: Sequence[Sequence[Offer]], told: list[int], resources: Sequence[Resource]
) -> tuple[Sequence[Resource], tuple[Ints, Ints, Ints, Ints, Ints]]:
    """Read options as they are: how many, and what each of them takes and costs.

    Numbers go on from the resources', which are listed only where more come in.
    """
    known: dict[Resource, int] = {}
    for n in told:
        mine = options[n]
        if not isinstance(mine, Rows):
            for option in mine:
                known.update(dict.fromkeys(option.uses, -1))
    if known:
        listed = list(resources)
        for number, resource in enumerate(listed):
            if resource in known:
                known[resource] = number
        for resource, number in known.items():
            if number < 0:
                known[resource] = len(listed)
                listed.append(resource)
        resources = listed
    counts, codes, amounts, cents = [], [], [], []
    for n in told:
        mine = options[n]
        if isinstance(mine, Rows):
            count, code, amount = mine.taken
            counts.append(count)
            codes.append(code)
            amounts.append(amount)
            cents.append(mine.cents)
            continue
        counts.append(np.array([len(option.uses) for option in mine]))
        uses = [item for option in mine for item in option.uses.items()]
        codes.append(np.array([known[r] for r, _ in uses], dtype=np.int64))
        amounts.append(np.array([by for _, by in uses], dtype=np.int64))
        cents.append(np.array([option.total_cents for option in mine]))
    sizes = np.array([len(options[n]) for n in told], dtype=np.int64)
    counted, code, amount, cent = map(_joined, (counts, codes, amounts, cents))
    return resources, (sizes, counted, code, amount, cent)


@dataclass(frozen=True, slots=True)
class _Scarce:
    """What could run out: its rows, and the row of each code (-1: never)."""

    rows: list[Row]
    row_of: Ints
    lines: Ints


def _scarce(resources: Sequence[Resource], most: Ints, supply: Supply) -> _Scarce:
    row_of = np.full(len(resources), -1, dtype=np.int64)
    rows = list[Row]()
    for code in np.flatnonzero(most).tolist():
        resource = resources[code]
        limit = supply.limit(resource) or 0
        if most[code] > limit:
            row_of[code] = len(rows)
            rows.append(Row(resource, False, limit, *supply.beyond(resource)))
    lines = [row.resource.kind is Kind.FC_LINES for row in rows]
    return _Scarce(rows, row_of, np.array(lines, dtype=bool))


def _hall(
    flat: _Flat,
    tasks: Ints,
    exact: int,
    strict: np.ndarray,
    scarce: _Scarce,
    toll: Ints,
) -> Hall:
    wave = flat.wave
    rows = list[Row](scarce.rows)
    # Orders that may not use what is beyond have rows of their own beside.
    strict_of = np.full(len(rows) + 1, -1, dtype=np.int64)
    if strict.any():
        for r, row in enumerate(scarce.rows):
            if row.resource.kind is Kind.FC_LINES and row.more:
                strict_of[r] = len(rows)
                rows.append(Row(row.resource, True, row.limit))
    order_of_pair = np.repeat(np.arange(len(tasks)), np.diff(wave.pair_from))
    strict_pair = strict[order_of_pair]
    entry = _entries(wave, scarce.row_of, strict_of, strict_pair)
    limit = np.array([max(0, row.limit) for row in rows], dtype=np.int64)
    up_to = limit + np.array([row.more for row in rows], dtype=np.int64)
    over = np.zeros(len(strict_pair), dtype=bool)
    pair_of_entry = np.repeat(np.arange(len(strict_pair)), np.diff(entry[0]))
    over[pair_of_entry[entry[2] > up_to[entry[1]]]] = True
    class_from, class_row, by_lines, base = _classes(wave, scarce, strict_of)
    pair_of_way = np.repeat(np.arange(len(strict_pair)), np.diff(wave.way_from))
    klass = wave.klass + base * strict_pair[pair_of_way]
    ok = ~over[pair_of_way] & _may(
        class_from, class_row, by_lines, up_to, klass, wave.lines[pair_of_way]
    )
    kept = np.flatnonzero(ok)
    cost = flat.cents * MILLI + toll
    if toll.any():
        # The cheapest way of a pair is first, also under prices.
        kept = kept[np.lexsort((cost[kept], pair_of_way[kept]))]
    menus = Menus(
        pair_from=wave.pair_from,
        full=flat.full.astype(np.int64),
        most=flat.most.astype(np.int64),
        split=flat.split.astype(np.int64),
        mask=flat.mask.astype(np.int32),
        center=flat.center.astype(np.int32),
        lines=wave.lines,
        entry_from=entry[0],
        row=entry[1].astype(np.int32),
        amount=entry[2].astype(np.int32),
        way_from=_starts(np.bincount(pair_of_way[ok], minlength=len(strict_pair))),
        cost=cost[kept],
        klass=klass[kept].astype(np.int32),
        class_from=class_from,
        class_row=class_row.astype(np.int32),
        class_by_lines=by_lines.astype(np.int32),
        limit=limit,
        up_to=up_to,
        beyond=np.array([row.more_cents * MILLI for row in rows], dtype=np.int64),
    )
    return Hall(
        tasks=tasks,
        exact=exact,
        ways_from=wave.way_from[wave.pair_from],
        menus=menus,
        way_id=kept,
        rows=tuple(rows),
        least=least_of(menus, len(tasks)),
        added=toll[kept],
    )


def _entries(
    wave: Wave, row_of: Ints, strict_of: Ints, strict_pair: np.ndarray
) -> tuple[Ints, Ints, Ints]:
    """Return pairs' entries over the rows: where they begin, rows and amounts."""
    pair = np.repeat(np.arange(len(strict_pair)), np.diff(wave.entry_from))
    row = row_of[wave.code]
    kept = np.flatnonzero(row >= 0)
    pair, row, amount = pair[kept], row[kept], wave.amount[kept].astype(np.int64)
    also = np.flatnonzero(strict_pair[pair] & (strict_of[row] >= 0))
    if len(also):
        pair = np.concatenate([pair, pair[also]])
        row = np.concatenate([row, strict_of[row[also]]])
        amount = np.concatenate([amount, amount[also]])
        turns = np.argsort(pair, kind="stable")
        pair, row, amount = pair[turns], row[turns], amount[turns]
    return _starts(np.bincount(pair, minlength=len(strict_pair))), row, amount


def _classes(
    wave: Wave, scarce: _Scarce, strict_of: Ints
) -> tuple[Ints, Ints, Ints, int]:
    """Return the classes over the rows, twice: the second time with strict rows."""
    count = len(wave.class_from) - 1
    klass = np.repeat(np.arange(count), np.diff(wave.class_from))
    row = scarce.row_of[wave.class_code]
    kept = row >= 0
    klass, row = klass[kept], row[kept]
    lines = wave.class_by_lines[kept].astype(np.int64)
    also = strict_of[row] >= 0
    klass = np.concatenate([klass, klass + count, klass[also] + count])
    row = np.concatenate([row, row, strict_of[row[also]]])
    lines = np.concatenate([lines, lines, lines[also]])
    turns = np.argsort(klass, kind="stable")
    starts = _starts(np.bincount(klass, minlength=2 * count))
    return starts, row[turns], lines[turns], count


def _may(
    class_from: Ints,
    class_row: Ints,
    by_lines: Ints,
    up_to: Ints,
    klass: Ints,
    lines: Small,
) -> np.ndarray:
    """Tell which ways could be had by an order that is alone."""
    count = len(class_from) - 1
    most = np.full(count, NEVER, dtype=np.int64)
    once = np.ones(count, dtype=bool)
    for k in range(count):
        for n in range(class_from[k], class_from[k + 1]):
            room = up_to[class_row[n]]
            if by_lines[n]:
                most[k] = min(most[k], room)
            once[k] = once[k] and room > 0
    return once[klass] & (lines <= most[klass])


def least_of(menus: Menus, orders: int) -> Ints:
    """Return what each order would pay if it were alone; NEVER: it cannot."""
    best = np.zeros(orders, dtype=np.int64)
    free = np.zeros(len(menus.limit), dtype=np.int64)
    none = np.zeros(len(menus.class_from) - 1, dtype=np.int64)
    asked = (menus, kernel.tops(), free, none, none, NEVER, 0, orders)
    kernel.answer(*asked, np.zeros_like(free), best)
    return best
