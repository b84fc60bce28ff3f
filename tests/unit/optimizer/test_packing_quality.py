"""How few cartons are used: against a naive rule, and on published orders."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.network import Carton
from domain.order import Line
from domain.quantities import CartonId, SkuId
from domain.sku import Sku
from optimizer.packing import Packer
from tests.shelves import shelf_boxes
from tests.unit.optimizer.packing_cases import a_carton, a_sku, size, units, ways
from verification.geometry import packing_faults

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "packing" / "boxpacker"
ORDERS = 50

BOX = a_carton("box", 400, 300, 250)
GOODS = (
    a_sku("book", 240, 170, 30, weight_g=600),
    a_sku("mug", 120, 110, 90, weight_g=400),
    a_sku("lamp", 350, 180, 180, weight_g=1_500),
    a_sku("tube", 390, 60, 60, weight_g=250),
    a_sku("jar", 90, 90, 130, weight_g=700, this_side_up=True),
    a_sku("kit", 200, 150, 120, weight_g=2_000),
)


@pytest.mark.parametrize(
    "lines",
    [
        units(book=30),
        units(mug=12, jar=8),
        units(lamp=3, tube=6),
        units(kit=9, book=10, tube=4),
        units(lamp=2, kit=4, mug=6, jar=6, book=8, tube=3),
        units(lamp=5, kit=11, mug=17, jar=13, book=19, tube=7),
    ],
)
def test_no_more_cartons_than_a_naive_shelf_packing(lines: tuple[Line, ...]) -> None:
    skus = {sku.id: sku for sku in GOODS}
    naive = shelf_boxes(lines, skus, BOX)

    found = ways(GOODS, lines, [BOX])

    assert naive is not None
    assert len(found[0].pieces) <= naive


def published_cartons() -> Iterator[Carton]:
    with (PUBLISHED / "boxes.csv").open() as file:
        for name, *numbers in csv.reader(file):
            wide, long, deep, tare, *inner, most = map(int, numbers)
            inner_wide, inner_long, inner_deep = inner
            yield Carton(
                id=CartonId(name),
                # One of the published boxes is longer inside than outside.
                outer=size(
                    max(long, inner_long), max(wide, inner_wide), max(deep, inner_deep)
                ),
                inner=size(inner_long, inner_wide, inner_deep),
                tare_g=tare,
                max_load_g=most - tare,
            )


def published_orders() -> tuple[dict[SkuId, Sku], dict[str, Counter[SkuId]]]:
    skus: dict[SkuId, Sku] = {}
    orders: dict[str, Counter[SkuId]] = {}
    with (PUBLISHED / "items.csv").open() as file:
        for order, count, *item in csv.reader(file):
            if order not in orders and len(orders) == ORDERS:
                break
            width, length, depth, weight = map(int, item[1:])
            sku = a_sku(":".join(item), length, width, depth, weight_g=max(1, weight))
            skus[sku.id] = sku
            orders.setdefault(order, Counter())[sku.id] += int(count)
    return skus, orders


@pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason=f"the published orders are not at {PUBLISHED}"
)
def test_published_orders_take_no_more_boxes_than_published() -> None:
    cartons = {carton.id: carton for carton in published_cartons()}
    skus, orders = published_orders()
    with (PUBLISHED / "expected.csv").open() as file:
        expected = {row[0]: int(row[4]) for row in csv.reader(file)}
    packer = Packer(skus, cartons.values())

    boxes = 0
    for wanted in orders.values():
        lines = tuple(Line(sku=sku, units=n) for sku, n in wanted.items())
        found = packer.packings(lines, tuple(cartons))
        boxes += len(found[0].pieces)
        assert not [f for p in found for f in packing_faults(p, lines, skus, cartons)]

    assert boxes <= sum(expected[order] for order in orders)
