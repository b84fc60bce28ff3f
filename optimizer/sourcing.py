"""Which centers could share an order's lines between them.

- one center that has everything;
- up to six lines: every way to divide them over the centers allowed;
- more lines, or a line no center has enough of: centers in turn give all they
  have of what is still missing, for every promising first and second center.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import permutations

import numpy as np

from domain.order import Line
from optimizer import shares as kernel
from optimizer.offers import Lines, Priced
from optimizer.parcels import Ints
from optimizer.shares import MOST_PARTS, Shares

# Who sends what: centers by position, in order.
Sourcing = tuple[tuple[int, tuple[Line, ...]], ...]

EXACT_LINES = 6
# How many of the cheapest centers are tried for a group, by number of groups.
CENTERS_TRIED = {2: 8, 3: 5, 4: 3}
TURNS_TRIED = 8
_TRIED = np.array([0, 0, *(CENTERS_TRIED[n] for n in (2, 3, 4))], dtype=np.int64)


def partitions(count: int, most: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield the ways to divide that many things into at most so many groups."""
    if count == 0:
        yield ()
        return
    for groups in partitions(count - 1, most):
        last = count - 1
        for n, group in enumerate(groups):
            yield (*groups[:n], (*group, last), *groups[n + 1 :])
        if len(groups) < most:
            yield (*groups, (last,))


def in_turn(
    lines: tuple[Line, ...], free: Mapping[int, Sequence[int]], most: int
) -> Iterator[Sourcing]:
    """Let centers give what they have one after the other until nothing is missing.

    Parameters
    ----------
    lines
        What is to be sourced.
    free
        For each center (by position) the units it could give of each line.
    most
        The most centers that may share an order.
    """
    wanted = [line.units for line in lines]
    able = sorted(
        (fc for fc, units in free.items() if any(units)),
        key=lambda fc: (-_gives(free[fc], wanted), fc),
    )[:TURNS_TRIED]
    seen: set[Sourcing] = set()
    for first_two in permutations(able, 2):
        given, missing = _take(lines, free, first_two, wanted)
        rest = [fc for fc in free if fc not in first_two]
        while any(missing) and len(given) < most and rest:
            best = min(rest, key=lambda fc: (-_gives(free[fc], missing), fc))
            rest.remove(best)
            more, missing = _take(lines, free, (best,), missing)
            if not more:
                break
            given += more
        found = tuple(sorted(given))
        if not any(missing) and len(found) > 1 and found not in seen:
            seen.add(found)
            yield found


def _gives(units: Sequence[int], missing: Sequence[int]) -> int:
    return sum(min(has, needs) for has, needs in zip(units, missing, strict=True))


def _take(
    lines: tuple[Line, ...],
    free: Mapping[int, Sequence[int]],
    centers: Sequence[int],
    missing: Sequence[int],
) -> tuple[list[tuple[int, tuple[Line, ...]]], list[int]]:
    left = list(missing)
    given: list[tuple[int, tuple[Line, ...]]] = []
    for fc in centers:
        part = []
        for n, line in enumerate(lines):
            units = min(free[fc][n], left[n])
            if units:
                part.append(Line.model_construct(sku=line.sku, units=units))
                left[n] -= units
        if part:
            given.append((fc, tuple(part)))
    return given, left


def chosen(lines: Lines, mask: int) -> Lines:
    """Return the lines whose bits are set."""
    return tuple(line for n, line in enumerate(lines) if mask >> n & 1)


@lru_cache(maxsize=64)
def groups_of(lines: int, most: int) -> tuple[Ints, Ints]:
    """Return the ways to divide lines into two groups or more, as bits, and sizes."""
    found = [groups for groups in partitions(lines, most) if len(groups) > 1]
    masks = np.zeros((len(found), MOST_PARTS), dtype=np.int64)
    for g, groups in enumerate(found):
        masks[g, : len(groups)] = [sum(1 << n for n in group) for group in groups]
    sizes = np.array([len(groups) for groups in found], dtype=np.int64)
    return masks, sizes


def divided(
    masks: Ints,
    full: int,
    groups: tuple[Ints, Ints] | None,
    priced: Priced,
    centers: int,
) -> Shares:
    """Share whole lines (bits of ``masks``) out among the centers cheapest for them."""
    if groups is None or not len(groups[1]):
        return _room(0)
    pair_of = np.full((full + 1, centers), -1, dtype=np.int64)
    pair_of[masks[priced.load], priced.center] = np.arange(len(priced.load))
    into = _room(int((_TRIED[groups[1]] ** groups[1]).sum()))
    count = kernel.divide(*groups, pair_of, _TRIED, priced.ranks, into)
    return Shares(into.pairs[:count], into.size[:count])


def given(sourcings: list[tuple[tuple[int, Lines], ...]], priced: Priced) -> Shares:
    """Take sourcings as they are, where each part can be sent."""
    pair_of = {
        (c, priced.lines[n]): q
        for q, (n, c) in enumerate(
            zip(priced.load.tolist(), priced.center.tolist(), strict=True)
        )
    }
    pairs = [[pair_of[part] for part in sourcing] for sourcing in sourcings]
    sent = [qs for qs in pairs if all(priced.found.held[q] for q in qs)]
    into = _room(len(sent))
    for r, qs in enumerate(sent):
        into.pairs[r, : len(qs)] = qs
        into.size[r] = len(qs)
    return into


def _room(count: int) -> Shares:
    return Shares(
        np.zeros((count, MOST_PARTS), dtype=np.int64),
        np.zeros(count, dtype=np.int64),
    )
