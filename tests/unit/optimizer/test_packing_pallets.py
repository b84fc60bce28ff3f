"""Pallets for bulk: layers, declared counts, mixed stacks, and speed."""

import time
from collections import Counter

import pytest

from domain.sku import Palletizing
from optimizer.packing import Packer, warm
from tests.unit.optimizer.packing_cases import (
    M,
    a_carton,
    a_sku,
    of_method,
    size,
    units,
    ways,
)
from verification.geometry import packing_faults

PALLET = a_carton(
    "pallet",
    1_200,
    1_000,
    1_500,
    outer=size(1_200, 1_000, 1_644),
    method=M.PALLET,
    max_load_g=900_000,
    tare_g=25_000,
    cost_cents=1_500,
)
CASE = a_sku("case", 400, 300, 250, weight_g=8_000)
TIN = a_sku("tin", 200, 200, 150, weight_g=3_000)


def test_pallets_are_offered_only_to_a_center_that_palletizes() -> None:
    assert ways([CASE], units(case=4), [PALLET]) == ()
    assert ways([CASE], units(case=4), [PALLET], palletizes=True)


def test_a_full_pallet_stands_in_full_layers() -> None:
    (way,) = ways([CASE], units(case=60), [PALLET], palletizes=True)

    layers = Counter(p.z_mm for p in way.pieces[0].placements)
    assert layers == dict.fromkeys(range(0, 1_500, 250), 10)


def test_a_pallet_is_as_high_as_what_stands_on_it() -> None:
    (way,) = ways([CASE], units(case=20), [PALLET], palletizes=True)

    assert way.pieces[0].outer == size(1_200, 1_000, 144 + 500)
    assert way.pieces[0].weight_g == 25_000 + 20 * 8_000


def test_declared_counts_per_layer_and_pallet_are_kept() -> None:
    declared = Palletizing(units_per_layer=8, units_per_pallet=32)
    case = CASE.model_copy(update={"pallet": declared})

    (way,) = ways([case], units(case=70), [PALLET], palletizes=True)

    assert [sum(ln.units for ln in p.lines) for p in way.pieces] == [32, 32, 6]
    layers = Counter(p.z_mm for p in way.pieces[0].placements)
    assert set(layers.values()) == {8}


def test_a_layer_holds_no_more_than_truly_fits() -> None:
    boast = Palletizing(units_per_layer=50, units_per_pallet=300)
    case = CASE.model_copy(update={"pallet": boast})

    (way,) = ways([case], units(case=300), [PALLET], palletizes=True)

    assert max(Counter(p.z_mm for p in way.pieces[0].placements).values()) == 10


def test_weight_ends_a_pallet_before_height_does() -> None:
    lead = CASE.model_copy(update={"weight_g": 30_000})

    (way,) = ways([lead], units(case=60), [PALLET], palletizes=True)

    assert all(p.weight_g <= 25_000 + 900_000 for p in way.pieces)
    assert len(way.pieces) == 2


def test_what_units_bear_ends_a_stack() -> None:
    weak = CASE.model_copy(update={"max_load_g": 16_000})

    (way,) = ways([weak], units(case=30), [PALLET], palletizes=True)

    assert {p.z_mm for p in way.pieces[0].placements} == {0, 250, 500}


def test_layers_of_several_skus_share_a_pallet_the_strong_ones_below() -> None:
    frail = TIN.model_copy(update={"max_load_g": 3_000})
    lines = units(case=20, tin=60)

    found = ways([CASE, frail], lines, [PALLET], palletizes=True)

    way = of_method(found, M.PALLET)
    skus = {CASE.id: CASE, frail.id: frail}
    assert len(way.pieces) == 1
    assert packing_faults(way, lines, skus, {PALLET.id: PALLET}) == []
    tops = {p.sku: p.z_mm for p in way.pieces[0].placements}
    assert tops[frail.id] > tops[CASE.id]


def test_the_lowest_layer_bears_all_that_is_above_it() -> None:
    slabs = [
        a_sku("low", 1_200, 1_000, 100, weight_g=90_000, max_load_g=100_000),
        a_sku("mid", 1_200, 1_000, 100, weight_g=80_000, max_load_g=90_000),
        a_sku("top", 1_200, 1_000, 100, weight_g=50_000, max_load_g=80_000),
    ]

    (way,) = ways(slabs, units(low=1, mid=1, top=1), [PALLET], palletizes=True)

    loads = sorted(tuple(line.sku for line in p.lines) for p in way.pieces)
    assert loads == [("low", "mid"), ("top",)]


def test_no_layer_hangs_over_a_smaller_one() -> None:
    crate = a_sku("crate", 900, 800, 300, weight_g=500_000)
    lines = units(crate=1, tin=60)

    (way,) = ways([crate, TIN], lines, [PALLET], palletizes=True)

    skus = {crate.id: crate, TIN.id: TIN}
    assert packing_faults(way, lines, skus, {PALLET.id: PALLET}) == []


def test_cold_goods_never_share_a_pallet_with_others() -> None:
    cold = TIN.model_copy(update={"temperature": "frozen"})

    found = ways([CASE, cold], units(case=5, tin=5), [PALLET], palletizes=True)

    assert [len(p.lines) for p in of_method(found, M.PALLET).pieces] == [1, 1]


@pytest.mark.parametrize("bears_g", [None, 12_000])
def test_thousands_of_equal_units_are_packed_in_no_time(bears_g: int | None) -> None:
    tin = TIN.model_copy(update={"max_load_g": bears_g})
    box = a_carton("box", 600, 400, 320)
    warm()

    began = time.process_time()
    found = ways([tin], units(tin=5_000), [PALLET, box], palletizes=True)
    spent_s = time.process_time() - began

    # 20 to 60 ms on one core; room for a machine that is busy or slow.
    assert spent_s < 1
    assert {way.method for way in found} == {M.CARTON, M.PALLET}


def test_a_hundred_lines_are_packed_true_and_fast() -> None:
    skus = [
        a_sku(f"sku-{n}", 40 + n * 3, 60 + n * 7 % 210, 30 + n * 11 % 170, weight_g=400)
        for n in range(100)
    ]
    lines = units(**{sku.id: 1 + n % 4 for n, sku in enumerate(skus)})
    cartons = [PALLET, a_carton("box", 600, 400, 400), a_carton("bin", 400, 300, 250)]
    warm()

    began = time.process_time()
    found = ways(skus, lines, cartons, palletizes=True)
    spent_s = time.process_time() - began

    catalog = {sku.id: sku for sku in skus}
    suite = {carton.id: carton for carton in cartons}
    assert spent_s < 3
    for way in found:
        assert packing_faults(way, lines, catalog, suite) == []


def test_the_answer_does_not_depend_on_what_was_packed_before() -> None:
    catalog = {CASE.id: CASE, TIN.id: TIN}
    fresh, used = Packer(catalog, [PALLET]), Packer(catalog, [PALLET])
    used.packings(units(case=7), (PALLET.id,), palletizes=True)

    lines = units(case=33, tin=44)

    assert fresh.packings(lines, (PALLET.id,), palletizes=True) == used.packings(
        lines, (PALLET.id,), palletizes=True
    )
