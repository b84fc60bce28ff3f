"""A picture of packed cartons that a packer can follow: plain SVG.

One panel per carton, seen from above its near right corner. Pieces are numbered
in the order in which they go in, bottom up; equal units side by side are one
piece. The legend beside says what each number is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from domain.network import Carton
from domain.plan import PackedCarton, Placement
from domain.quantities import CartonId, Dimensions, SkuId

# Pixels: a panel's drawing, its legend, and the space around.
_DRAWING = 420
_LEGEND = 400
_MARGIN = 24
_LINE = 18
_HEAD = 56
# Isometric: how far right and down one step along length and width leads.
_RIGHT, _DOWN = 0.866, 0.5
# How much the top, the width's side and the length's side are lightened, in percent.
_TOP, _SIDE, _FRONT = 78, 66, 56
# Legends of more pieces than so many say how many there are besides.
_LISTED = 40

Point = tuple[float, float]
_Corner = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """Units of one SKU that lie side by side, going in as one step."""

    sku: SkuId
    near: _Corner
    far: _Corner
    units: int


def svg(
    cartons: Sequence[PackedCarton],
    inner: dict[CartonId, Dimensions] | None = None,
    *,
    title: str = "Packing",
) -> str:
    """Draw packed cartons, one panel below the other; equal ones are one panel.

    Parameters
    ----------
    cartons
        What was packed. A carton without placements is drawn empty and says so.
    inner
        Inner sizes of the cartons, where known; else the goods' own extent is
        drawn as the carton.
    title
        What the picture is of, for those who hear it and on its first line.

    Returns
    -------
    str
        An SVG document that needs no fonts and no other files.
    """
    panels: list[str] = []
    top: float = _HEAD
    colors = _colors(p.sku for carton in cartons for p in carton.placements)
    for carton, places in _alike(cartons):
        room = (inner or {}).get(carton.carton) if carton.carton else None
        drawn, height = _panel(carton, room, f"{places} of {len(cartons)}", colors)
        panels.append(f'<g transform="translate({_MARGIN} {top})">{drawn}</g>')
        top += height + _MARGIN
    width = _DRAWING + _LEGEND + 3 * _MARGIN
    pieces = "piece" if len(cartons) == 1 else "pieces"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" '
            f'viewBox="0 0 {width} {top}" role="img" aria-labelledby="title desc" '
            'font-family="sans-serif" font-size="13" fill="#1b1f24">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(_told(cartons))}</desc>',
            f'<rect width="{width}" height="{top}" fill="#ffffff"/>',
            f'<text x="{_MARGIN}" y="34" font-size="18" font-weight="bold">'
            f"{escape(title)}: {len(cartons)} {pieces}</text>",
            *panels,
            "</svg>\n",
        )
    )


def inner_sizes(cartons: Iterable[Carton]) -> dict[CartonId, Dimensions]:
    """Return the inner size of each carton by its id."""
    return {carton.id: carton.inner for carton in cartons}


def steps(placements: Iterable[Placement]) -> list[Block]:
    """Return the steps in which a packer puts units in, from the bottom up.

    Units of one SKU in equal orientation, one beside the other in a row, and
    equal rows beside each other, are one step. No step rests on a later one.
    """
    units = [Block(p.sku, *_corners(p), 1) for p in placements]
    for axis in (0, 1):
        units = _joined(units, axis)
    return sorted(units, key=lambda b: (b.near[2], b.near[1], b.near[0], b.sku))


def _corners(p: Placement) -> tuple[_Corner, _Corner]:
    near = (p.x_mm, p.y_mm, p.z_mm)
    size = p.size
    sides = (size.length_mm, size.width_mm, size.height_mm)
    return near, (near[0] + sides[0], near[1] + sides[1], near[2] + sides[2])


def _joined(blocks: list[Block], axis: int) -> list[Block]:
    """Join equal blocks that touch along an axis."""

    def lane(block: Block) -> tuple[object, ...]:
        across = [(block.near[i], block.far[i]) for i in range(3) if i != axis]
        return (block.sku, *across, block.far[axis] - block.near[axis])

    ordered = sorted(blocks, key=lambda b: (lane(b), b.near[axis]))
    joined = ordered[:1]
    for before, block in pairwise(ordered):
        if lane(before) == lane(block) and before.far[axis] == block.near[axis]:
            row = joined[-1]
            joined[-1] = Block(row.sku, row.near, block.far, row.units + block.units)
        else:
            joined.append(block)
    return joined


def _panel(
    carton: PackedCarton,
    room: Dimensions | None,
    place: str,
    colors: dict[SkuId, int],
) -> tuple[str, float]:
    """Return one carton's drawing with its legend, and its height in pixels."""
    blocks = steps(carton.placements)
    size = room or _extent(blocks) or carton.outer
    view = _View.of(size)
    numbers = {id(block): n for n, block in enumerate(blocks, 1)}
    name = carton.carton or "own container"
    head = (
        f"{name} ({place}): inside {_mm(size)} mm, "
        f"{carton.weight_g / 1000:.2f} kg, billed {carton.billable_g / 1000:.2f} kg"
    )
    parts = [
        '<g role="group">',
        f"<title>{escape(head)}</title>",
        f'<text y="0" font-weight="bold">{escape(head)}</text>',
        f'<g transform="translate(0 {_LINE})">',
        view.frame(size, behind=True),
        *(
            view.block(block, numbers[id(block)], colors[block.sku])
            for block in _back_to_front(blocks)
        ),
        view.frame(size, behind=False),
        "</g>",
        *_legend(blocks, colors),
        "</g>",
    ]
    rows = 1 + min(len(blocks), _LISTED + 1)
    return "\n".join(parts), _LINE + max(view.height, rows * _LINE) + _LINE


def _legend(blocks: list[Block], colors: dict[SkuId, int]) -> Iterable[str]:
    x = _DRAWING + _MARGIN
    if not blocks:
        yield f'<text x="{x}" y="{2 * _LINE}">No placements are known.</text>'
    for n, block in enumerate(blocks[:_LISTED], 1):
        y = (n + 1) * _LINE
        sides = "×".join(str(b - a) for a, b in zip(block.near, block.far, strict=True))
        at = ", ".join(map(str, block.near))
        said = f"{n}. {block.units} × {block.sku}, {sides} mm at ({at})"
        yield (
            f'<rect x="{x}" y="{y - 11}" width="12" height="12" '
            f'fill="hsl({colors[block.sku]},55%,{_TOP}%)" stroke="#444"/>'
        )
        yield f'<text x="{x + 20}" y="{y}">{escape(said)}</text>'
    if len(blocks) > _LISTED:
        y = (_LISTED + 2) * _LINE
        yield f'<text x="{x + 20}" y="{y}">and {len(blocks) - _LISTED} more</text>'


@dataclass(frozen=True, slots=True)
class _View:
    """Turns millimeters in a carton into pixels of its panel."""

    scale: float
    left: float
    top: float
    height: float

    @classmethod
    def of(cls, size: Dimensions) -> "_View":
        wide = (size.length_mm + size.width_mm) * _RIGHT
        high = (size.length_mm + size.width_mm) * _DOWN + size.height_mm
        scale = min(_DRAWING / wide, _DRAWING / high)
        left = size.width_mm * _RIGHT * scale
        return cls(scale, left, size.height_mm * scale, high * scale)

    def at(self, x: float, y: float, z: float) -> Point:
        right = (x - y) * _RIGHT * self.scale
        down = ((x + y) * _DOWN - z) * self.scale
        return self.left + right, self.top + down

    def shape(self, corners: Iterable[tuple[float, float, float]], style: str) -> str:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*c) for c in corners))
        return f'<polygon points="{points}" {style}/>'

    def frame(self, size: Dimensions, *, behind: bool) -> str:
        """Draw the carton: floor and far walls behind the goods, edges before."""
        x, y, z = size.length_mm, size.width_mm, size.height_mm
        if behind:
            wall = 'fill="#f3efe6" stroke="#b9ae97"'
            floor = ((0, 0, 0), (x, 0, 0), (x, y, 0), (0, y, 0))
            left = ((0, 0, 0), (0, y, 0), (0, y, z), (0, 0, z))
            right = ((0, 0, 0), (x, 0, 0), (x, 0, z), (0, 0, z))
            return "".join(self.shape(face, wall) for face in (floor, left, right))
        edge = 'fill="none" stroke="#8a7f68" stroke-dasharray="4 3"'
        side = ((x, 0, 0), (x, y, 0), (x, y, z), (x, 0, z))
        front = ((0, y, 0), (x, y, 0), (x, y, z), (0, y, z))
        return "".join(self.shape(face, edge) for face in (side, front))

    def block(self, block: Block, number: int, hue: int) -> str:
        """Draw a piece by the three faces in sight, with its number on top."""
        (a, b, c), (x, y, z) = block.near, block.far
        faces = (
            (((a, b, z), (x, b, z), (x, y, z), (a, y, z)), _TOP),
            (((x, b, c), (x, y, c), (x, y, z), (x, b, z)), _SIDE),
            (((a, y, c), (x, y, c), (x, y, z), (a, y, z)), _FRONT),
        )
        drawn = "".join(
            self.shape(face, f'fill="hsl({hue},55%,{light}%)" stroke="#333"')
            for face, light in faces
        )
        # On every face in sight, as something may lie on or before the others.
        centers = (
            ((a + x) / 2, (b + y) / 2, z),
            (x, (b + y) / 2, (c + z) / 2),
            ((a + x) / 2, y, (c + z) / 2),
        )
        numbers = "".join(self._number(number, center) for center in centers)
        said = f"{number}. {block.units} × {escape(block.sku)}"
        return f"<g><title>{said}</title>{drawn}{numbers}</g>"

    def _number(self, number: int, at: tuple[float, float, float]) -> str:
        right, down = self.at(*at)
        return (
            f'<text x="{right:.1f}" y="{down + 4:.1f}" text-anchor="middle" '
            'font-size="11" stroke="#fff" stroke-width="3" paint-order="stroke">'
            f"{number}</text>"
        )


def _back_to_front(blocks: list[Block]) -> list[Block]:
    """Order blocks so that none hides one drawn after it.

    Of two that do not overlap, one lies wholly behind the other along some axis;
    cuboids in a carton may form a ring, which is broken at the lowest.
    """
    left, drawn = list(blocks), []
    while left:
        free = (b for b in left if not any(_hides(b, o) for o in left if o is not b))
        chosen = next(free, left[0])
        left.remove(chosen)
        drawn.append(chosen)
    return drawn


def _hides(one: Block, other: Block) -> bool:
    """Tell whether the one lies before the other for who looks at the picture."""
    return any(one.near[axis] >= other.far[axis] for axis in range(3)) and not any(
        other.near[axis] >= one.far[axis] for axis in range(3)
    )


def _extent(blocks: list[Block]) -> Dimensions | None:
    if not blocks:
        return None
    length, width, height = (max(b.far[axis] for b in blocks) for axis in range(3))
    return Dimensions(length_mm=length, width_mm=width, height_mm=height)


def _colors(skus: Iterable[SkuId]) -> dict[SkuId, int]:
    """Give each SKU a hue; golden-angle steps keep neighbors apart."""
    distinct = dict.fromkeys(skus)
    return {sku: round(n * 137.5 + 205) % 360 for n, sku in enumerate(distinct)}


def _alike(cartons: Sequence[PackedCarton]) -> list[tuple[PackedCarton, str]]:
    """Return each distinct carton with its places among all, such as "2-5, 7"."""
    places: dict[PackedCarton, list[tuple[int, int]]] = {}
    for number, carton in enumerate(cartons, 1):
        runs = places.setdefault(carton, [])
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return [
        (carton, ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs))
        for carton, runs in places.items()
    ]


def _told(cartons: Sequence[PackedCarton]) -> str:
    """Say in words what the picture shows."""
    told = []
    for carton, places in _alike(cartons):
        goods = ", ".join(f"{line.units} × {line.sku}" for line in carton.lines)
        told.append(f"{places}: {carton.carton or 'own container'} holds {goods}.")
    return " ".join(told)


def _mm(size: Dimensions) -> str:
    return f"{size.length_mm} × {size.width_mm} × {size.height_mm}"
