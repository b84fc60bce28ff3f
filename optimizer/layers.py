"""One layer of equal units on a deck: strips of rows, either way around.

A layer is cut off the deck strip by strip; each strip is a complete grid in one
orientation. Three strips find the usual pallet patterns, pinwheels excepted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

# Strips per layer, and how many row counts are tried per strip, fullest first.
_STRIPS = 3
_ROW_COUNTS = 8


@dataclass(frozen=True, slots=True)
class Grid:
    """Units side by side: near corner, size of a unit's base, units each way."""

    x: int
    y: int
    dx: int
    dy: int
    nx: int
    ny: int

    @property
    def units(self) -> int:
        return self.nx * self.ny

    @property
    def far_x(self) -> int:
        return self.x + self.nx * self.dx

    @property
    def far_y(self) -> int:
        return self.y + self.ny * self.dy

    def moved(self, x: int, y: int) -> "Grid":
        """Return the same grid so much further along the deck."""
        return Grid(self.x + x, self.y + y, self.dx, self.dy, self.nx, self.ny)

    def first(self, units: int) -> tuple["Grid", ...]:
        """Return only so many of the units, full rows first."""
        rows, rest = divmod(units, self.nx)
        full = Grid(self.x, self.y, self.dx, self.dy, self.nx, rows)
        last = Grid(self.x, self.y + rows * self.dy, self.dx, self.dy, rest, 1)
        return tuple(grid for grid in (full, last) if grid.units)


def layer(
    length: int, width: int, base: tuple[int, int], most: int
) -> tuple[Grid, ...]:
    """Lay as many units as possible on a deck, at most ``most``.

    Parameters
    ----------
    length, width
        Size of the deck, in millimeters.
    base
        Length and width of a unit's base; it may be turned.
    most
        Units wanted at most.

    Returns
    -------
    tuple
        Grids that do not overlap; empty where not one unit fits.
    """
    laid: list[Grid] = []
    for grid in _strips(length, width, base, _STRIPS):
        laid += grid.first(min(grid.units, most - _units(laid)))
    return tuple(laid)


def _units(grids: Iterable[Grid]) -> int:
    return sum(grid.units for grid in grids)


@lru_cache(maxsize=20_000)
def _strips(
    length: int, width: int, base: tuple[int, int], strips: int
) -> tuple[Grid, ...]:
    """Return the best pattern of at most so many strips; of equals the first."""
    best: tuple[Grid, ...] = ()
    unit = base[0] * base[1]
    for cut in _cuts(length, width, base, every=strips > 1):
        beyond, beside = width - cut.far_y, length - cut.far_x
        reach = cut.units
        if strips > 1:
            reach += max(length * beyond, beside * width) // unit
        if reach <= _units(best):
            continue
        found: tuple[Grid, ...] = (cut,)
        if strips > 1:
            far = _strips(length, beyond, base, strips - 1)
            side = _strips(beside, width, base, strips - 1)
            if _units(far) >= _units(side):
                found += tuple(grid.moved(0, cut.far_y) for grid in far)
            else:
                found += tuple(grid.moved(cut.far_x, 0) for grid in side)
        if _units(found) > _units(best):
            best = found
    return best


def _cuts(
    length: int, width: int, base: tuple[int, int], *, every: bool
) -> Iterator[Grid]:
    """Yield strips of full rows or full columns, the widest first."""
    for dx, dy in dict.fromkeys((base, base[::-1])):
        columns, rows = length // dx, width // dy
        if columns == 0 or rows == 0:
            continue
        yield Grid(0, 0, dx, dy, columns, rows)
        if every:
            for n in range(rows - 1, max(0, rows - _ROW_COUNTS), -1):
                yield Grid(0, 0, dx, dy, columns, n)
            for n in range(columns - 1, max(0, columns - _ROW_COUNTS), -1):
                yield Grid(0, 0, dx, dy, n, rows)
