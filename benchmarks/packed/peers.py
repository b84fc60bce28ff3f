"""Libraries that pack boxes, each asked as its documentation suggests.

Those that fill one given box are asked for the least box that takes everything,
else the one that takes most, again and again. Each returns the boxes taken, and how
many units are left over: some give up when their time is over.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec

from benchmarks.packed.orders import Published
from domain.network import Carton
from domain.order import Line
from domain.quantities import CartonId

Boxes = list[CartonId]
Answer = tuple[Boxes, int]
Pack = Callable[[Sequence[Line], Published, tuple[Carton, ...]], Answer]


def py3dbp(
    lines: Sequence[Line], order: Published, suite: tuple[Carton, ...]
) -> Answer:
    lib = import_module("py3dbp")
    units = []
    for line in lines:
        size, grams = order.skus[line.sku].size, order.skus[line.sku].weight_g
        sides = (size.width_mm, size.height_mm, size.length_mm, grams)
        units += [(f"{line.sku}#{n}", *sides) for n in range(line.units)]
    taken: Boxes = []
    while units:
        most: tuple[CartonId, set[str]] | None = None
        for carton in sorted(suite, key=lambda one: one.inner.volume_mm3):
            inner, packer = carton.inner, lib.Packer()
            room = (inner.width_mm, inner.height_mm, inner.length_mm)
            packer.add_bin(lib.Bin(carton.id, *room, carton.max_load_g))
            for unit in units:
                packer.add_item(lib.Item(*unit))
            packer.pack(bigger_first=True, number_of_decimals=0)
            inside = {item.name for item in packer.bins[0].items}
            if most is None or len(inside) > len(most[1]):
                most = carton.id, inside
            if len(inside) == len(units):
                break
        if most is None or not most[1]:
            msg = "py3dbp packs nothing more"
            raise ValueError(msg)
        taken.append(most[0])
        units = [unit for unit in units if unit[0] not in most[1]]
    return taken, 0


def packvium(
    lines: Sequence[Line], order: Published, suite: tuple[Carton, ...]
) -> Answer:
    lib = import_module("packvium")
    answer = lib.pack_from_dict(
        {
            "units": {"length": "mm", "weight": "g"},
            "items": [
                {
                    "id": f"i{n}",
                    "dimensions": _sides(order.skus[line.sku].size),
                    "weight": order.skus[line.sku].weight_g,
                    "quantity": line.units,
                }
                for n, line in enumerate(lines)
            ],
            "containers": [
                {
                    "id": carton.id,
                    "inner_dimensions": _sides(carton.inner),
                    "max_payload": carton.max_load_g,
                }
                for carton in suite
            ],
            # On a busy machine its usual second is over before all is packed.
            "configuration": {"solver_profile": "balanced", "time_limit_ms": 60_000},
        }
    )
    boxes = [CartonId(box["container_type"]) for box in answer["containers"]]
    return boxes, len(answer["unpacked_items"])


def packer3d(
    lines: Sequence[Line], order: Published, suite: tuple[Carton, ...]
) -> Answer:
    packer = import_module("packer3d").Packer()
    for carton in suite:
        sides = _sides(carton.inner)
        packer.add_box(id=carton.id, max_weight=carton.max_load_g, **sides)
    for n, line in enumerate(lines):
        sku = order.skus[line.sku]
        sides = _sides(sku.size)
        more = {"weight": sku.weight_g, "rotation": "any", "diagonal": False}
        packer.add_item(id=f"i{n}", quantity=line.units, **sides, **more)
    answer = packer.pack()
    boxes = [CartonId(box["type_id"]) for box in answer["bins"]]
    return boxes, len(answer["unpacked"])


def _sides(size: object) -> dict[str, int]:
    length, width, height = (
        getattr(size, f"{side}_mm") for side in ("length", "width", "height")
    )
    return {"length": length, "width": width, "height": height}


def _missing(name: str) -> Callable[[], bool]:
    return lambda: find_spec(name) is None


PEERS: dict[str, tuple[Callable[[], bool], Pack]] = {
    "py3dbp": (_missing("py3dbp"), py3dbp),
    "packvium": (_missing("packvium"), packvium),
    "packer3d-no-diagonals": (_missing("packer3d"), packer3d),
}
