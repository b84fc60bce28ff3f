"""What must hold for any goods and any suite of cartons."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.network import Carton, PackingMethod
from domain.order import Line
from domain.quantities import CartonId, Dimensions, SkuId
from domain.sku import Palletizing, Sku, TemperatureBand
from optimizer.packing import Packer
from optimizer.pieces import Packing
from verification.geometry import packing_faults

METHODS = (
    PackingMethod.CARTON,
    PackingMethod.POLY_MAILER,
    PackingMethod.INSULATED,
    PackingMethod.SECURED,
    PackingMethod.PALLET,
)


def sizes(most_mm: int) -> st.SearchStrategy[Dimensions]:
    # Multiples of ten make units touch and stack as real cartons do.
    side = st.integers(1, most_mm // 10).map(lambda n: n * 10)
    return st.builds(Dimensions, length_mm=side, width_mm=side, height_mm=side)


@st.composite
def catalogs(draw: st.DrawFn) -> dict[SkuId, Sku]:
    count = draw(st.integers(1, 6))
    skus = [
        Sku(
            id=SkuId(f"SKU-{n}"),
            size=draw(sizes(300)),
            weight_g=draw(st.integers(10, 3000)),
            temperature=draw(
                st.sampled_from([*[TemperatureBand.AMBIENT] * 4, *TemperatureBand])
            ),
            hazmat_class=draw(st.sampled_from([None, None, None, "3", "9"])),
            fragile=draw(st.sampled_from([False, False, True])),
            this_side_up=draw(st.booleans()),
            max_load_g=draw(st.none() | st.integers(0, 4000)),
            ships_alone=draw(st.sampled_from([False, False, False, True])),
            ships_in_own_container=draw(st.booleans()),
            flexible=draw(st.booleans()),
            pallet=draw(
                st.none()
                | st.builds(
                    Palletizing,
                    units_per_layer=st.integers(1, 30),
                    units_per_pallet=st.integers(1, 90),
                )
            ),
        )
        for n in range(count)
    ]
    return {sku.id: sku for sku in skus}


@st.composite
def suites(draw: st.DrawFn) -> dict[CartonId, Carton]:
    cartons = []
    for n in range(draw(st.integers(1, 6))):
        method = draw(st.sampled_from(METHODS))
        inner = draw(sizes(600))
        cold = method is PackingMethod.INSULATED
        cartons.append(
            Carton(
                id=CartonId(f"BOX-{n}"),
                method=method,
                inner=inner,
                outer=Dimensions(
                    length_mm=inner.length_mm + 8,
                    width_mm=inner.width_mm + 8,
                    height_mm=inner.height_mm + 10,
                ),
                tare_g=draw(st.integers(0, 500)),
                max_load_g=draw(st.integers(500, 30_000)),
                cost_cents=draw(st.integers(0, 300)),
                temperature=draw(st.sampled_from(TemperatureBand))
                if cold
                else TemperatureBand.AMBIENT,
                hold_h=draw(st.integers(12, 96)) if cold else None,
            )
        )
    return {carton.id: carton for carton in cartons}


@st.composite
def baskets(draw: st.DrawFn) -> tuple[dict[SkuId, Sku], tuple[Line, ...]]:
    catalog = draw(catalogs())
    units = draw(st.sampled_from([3, 12, 60]))
    lines = [Line(sku=sku, units=draw(st.integers(1, units))) for sku in catalog]
    return catalog, tuple(lines)


@settings(max_examples=150, deadline=None)
@given(basket=baskets(), cartons=suites())
def test_every_packing_is_physically_true(
    basket: tuple[dict[SkuId, Sku], tuple[Line, ...]],
    cartons: dict[CartonId, Carton],
) -> None:
    skus, lines = basket

    packings = Packer(skus, cartons.values()).packings(
        lines, tuple(cartons), palletizes=True
    )

    for packing in packings:
        assert packing_faults(packing, lines, skus, cartons) == []


@settings(max_examples=60, deadline=None)
@given(basket=baskets(), cartons=suites())
def test_what_is_packed_at_once_is_physically_true_too(
    basket: tuple[dict[SkuId, Sku], tuple[Line, ...]],
    cartons: dict[CartonId, Carton],
) -> None:
    skus, lines = basket

    packings = Packer(skus, cartons.values()).at_once(lines, tuple(cartons))

    for packing in packings:
        assert packing_faults(packing, lines, skus, cartons) == []


@settings(max_examples=40, deadline=None)
@given(basket=baskets(), cartons=suites())
def test_the_same_question_has_the_same_answer(
    basket: tuple[dict[SkuId, Sku], tuple[Line, ...]],
    cartons: dict[CartonId, Carton],
) -> None:
    skus, lines = basket
    suite = tuple(cartons)

    there = Packer(skus, cartons.values()).packings(lines, suite)
    and_back = Packer(skus, reversed(cartons.values())).packings(
        lines[::-1], suite[::-1]
    )

    assert there == and_back


def _amount(packing: Packing) -> tuple[object, ...]:
    cartons = sorted(str(piece.carton) for piece in packing.pieces)
    return packing.method, packing.cost_cents, tuple(cartons)


@settings(max_examples=60, deadline=None)
@given(basket=baskets(), cartons=suites())
def test_packings_are_distinct_and_none_is_dropped_for_want_of_a_pallet(
    basket: tuple[dict[SkuId, Sku], tuple[Line, ...]],
    cartons: dict[CartonId, Carton],
) -> None:
    skus, lines = basket
    packer = Packer(skus, cartons.values())

    with_pallets = packer.packings(lines, tuple(cartons), palletizes=True)
    without = packer.packings(lines, tuple(cartons))

    # Which of equal cartons is filled first may differ; what they come to may not.
    assert {_amount(p) for p in without} <= {_amount(p) for p in with_pallets}
    assert len({repr(packing) for packing in with_pallets}) == len(with_pallets)
    assert not any(p.method is PackingMethod.PALLET for p in without)


@settings(max_examples=60, deadline=None)
@given(sku=catalogs().map(lambda c: next(iter(c.values()))), cartons=suites())
def test_a_single_unit_is_packed_wherever_it_fits(
    sku: Sku, cartons: dict[CartonId, Carton]
) -> None:
    plain = sku.model_copy(
        update={"this_side_up": False, "temperature": TemperatureBand.AMBIENT}
    )
    sides = sorted(plain.size.model_dump().values())
    fits = any(
        carton.method is PackingMethod.CARTON
        and plain.weight_g <= carton.max_load_g
        and all(
            a <= b
            for a, b in zip(
                sides, sorted(carton.inner.model_dump().values()), strict=True
            )
        )
        for carton in cartons.values()
    )

    packings = Packer({plain.id: plain}, cartons.values()).packings(
        (Line(sku=plain.id, units=1),), tuple(cartons)
    )

    assert any(p.method is PackingMethod.CARTON for p in packings) == fits
