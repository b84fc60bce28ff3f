"""Which ways of wrapping are offered, by goods and cartons at hand."""

import pytest

from domain.network import Carton
from domain.quantities import CartonId, SkuId
from domain.sku import TemperatureBand
from optimizer.packing import Packer
from tests.unit.optimizer.packing_cases import (
    M,
    a_carton,
    a_sku,
    cartons_of,
    of_method,
    size,
    units,
    ways,
)

SMALL = a_carton("small", 200, 150, 100, tare_g=80, cost_cents=40)
LARGE = a_carton("large", 400, 300, 200, tare_g=250, cost_cents=90)
MAILER = a_carton("mailer", 300, 250, 40, method=M.POLY_MAILER, max_load_g=3_000)
SECURED = a_carton("secured", 400, 300, 200, method=M.SECURED)
CHILLED = a_carton(
    "chilled",
    250,
    250,
    200,
    method=M.INSULATED,
    temperature="chilled",
    hold_h=48,
    coolant_cents_per_h=3,
)
FROZEN = a_carton(
    "frozen", 250, 250, 200, method=M.INSULATED, temperature="frozen", hold_h=36
)

MUG = a_sku("mug", 120, 110, 90, weight_g=400)
SHIRT = a_sku("shirt", 250, 200, 20, weight_g=180, flexible=True)
YOGURT = a_sku("yogurt", 100, 100, 80, weight_g=450, temperature="chilled")
ICE = a_sku("ice", 120, 100, 80, weight_g=450, temperature="frozen")
ACID = a_sku("acid", 80, 80, 150, weight_g=900, hazmat_class="8")
SPRAY = a_sku("spray", 60, 60, 180, weight_g=300, hazmat_class="2.1")


def test_the_least_carton_that_takes_everything_is_offered_first() -> None:
    found = ways([MUG], units(mug=1), [LARGE, SMALL])

    assert cartons_of(found[0]) == ["small"]
    assert found[0].pieces[0].weight_g == 400 + SMALL.tare_g
    assert found[0].pieces[0].outer == SMALL.outer
    assert found[0].cost_cents == SMALL.cost_cents


def test_goods_that_outgrow_one_carton_go_into_several() -> None:
    found = ways([MUG], units(mug=40), [SMALL, LARGE])

    packed = sum(line.units for p in found[0].pieces for line in p.lines)
    assert packed == 40
    assert len(found[0].pieces) == min(len(way.pieces) for way in found) > 1


def test_heavy_goods_are_parted_by_what_a_carton_holds() -> None:
    anvil = a_sku("anvil", 100, 100, 100, weight_g=20_000)

    found = ways([anvil], units(anvil=3), [LARGE])

    assert cartons_of(found[0]) == ["large"] * 3


def test_what_fits_nowhere_has_no_packing() -> None:
    canoe = a_sku("canoe", 4_000, 600, 400)

    assert ways([canoe, MUG], units(canoe=1, mug=1), [SMALL, LARGE]) == ()


def test_soft_goods_may_go_into_a_mailer() -> None:
    found = ways([SHIRT], units(shirt=2), [LARGE, MAILER])

    assert cartons_of(of_method(found, M.POLY_MAILER)) == ["mailer"]
    assert of_method(found, M.CARTON)


@pytest.mark.parametrize(
    "change",
    [{"fragile": True}, {"flexible": False}, {"hazmat_class": "9"}],
    ids=["fragile", "stiff", "hazmat"],
)
def test_goods_that_a_mailer_would_harm_stay_out_of_it(
    change: dict[str, object],
) -> None:
    shirt = SHIRT.model_copy(update=change)

    found = ways([shirt], units(shirt=1), [LARGE, MAILER])

    assert {way.method for way in found} == {M.CARTON}


def test_a_mailer_bulges_only_so_far() -> None:
    found = ways([SHIRT], units(shirt=3), [MAILER])

    assert cartons_of(found[0]) == ["mailer", "mailer"]


def test_soft_goods_beside_hard_ones_make_a_mixed_packing() -> None:
    found = ways([SHIRT, MUG], units(shirt=1, mug=1), [LARGE, SMALL, MAILER])

    assert cartons_of(of_method(found, M.MIXED)) == ["mailer", "small"]


def test_goods_in_their_own_container_need_no_carton() -> None:
    tv = a_sku("tv", 1_200, 150, 800, weight_g=15_000, ships_in_own_container=True)

    found = ways([tv], units(tv=2), [LARGE])

    assert [way.method for way in found] == [M.OWN_CONTAINER]
    assert [p.carton for p in found[0].pieces] == [None, None]
    assert found[0].pieces[0].outer == tv.size
    assert found[0].cost_cents == 0


def test_the_rest_of_the_order_goes_into_a_carton_beside_the_own_container() -> None:
    tv = a_sku("tv", 1_200, 150, 800, weight_g=15_000, ships_in_own_container=True)

    found = ways([tv, MUG], units(tv=1, mug=1), [SMALL])

    assert cartons_of(of_method(found, M.MIXED)) == [None, "small"]


def test_only_what_outgrows_all_cartons_must_use_its_own_container() -> None:
    own = {"weight_g": 4_000, "ships_in_own_container": True}
    tv, kettle = a_sku("tv", 1_200, 150, 800, **own), a_sku("pot", 190, 140, 90, **own)

    found = ways([tv, kettle], units(tv=1, pot=1), [SMALL])

    assert [cartons_of(way) for way in found] == [[None, "small"], [None, None]]


def test_precious_ambient_goods_are_secured_beside_insulated_cold_ones() -> None:
    found = ways([MUG, YOGURT], units(mug=1, yogurt=1), [SMALL, SECURED, CHILLED])

    assert ["chilled", "secured"] in [cartons_of(way) for way in found]


def test_everything_may_be_secured() -> None:
    found = ways([MUG, SHIRT], units(mug=1, shirt=1), [LARGE, SECURED])

    assert cartons_of(of_method(found, M.SECURED)) == ["secured"]


def test_cold_goods_are_insulated_or_left_to_a_cold_carriage() -> None:
    found = ways([YOGURT], units(yogurt=4), [SMALL, LARGE, CHILLED, FROZEN])

    insulated = of_method(found, M.INSULATED).pieces[0]
    plain = of_method(found, M.CARTON).pieces[0]
    assert (insulated.carton, insulated.hold_h) == ("chilled", 48)
    assert insulated.coolant_cents_per_h == 3
    assert (plain.hold_h, plain.temperature) == (None, TemperatureBand.CHILLED)


def test_temperature_bands_never_share_a_piece() -> None:
    everything = units(mug=1, yogurt=1, ice=1)

    found = ways([MUG, YOGURT, ICE], everything, [SMALL, CHILLED, FROZEN])

    assert cartons_of(of_method(found, M.MIXED)) == ["chilled", "frozen", "small"]
    assert cartons_of(of_method(found, M.CARTON)) == ["small"] * 3


@pytest.mark.parametrize("better", [{"hold_h": 96}, {"rated_at_tenths_c": 320}])
def test_a_carton_that_keeps_for_longer_is_offered_beside_a_smaller_one(
    better: dict[str, int],
) -> None:
    roomy = {"inner": LARGE.inner, "outer": LARGE.outer, "cost_cents": 900}
    longer = CHILLED.model_copy(update={"id": CartonId("longer"), **roomy, **better})

    found = ways([YOGURT], units(yogurt=1), [CHILLED, longer])

    insulated = [cartons_of(way) for way in found if way.method is M.INSULATED]
    assert insulated == [["chilled"], ["longer"]]


def test_ambient_goods_may_ride_insulated_but_are_not_frozen() -> None:
    found = ways([MUG], units(mug=1), [SMALL, CHILLED, FROZEN])

    assert cartons_of(of_method(found, M.INSULATED)) == ["chilled"]


def test_hazmat_classes_never_share_a_carton() -> None:
    found = ways([ACID, SPRAY, MUG], units(acid=1, spray=1, mug=1), [LARGE])

    assert [len(p.lines) for p in found[0].pieces] == [1, 1, 1]


def test_one_hazmat_class_may_lie_with_ambient_goods_but_not_with_cold_ones() -> None:
    cold_acid = ACID.model_copy(update={"temperature": TemperatureBand.CHILLED})

    with_mug = ways([ACID, MUG], units(acid=1, mug=1), [LARGE])
    with_yogurt = ways([cold_acid, YOGURT], units(acid=1, yogurt=1), [CHILLED])

    assert len(with_mug[0].pieces) == 1
    assert len(with_yogurt[0].pieces) == 2


def test_goods_that_ship_alone_get_a_carton_each() -> None:
    clock = MUG.model_copy(update={"id": SkuId("clock"), "ships_alone": True})

    found = ways([clock, MUG], units(clock=2, mug=2), [SMALL, LARGE])

    packed = [(ln.sku, ln.units) for p in found[0].pieces for ln in p.lines]
    assert sorted(packed) == [("clock", 1), ("clock", 1), ("mug", 2)]


def test_this_side_up_forbids_a_carton_in_which_it_would_lie() -> None:
    vase = a_sku("vase", 100, 100, 300)
    upright = vase.model_copy(update={"this_side_up": True})

    assert ways([vase], units(vase=1), [a_carton("flat", 320, 120, 120)])
    assert not ways([upright], units(vase=1), [a_carton("flat", 320, 120, 120)])


def test_nothing_rests_on_fragile_goods() -> None:
    glass = a_sku("glass", 200, 150, 100, fragile=True, this_side_up=True)

    found = ways([glass], units(glass=2), [a_carton("tall", 200, 150, 200)])

    assert cartons_of(found[0]) == ["tall", "tall"]


def test_a_fragile_unit_travels_on_top_of_a_sturdy_one() -> None:
    glass = a_sku("glass", 200, 150, 100, fragile=True, this_side_up=True)
    book = a_sku("book", 200, 150, 100)

    found = ways([glass, book], units(glass=1, book=1), [a_carton("t", 200, 150, 200)])

    heights = {p.sku: p.z_mm for p in found[0].pieces[0].placements}
    assert heights == {"book": 0, "glass": 100}


@pytest.mark.parametrize(("bears_g", "cartons"), [(999, 3), (1_000, 2), (2_000, 1)])
def test_stacks_are_as_high_as_the_lowest_unit_bears(
    bears_g: int, cartons: int
) -> None:
    cake = a_sku(
        "cake", 200, 150, 50, weight_g=1_000, max_load_g=bears_g, this_side_up=True
    )

    found = ways([cake], units(cake=3), [a_carton("tall", 200, 150, 150)])

    assert len(found[0].pieces) == cartons


def test_three_cubes_and_a_plank_need_the_plank_flat() -> None:
    cube, plank = a_sku("cube", 100, 100, 100), a_sku("plank", 300, 100, 50)

    found = ways(
        [cube, plank], units(cube=3, plank=1), [a_carton("bin", 300, 100, 150)]
    )

    assert cartons_of(found[0]) == ["bin"]


def test_two_small_cartons_are_offered_where_they_are_less_than_a_large_one() -> None:
    found = ways([MUG], units(mug=2), [SMALL, a_carton("huge", 600, 600, 600)])

    assert [cartons_of(way) for way in found] == [["huge"], ["small", "small"]]


def test_a_way_worse_in_everything_is_not_offered() -> None:
    dear = SMALL.model_copy(update={"id": CartonId("dear"), "cost_cents": 900})

    assert [cartons_of(way) for way in ways([MUG], units(mug=1), [SMALL, dear])] == [
        ["small"]
    ]


def test_the_same_question_is_answered_from_memory() -> None:
    packer = Packer({MUG.id: MUG, SHIRT.id: SHIRT}, (SMALL, LARGE))

    first = packer.packings(units(mug=2, shirt=1), (SMALL.id, LARGE.id))
    again = packer.packings(units(shirt=1, mug=2), (LARGE.id, SMALL.id))

    assert again is first


def test_lines_of_one_sku_are_packed_as_one() -> None:
    packer = Packer({MUG.id: MUG}, (LARGE,))

    apart = packer.packings(units(mug=2) + units(mug=1), (LARGE.id,))

    assert apart == packer.packings(units(mug=3), (LARGE.id,))


def test_only_the_suites_cartons_are_used() -> None:
    packer = Packer({MUG.id: MUG}, (SMALL, LARGE))

    found = packer.packings(units(mug=1), (LARGE.id,))

    assert [cartons_of(way) for way in found] == [["large"]]


def test_unknown_goods_are_an_error() -> None:
    with pytest.raises(KeyError, match="ghost"):
        ways([MUG], units(ghost=1), [SMALL])


def test_a_carton_filled_to_the_last_millimeter_holds() -> None:
    brick = a_sku("brick", 100, 50, 50)
    exact = Carton(
        id=CartonId("exact"),
        inner=size(200, 200, 200),
        outer=size(200, 200, 200),
        max_load_g=64 * 500,
    )

    assert cartons_of(ways([brick], units(brick=32), [exact])[0]) == ["exact"]
    assert len(ways([brick], units(brick=33), [exact])[0].pieces) == 2
