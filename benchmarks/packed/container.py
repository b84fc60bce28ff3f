"""Container loading instances (OR-Library thpack): one container, as full as can be.

References
----------
.. [1] Bischoff, E.E. and M.S.W. Ratcliff (1995). Issues in the Development of
       Approaches to Container Loading. *Omega* 23(4): 377-390.
.. [2] Parreño, F., R. Alvarez-Valdes, J.M. Tamarit, and J.F. Oliveira (2008).
       A Maximal-Space Algorithm for the Container Loading Problem. *INFORMS
       Journal on Computing* 20(3): 412-422.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path

import numpy as np

from optimizer.space import UNLIMITED, Ints, fill
from optimizer.starts import more_starts

# Percent of the container's volume, mean of the hundred instances of a file. As
# remembered: the papers were not at hand when this was written.
PUBLISHED: dict[str, dict[str, float]] = {
    "bischoff-ratcliff-1995": {
        "thpack1": 83.79,
        "thpack2": 84.44,
        "thpack3": 83.94,
        "thpack4": 83.71,
    },
    "parreno-2008": {
        "thpack1": 93.85,
        "thpack2": 94.22,
        "thpack3": 94.25,
        "thpack4": 94.09,
    },
}
LEAST_SUPPORT = 0.6
_MOST_BLOCKS = 600
# Which side is upright in each pair of orientations of the kernel.
_UPRIGHT_BITS = ((4, 5), (2, 3), (0, 1))

Box = tuple[int, int, int, int, int, int]


@dataclass(frozen=True)
class Instance:
    """A container and its boxes; ``upright`` says which sides may stand."""

    container: tuple[int, int, int]
    sides: tuple[tuple[int, int, int], ...]
    upright: tuple[tuple[bool, bool, bool], ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Loaded:
    """How full a container is, and what an independent look found wrong."""

    use: float
    errors: int


def read(file: Path) -> list[Instance]:
    """Read the instances of one file."""
    numbers = map(int, file.read_text().split())
    return [_instance(numbers) for _ in range(next(numbers))]


def _instance(numbers: Iterator[int]) -> Instance:
    _, _, length, width, height, kinds = islice(numbers, 6)
    rows = [tuple(islice(numbers, 8)) for _ in range(kinds)]
    return Instance(
        container=(length, width, height),
        sides=tuple((row[1], row[3], row[5]) for row in rows),
        upright=tuple((row[2] > 0, row[4] > 0, row[6] > 0) for row in rows),
        counts=tuple(row[7] for row in rows),
    )


def load(instance: Instance) -> Loaded:
    """Fill the container from every start our packer has; nothing has a weight."""
    rows = np.array(
        [
            (*sides, 1, _turns(upright), UNLIMITED)
            for sides, upright in zip(instance.sides, instance.upright, strict=True)
        ],
        np.int64,
    )
    counts = np.array(instance.counts, np.int64)
    shortest_first = np.sort(rows[:, :3], axis=1)
    volumes = rows[:, :3].prod(axis=1)
    starts = more_starts(rows, shortest_first, volumes, int(counts.sum()))
    room = np.array((*instance.container, UNLIMITED), np.int64)
    none = np.empty((0, 11), np.int64)
    blocks, left, _ = fill(room, rows, counts, starts, _MOST_BLOCKS, none, False)
    packed = int((counts - left) @ volumes)
    container = instance.container[0] * instance.container[1] * instance.container[2]
    return Loaded(packed / container, _errors(instance, blocks, counts - left))


def _turns(upright: tuple[bool, bool, bool]) -> int:
    """Return the orientations that keep one of these sides upright, as bits."""
    pairs = zip(_UPRIGHT_BITS, upright, strict=True)
    return sum(1 << bit for bits, may in pairs if may for bit in bits)


def _errors(instance: Instance, blocks: Ints, packed: Ints) -> int:
    """Count what is untrue: places, overlaps, orientations, support, units."""
    units = [unit for block in blocks.tolist() for unit in _units(block)]
    boxes = [box for _, box in units]
    wrong = sum(
        any(box[i] < 0 or box[i + 3] > instance.container[i] for i in range(3))
        or not _as_allowed(instance, sku, box)
        or _support(box, boxes) < LEAST_SUPPORT
        for sku, box in units
    )
    wrong += sum(_overlap(one, other) for one, other in combinations(boxes, 2))
    held = np.bincount([sku for sku, _ in units], minlength=len(packed))
    return int(wrong + (held != packed).sum())


def _units(block: list[int]) -> Iterator[tuple[int, Box]]:
    x, y, z, far_x, far_y, far_z, sku, nx, ny, nz, _ = block
    dx, dy, dz = (far_x - x) // nx, (far_y - y) // ny, (far_z - z) // nz
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                near = (x + i * dx, y + j * dy, z + k * dz)
                yield sku, (*near, near[0] + dx, near[1] + dy, near[2] + dz)


def _as_allowed(instance: Instance, sku: int, box: Box) -> bool:
    """Tell whether a box has its own sides, one that may stand being upright."""
    placed = [box[i + 3] - box[i] for i in range(3)]
    own, upright = instance.sides[sku], instance.upright[sku]
    stands = any(
        side == placed[2] and may for side, may in zip(own, upright, strict=True)
    )
    return stands and sorted(placed) == sorted(own)


def _support(box: Box, boxes: list[Box]) -> float:
    if box[2] == 0:
        return 1.0
    area = sum(_shared(box, other) for other in boxes if other[5] == box[2])
    return area / ((box[3] - box[0]) * (box[4] - box[1]))


def _shared(one: Box, other: Box) -> int:
    dx = min(one[3], other[3]) - max(one[0], other[0])
    dy = min(one[4], other[4]) - max(one[1], other[1])
    return max(0, dx) * max(0, dy)


def _overlap(one: Box, other: Box) -> bool:
    return all(one[i] < other[i + 3] and other[i] < one[i + 3] for i in range(3))
