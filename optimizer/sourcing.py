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
CENTERS_TRIED = {2: 8, 3: 5, 4: 4}
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
    wanted = np.array([line.units for line in lines], dtype=np.int64)
    centers = np.array(sorted(free), dtype=np.int64)
    has = np.array([free[c] for c in centers.tolist()], dtype=np.int64)
    has = has.reshape(len(centers), len(lines))
    gives = np.minimum(has, wanted).sum(axis=1)
    able = np.argsort(-gives, kind="stable")[:TURNS_TRIED]
    pairs = list(permutations(able[gives[able] > 0].tolist(), 2))
    if not pairs:
        return
    parts: dict[bytes, Lines] = {}
    seen: set[bytes] = set()
    for taken in _taken(has, wanted, np.array(pairs, dtype=np.int64), most):
        key = taken.tobytes()
        if key in seen:
            continue
        seen.add(key)
        senders = np.flatnonzero(taken.any(axis=1))
        yield tuple((int(centers[c]), _part(lines, taken[c], parts)) for c in senders)


def _taken(has: Ints, wanted: Ints, pairs: Ints, most: int) -> Ints:
    """Return what each center gives of each line, for each first and second one.

    Who gives most of what is missing goes next, the lower position among equals.
    Only where nothing is missing in the end, and several centers give something.
    """
    every = np.arange(len(pairs))
    taken = np.zeros((len(pairs), *has.shape), dtype=np.int64)
    missing = np.repeat(wanted[None], len(pairs), axis=0)
    asked = np.zeros((len(pairs), len(has)), dtype=np.bool_)
    senders = np.zeros(len(pairs), dtype=np.int64)
    going = np.ones(len(pairs), dtype=np.bool_)
    # The second may have nothing to add to the first.
    for turn in range(max(2, most + 1)):
        if turn < 2:
            center = pairs[:, turn]
        else:
            gives = np.minimum(has[None], missing[:, None]).sum(axis=2)
            gives[asked] = -1
            center = gives.argmax(axis=1)
            going = (senders < most) & (gives[every, center] > 0)
        given = np.minimum(has[center], missing) * going[:, None]
        taken[every, center] += given
        missing -= given
        senders += given.any(axis=1)
        asked[every, center] = True
    whole: Ints = taken[~missing.any(axis=1) & (senders > 1)]
    return whole


def _part(lines: Lines, units: Ints, known: dict[bytes, Lines]) -> Lines:
    """Return so many units of the lines; equal parts are one and the same."""
    key = units.tobytes()
    if key not in known:
        known[key] = tuple(
            Line.model_construct(sku=line.sku, units=n)
            for line, n in zip(lines, units.tolist(), strict=True)
            if n
        )
    return known[key]


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
