"""One layer of equal units on a deck: strips of rows, either way around.

A layer is cut off the deck strip by strip; each strip is a complete grid in one
orientation. Three strips find the usual pallet patterns, pinwheels excepted.
"""

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

    def first(self, units: int) -> tuple["Grid", ...]:
        """Return only so many of the units, full rows first."""
        rows, rest = divmod(units, self.nx)
        full = Grid(self.x, self.y, self.dx, self.dy, self.nx, rows)
        last = Grid(self.x, self.y + rows * self.dy, self.dx, self.dy, rest, 1)
        return tuple(grid for grid in (full, last) if grid.units)


@lru_cache(maxsize=4096)
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
        Grids that do not overlap; empty where not one unit fits. Among equal
        layers the one with fewer strips wins.
    """
    laid: list[Grid] = []
    left = most
    for grid in _strips(0, 0, length, width, base, _STRIPS):
        laid += grid.first(min(grid.units, left))
        left = most - sum(part.units for part in laid)
        if left == 0:
            break
    return tuple(laid)


def _strips(
    x: int, y: int, length: int, width: int, base: tuple[int, int], strips: int
) -> tuple[Grid, ...]:
    best: tuple[Grid, ...] = ()
    most = 0
    for dx, dy in dict.fromkeys((base, base[::-1])):
        columns, rows = length // dx, width // dy
        if columns == 0 or rows == 0:
            continue
        for cut in _cuts(x, y, dx, dy, columns, rows, strips):
            deck = (x + length, y + width)
            found = (cut, *_rest(cut, deck, base, strips - 1))
            units = sum(grid.units for grid in found)
            if units > most:
                best, most = found, units
    return best


def _cuts(
    x: int, y: int, dx: int, dy: int, columns: int, rows: int, strips: int
) -> list[Grid]:
    """Return strips of full rows or full columns, the widest first."""
    fewest_rows = max(1, rows - _ROW_COUNTS) if strips > 1 else rows
    fewest_columns = max(1, columns - _ROW_COUNTS) if strips > 1 else columns
    across = [Grid(x, y, dx, dy, columns, n) for n in range(rows, fewest_rows - 1, -1)]
    along = [
        Grid(x, y, dx, dy, n, rows) for n in range(columns - 1, fewest_columns - 1, -1)
    ]
    return across + along


def _rest(
    cut: Grid, deck: tuple[int, int], base: tuple[int, int], strips: int
) -> tuple[Grid, ...]:
    """Fill what a strip leaves: beside it or beyond it, whichever holds more."""
    if strips == 0:
        return ()
    far_x, far_y = deck
    beyond = _strips(cut.x, cut.far_y, far_x - cut.x, far_y - cut.far_y, base, strips)
    beside = _strips(cut.far_x, cut.y, far_x - cut.far_x, far_y - cut.y, base, strips)
    return max(beyond, beside, key=lambda grids: sum(grid.units for grid in grids))
