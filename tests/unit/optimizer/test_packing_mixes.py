"""Few large cartons or several small ones: what may win on some lane is offered."""

from itertools import combinations_with_replacement

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.network import Carton
from domain.order import Line
from optimizer.packing import Packer, forget
from tests.unit.optimizer.packing_cases import a_carton, a_sku, cartons_of, size, units

CUBE = a_sku("cube", 100, 100, 100, weight_g=1)
CM3_PER_KG = 5_000


def a_box(number: int, sides: tuple[int, int, int], cost_cents: int) -> Carton:
    """Build a carton of so many cubes each way, without walls."""
    long, wide, high = (100 * side for side in sides)
    outer = size(long, wide, high)
    return a_carton(
        f"box-{number}", long, wide, high, outer=outer, cost_cents=cost_cents
    )


boxes = st.lists(
    st.tuples(
        st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 2)),
        st.integers(0, 150),
    ),
    min_size=1,
    max_size=4,
).map(lambda drawn: [a_box(n, *each) for n, each in enumerate(drawn)])


def cents(cartons: tuple[Carton, ...], base_cents: int, kg_cents: int) -> int:
    """Price cartons of light goods: a fee for each, dimensional weight, material."""
    volume_cm3 = sum(carton.outer.volume_mm3 // 1000 for carton in cartons)
    material = sum(carton.cost_cents for carton in cartons)
    return base_cents * len(cartons) + kg_cents * volume_cm3 // CM3_PER_KG + material


def cubes_in(carton: Carton) -> int:
    return carton.inner.volume_mm3 // 1_000_000


@settings(max_examples=60, deadline=None)
@given(
    suite=boxes,
    count=st.integers(1, 10),
    base_cents=st.integers(0, 600),
    kg_cents=st.integers(0, 500),
)
def test_no_mix_of_cartons_is_cheaper_than_what_is_offered(
    suite: list[Carton], count: int, base_cents: int, kg_cents: int
) -> None:
    by_id = {carton.id: carton for carton in suite}
    found = Packer({CUBE.id: CUBE}, suite).packings(units(cube=count), tuple(by_id))
    fewest = min(len(way.pieces) for way in found)

    offered = min(
        cents(
            tuple(by_id[p.carton] for p in way.pieces if p.carton), base_cents, kg_cents
        )
        for way in found
    )
    least = min(
        cents(mix, base_cents, kg_cents)
        for pieces in range(fewest, min(fewest + 2, 10) + 1)
        for mix in combinations_with_replacement(suite, pieces)
        if sum(map(cubes_in, mix)) >= count
    )

    assert offered <= least


def test_one_large_carton_and_two_small_ones_are_both_offered() -> None:
    large = a_box(1, (3, 3, 3), 90)
    small = a_box(2, (2, 1, 1), 30)

    found = Packer({CUBE.id: CUBE}, [large, small]).packings(
        units(cube=4), (large.id, small.id)
    )

    assert [cartons_of(way) for way in found] == [["box-1"], ["box-2", "box-2"]]


def test_equal_goods_of_another_problem_are_packed_once() -> None:
    forget()
    box = a_box(1, (2, 2, 2), 10)
    lines = (Line(sku=CUBE.id, units=7),)

    first = Packer({CUBE.id: CUBE}, [box]).packings(lines, (box.id,))
    again = Packer({CUBE.id: CUBE.model_copy()}, [box.model_copy()]).packings(
        (Line(sku=CUBE.id, units=3), Line(sku=CUBE.id, units=4)), (box.id,)
    )

    assert again is first


def test_goods_that_changed_are_packed_anew() -> None:
    box = a_box(1, (2, 2, 2), 10)
    lines = units(cube=7)
    taller = CUBE.model_copy(update={"size": size(100, 100, 150)})

    before = Packer({CUBE.id: CUBE}, [box]).packings(lines, (box.id,))
    after = Packer({CUBE.id: taller}, [box]).packings(lines, (box.id,))

    assert len(before[0].pieces) == 1
    assert len(after[0].pieces) == 2
