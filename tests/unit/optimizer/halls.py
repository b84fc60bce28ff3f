"""Small waves as arrays, drawn from a seed, and their best shares by trying all."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from domain.quantities import FcId
from optimizer.contest import Row
from optimizer.kernels.menus import NEVER, Menus
from optimizer.menus import Hall, least_of
from optimizer.parcels import Ints
from optimizer.resources import Kind, Resource
from optimizer.sourcing import partitions

CENTERS, CLASSES = 4, 2


def a_hall(orders: int, seed: int, *, stock: int = 3, work: int = 9) -> Hall:
    """Draw orders of one to four things at four centers, two ways from each."""
    chance = np.random.default_rng(seed)
    things = 5
    # Rows: units by center and thing, then lines by center, then trucks by class.
    units = chance.integers(0, stock + 1, CENTERS * things)
    limit = np.concatenate([units, np.full(CENTERS, work), np.full(CENTERS * 2, work)])
    beyond = np.zeros(len(limit), dtype=np.int64)
    up_to = limit.copy()
    lines_row = CENTERS * things
    up_to[lines_row : lines_row + CENTERS] += 3
    beyond[lines_row : lines_row + CENTERS] = 40_000
    pairs: list[tuple[int, int, int, list[int], list[int]]] = []
    sizes, full = [], []
    for _ in range(orders):
        wanted = chance.choice(things, chance.integers(1, 5), replace=False)
        full.append((1 << len(wanted)) - 1)
        before = len(pairs)
        for center in range(CENTERS):
            for mask in range(1, 1 << len(wanted)):
                mine = [int(s) for n, s in enumerate(wanted) if mask >> n & 1]
                rows = [center * things + s for s in mine]
                if all(limit[r] > 0 for r in rows) and chance.random() < 0.8:
                    costs = sorted(chance.integers(300, 2_000, CLASSES).tolist())
                    pairs.append((mask, center, len(mine), rows, costs))
        sizes.append(len(pairs) - before)
    return _hall(pairs, sizes, full, limit, up_to, beyond, lines_row)


def _hall(
    pairs: list[tuple[int, int, int, list[int], list[int]]],
    sizes: list[int],
    full: list[int],
    limit: Ints,
    up_to: Ints,
    beyond: Ints,
    lines_row: int,
) -> Hall:
    orders, count = len(sizes), len(pairs)

    def small(values: list[int]) -> np.ndarray:
        return np.array(values, dtype=np.int32)

    def starts(counts: list[int]) -> Ints:
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    classes = [(c, k) for c in range(CENTERS) for k in range(CLASSES)]
    trucks = lines_row + CENTERS
    menus = Menus(
        pair_from=starts(sizes),
        full=np.array(full, dtype=np.int64),
        most=np.full(orders, 3, dtype=np.int64),
        split=np.full(orders, 180_000, dtype=np.int64),
        mask=small([pair[0] for pair in pairs]),
        center=small([pair[1] for pair in pairs]),
        lines=small([pair[2] for pair in pairs]),
        entry_from=starts([len(pair[3]) for pair in pairs]),
        row=small([r for pair in pairs for r in pair[3]]),
        amount=small([1 for pair in pairs for _ in pair[3]]),
        way_from=starts([CLASSES] * count),
        cost=np.array([c * 1000 for pair in pairs for c in pair[4]], dtype=np.int64),
        klass=small([pair[1] * CLASSES + k for pair in pairs for k in range(CLASSES)]),
        class_from=starts([2] * len(classes)),
        class_row=small(
            [r for c, k in classes for r in (lines_row + c, trucks + c * 2 + k)]
        ),
        class_by_lines=small([1, 0] * len(classes)),
        limit=limit.astype(np.int64),
        up_to=up_to.astype(np.int64),
        beyond=beyond,
    )
    rows = tuple(
        Row(
            Resource(Kind.FC_LINES, FcId(f"FC-{r}")),
            False,
            int(limit[r]),
            int(up_to[r] - limit[r]),
            int(beyond[r]) // 1000,
        )
        for r in range(len(limit))
    )
    return Hall(
        tasks=np.arange(orders),
        exact=orders,
        ways_from=starts([0] * orders),
        menus=menus,
        way_id=np.arange(count * CLASSES),
        rows=rows,
        least=least_of(menus, orders),
        added=np.zeros(count * CLASSES, dtype=np.int64),
    )


def shares(hall: Hall, order: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield every share of an order, as pairs and ways, by trying them all."""
    menus = hall.menus
    mine = range(menus.pair_from[order], menus.pair_from[order + 1])
    by_mask: dict[int, list[tuple[int, int]]] = {}
    for q in mine:
        for w in range(menus.way_from[q], menus.way_from[q + 1]):
            by_mask.setdefault(int(menus.mask[q]), []).append((q, w))
    lines = int(menus.full[order]).bit_length()
    for groups in partitions(lines, int(menus.most[order])):
        masks = [sum(1 << n for n in group) for group in groups]
        for share in product(*(by_mask.get(mask, []) for mask in masks)):
            if len({int(menus.center[q]) for q, _ in share}) == len(share):
                yield share


def takes(hall: Hall, share: tuple[tuple[int, int], ...]) -> Ints:
    """Return what a share takes of every row."""
    menus = hall.menus
    taken = np.zeros(len(menus.limit), dtype=np.int64)
    for q, w in share:
        for e in range(menus.entry_from[q], menus.entry_from[q + 1]):
            taken[menus.row[e]] += menus.amount[e]
        k = menus.klass[w]
        for n in range(menus.class_from[k], menus.class_from[k + 1]):
            taken[menus.class_row[n]] += (
                menus.lines[q] if menus.class_by_lines[n] else 1
            )
    return taken


def cost_of(hall: Hall, order: int, share: tuple[tuple[int, int], ...]) -> int:
    """Return what a share costs, splits and all, in millicents."""
    menus = hall.menus
    ways = sum(int(menus.cost[w]) for _, w in share)
    return ways + int(menus.split[order]) * (len(share) - 1)


def least_by_trying(hall: Hall, order: int, prices: Ints) -> int:
    """Return the least an order pays under prices, by trying all its shares."""
    return min(
        (
            cost_of(hall, order, share) + int((takes(hall, share) * prices).sum())
            for share in shares(hall, order)
        ),
        default=NEVER,
    )
