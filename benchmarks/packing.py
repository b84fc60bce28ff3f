"""Measure packing cartons: ours beside BoxPacker's published counts and libraries.

``python -m benchmarks.packing --data DIR --json -`` prints JSON; docs/packing.md
says what each key means. Bounded by work and seed, not by time.
"""

import argparse
import gc
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.packed.container import PUBLISHED, load, read
from benchmarks.packed.orders import Published, cartons_in, orders_in
from benchmarks.packed.peers import PEERS, Answer
from domain.network import Carton
from domain.order import Line
from optimizer.packing import Packer, Packing, forget, warm
from verification.geometry import packing_faults

FEW = 100

Orders = Sequence[Published]
Row = dict[str, Any]


def measure(data: Path, orders: int, rounds: int, peers: bool) -> dict[str, Any]:
    """Measure every set that the data directory holds."""
    warm()
    suite = cartons_in(data / "boxpacker")
    all_orders = list(orders_in(data / "boxpacker"))[:orders]
    flat = [order.kept_flat() for order in all_orders]
    few = all_orders[:FEW]
    # What was loaded is not looked at again by the collector, whoever is measured.
    gc.collect()
    gc.freeze()
    rows = [
        published("boxpacker", all_orders, lambda order: order.boxes_3d),
        ours("boxpacker", all_orders, suite, rounds, lambda order: order.boxes_3d),
        published("boxpacker-2d", flat, lambda order: order.boxes_2d),
        ours("boxpacker-2d", flat, suite, rounds, lambda order: order.boxes_2d),
        published("100-set", few, lambda order: order.boxes_3d),
        ours("100-set", few, suite, rounds, lambda order: order.boxes_3d),
    ]
    absent = {}
    for name, (missing, pack) in PEERS.items() if peers else ():
        if missing():
            absent[name] = "not installed: make bench-setup"
        else:
            rows.append(peer(name, pack, few, suite, rounds))
    for n in range(1, 5):
        file = data / "thpack" / f"thpack{n}.txt"
        rows += containers(f"thpack{n}", file)
    return {
        "rows": rows,
        "absent": absent,
        "rounds": rounds,
        "machine": {"python": platform.python_version(), "cores": os.cpu_count()},
    }


def ours(
    name: str,
    orders: Orders,
    suite: tuple[Carton, ...],
    rounds: int,
    expected: Callable[[Published], int],
) -> Row:
    """Pack every order anew each round; each order's least time counts."""
    cartons = {carton.id: carton for carton in suite}
    took = [float("inf")] * len(orders)
    chosen: list[Packing] = []
    skus = {sku: goods for order in orders for sku, goods in order.skus.items()}
    for _ in range(rounds):
        forget()
        packer = Packer(skus, suite)
        chosen.clear()
        for n, order in enumerate(orders):
            at = perf_counter()
            found = packer.packings(order.lines, tuple(cartons))
            chosen.append(min(found, key=_boxes_then_volume))
            took[n] = min(took[n], perf_counter() - at)
    counts = [len(way.pieces) for way in chosen]
    wrong = sum(
        len(packing_faults(way, order.lines, order.skus, cartons))
        for way, order in zip(chosen, orders, strict=True)
    )
    inner = [sum(p.outer.volume_mm3 for p in way.pieces) for way in chosen]
    wanted = [expected(order) for order in orders]
    return {
        **_row(name, "ours", orders, counts, inner, took),
        "geometry_errors": wrong,
        "more_boxes_than_boxpacker": _more(counts, wanted),
        "fewer_boxes_than_boxpacker": _more(wanted, counts),
    }


def published(
    name: str,
    orders: Orders,
    expected: Callable[[Published], int],
) -> Row:
    """Tell what BoxPacker's own file expects; it was not run here."""
    boxes = [expected(order) for order in orders]
    inner = [order.boxpacker_mm3 for order in orders]
    return {
        **_row(name, "boxpacker", orders, boxes, inner, []),
        "geometry_errors": None,
    }


def peer(
    name: str,
    pack: Callable[[Sequence[Line], Published, tuple[Carton, ...]], Answer],
    orders: Orders,
    suite: tuple[Carton, ...],
    rounds: int,
) -> Row:
    """Pack every order by a library, the best it offers on the fewest boxes."""
    took = [float("inf")] * len(orders)
    found: list[Answer] = []
    for _ in range(rounds):
        found.clear()
        for n, order in enumerate(orders):
            at = perf_counter()
            found.append(pack(order.lines, order, suite))
            took[n] = min(took[n], perf_counter() - at)
    volumes = {carton.id: carton.inner.volume_mm3 for carton in suite}
    inner = [sum(volumes[box] for box in boxes) for boxes, _ in found]
    row = _row("100-set", name, orders, [len(b) for b, _ in found], inner, took)
    unfinished = sum(left > 0 for _, left in found)
    if unfinished:
        # Boxes that do not hold everything are not to be compared.
        row |= {"boxes": None, "volume_use": None, "volume_use_mean": None}
    return {**row, "unfinished_orders": unfinished, "geometry_errors": None}


def containers(name: str, file: Path) -> list[Row]:
    """Load each instance's container as full as ours manages, beside the papers."""
    instances = read(file)
    use, wrong, took = [], 0, []
    for instance in instances:
        at = perf_counter()
        loaded = load(instance)
        took.append(perf_counter() - at)
        use.append(loaded.use)
        wrong += loaded.errors
    common = {"set": name, "orders": len(instances), "boxes": len(instances)}
    return [
        {
            **common,
            "method": "ours",
            "volume_use": round(sum(use) / len(use), 4),
            "mean_ms": round(1000 * sum(took) / len(took), 3),
            "geometry_errors": wrong,
        },
        *(
            {
                **common,
                "method": paper,
                "volume_use": round(percent[name] / 100, 4),
                "mean_ms": None,
                "geometry_errors": None,
            }
            for paper, percent in PUBLISHED.items()
        ),
    ]


def _boxes_then_volume(way: Packing) -> tuple[int, int]:
    return len(way.pieces), sum(piece.outer.volume_mm3 for piece in way.pieces)


def _row(
    name: str,
    method: str,
    orders: Orders,
    boxes: Sequence[int],
    inner_mm3: Sequence[float],
    took_s: Sequence[float],
) -> Row:
    goods = [order.goods_mm3 for order in orders]
    each = [a / b for a, b in zip(goods, inner_mm3, strict=True)]
    known = bool(took_s)
    return {
        "set": name,
        "method": method,
        "orders": len(orders),
        "boxes": sum(boxes),
        "volume_use": round(sum(goods) / sum(inner_mm3), 4),
        "volume_use_mean": round(sum(each) / len(each), 4),
        "mean_ms": round(1000 * sum(took_s) / len(took_s), 3) if known else None,
    }


def _more(ones: Sequence[int], others: Sequence[int]) -> int:
    return sum(a > b for a, b in zip(ones, others, strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", default="-", help="a file, or - for the screen")
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", choices=("all", "ours"), default="all")
    said = parser.parse_args(arguments)
    found = measure(said.data, said.orders, said.rounds, said.engines == "all")
    text = json.dumps(found, indent=2) + "\n"
    if said.json == "-":
        sys.stdout.write(text)
    else:
        Path(said.json).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
