"""Which centers could share an order's lines between them.

- one center that has everything;
- up to six lines: every way to divide them over the centers allowed;
- more lines, or a line no center has enough of: centers in turn give all they
  have of what is still missing, for every promising first and second center.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations, product

from domain.order import Line
from domain.quantities import FcId

# Who sends what, centers in order of id.
Sourcing = tuple[tuple[FcId, tuple[Line, ...]], ...]

EXACT_LINES = 6
# How many of the cheapest centers are tried for a group, by number of groups.
CENTERS_TRIED = {2: 8, 3: 5, 4: 3}
TURNS_TRIED = 8
MOST_CENTERS = 4


def singles(
    lines: tuple[Line, ...], free: Mapping[FcId, Sequence[int]]
) -> Iterator[Sourcing]:
    """Yield each center that has all units of all lines."""
    for fc, units in free.items():
        if all(has >= line.units for has, line in zip(units, lines, strict=True)):
            yield ((fc, lines),)


def splits(
    lines: tuple[Line, ...],
    free: Mapping[FcId, Sequence[int]],
    max_centers: int,
    cents: Callable[[FcId, tuple[Line, ...]], int | None],
) -> Iterator[Sourcing]:
    """Yield ways to divide the lines over two centers or more.

    Parameters
    ----------
    lines
        What is to be sourced.
    free
        For each center the units it could give of each line.
    max_centers
        The most centers that may share an order; never more than four are tried.
    cents
        What a center asks for some lines at least, None where it cannot.
    """
    most = min(max_centers, MOST_CENTERS)
    scarce = any(
        max((units[n] for units in free.values()), default=0) < line.units
        for n, line in enumerate(lines)
    )
    if most < 2:
        return
    if len(lines) <= EXACT_LINES and not scarce:
        for groups in partitions(len(lines), most):
            if len(groups) > 1:
                yield from _assignments(lines, free, groups, cents)
    else:
        yield from _in_turn(lines, free, most)


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


def _assignments(
    lines: tuple[Line, ...],
    free: Mapping[FcId, Sequence[int]],
    groups: tuple[tuple[int, ...], ...],
    cents: Callable[[FcId, tuple[Line, ...]], int | None],
) -> Iterator[Sourcing]:
    tried = CENTERS_TRIED[len(groups)]
    choices: list[list[tuple[FcId, tuple[Line, ...]]]] = []
    for group in groups:
        part = tuple(lines[n] for n in group)
        ranked = sorted(
            (price, fc)
            for fc, units in free.items()
            if all(units[n] >= lines[n].units for n in group)
            and (price := cents(fc, part)) is not None
        )
        choices.append([(fc, part) for _, fc in ranked[:tried]])
    for chosen in product(*choices):
        if len({fc for fc, _ in chosen}) == len(chosen):
            yield tuple(sorted(chosen))


def _in_turn(
    lines: tuple[Line, ...], free: Mapping[FcId, Sequence[int]], most: int
) -> Iterator[Sourcing]:
    """Let centers give what they have one after the other until nothing is missing."""
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
    free: Mapping[FcId, Sequence[int]],
    centers: Sequence[FcId],
    missing: Sequence[int],
) -> tuple[list[tuple[FcId, tuple[Line, ...]]], list[int]]:
    left = list(missing)
    given: list[tuple[FcId, tuple[Line, ...]]] = []
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
