import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.network import CarrierService, Surcharges
from domain.quantities import Dimensions, Place
from domain.shipping import Piece
from lanewise.world.problems import Refused
from lanewise.world.tariff import check_size, price_cents, zone_of
from optimizer.pricing import zone_cents
from tests.conformance.worlds import BOISE, GROUND, RENO, a_network, a_piece

MIAMI = Place(postal_code="33101", region="FL", latitude=25.76, longitude=-80.19)


def a_service(**changes: object) -> CarrierService:
    return a_network().service(GROUND).model_copy(update=changes)


def price(service: CarrierService, *pieces: Piece, **options: object) -> int:
    asked = {
        "residential": False,
        "signature": False,
        "hazmat": False,
        "insured_cents": 0,
    }
    return price_cents(service, 2, pieces, **{**asked, **options})  # type: ignore[arg-type]


def test_the_heavier_of_weight_and_size_is_billed() -> None:
    bulky = Piece(
        size=Dimensions(length_mm=500, width_mm=400, height_mm=300), weight_g=900
    )

    # 60 liters over 5000 cm³/kg are 12 kg, that is 24 half kilograms.
    assert price(a_service(), bulky) == 800 + 24 * 90
    assert price(a_service(dim_divisor=None), bulky) == 800 + 2 * 90


def test_each_piece_is_priced_and_surcharges_are_added() -> None:
    service = a_service(
        surcharges=Surcharges(
            fuel_permille=105,
            residential_cents=400,
            signature_cents=300,
            hazmat_cents=1_000,
            oversize_cents=2_000,
            insurance_permille=10,
        ),
        oversize_girth_mm=800,
    )
    calm, dangerous = a_piece(), a_piece().model_copy(update={"hazmat": True})

    cents = price(
        service,
        calm,
        dangerous,
        residential=True,
        signature=True,
        hazmat=True,
        insured_cents=12_350,
    )

    freight, fuel, insurance = 2 * 1_070, 225, 124
    assert cents == freight + fuel + 400 + 300 + 1_000 + 2 * 2_000 + insurance


@settings(max_examples=100, deadline=None)
@given(
    weight_g=st.integers(1, 30_000),
    sides=st.tuples(*[st.integers(1, 1_200)] * 3),
)
def test_carrier_and_optimizer_read_the_tariff_alike(
    weight_g: int, sides: tuple[int, int, int]
) -> None:
    length_mm, width_mm, height_mm = sides
    size = Dimensions(length_mm=length_mm, width_mm=width_mm, height_mm=height_mm)
    service = a_service()
    billable_g = max(weight_g, -(-size.volume_mm3 // 5000))

    charged = price(service, Piece(size=size, weight_g=weight_g))

    assert charged == zone_cents(service.rates[1], billable_g)


def test_a_zone_is_the_first_that_reaches() -> None:
    assert zone_of(a_service(), RENO, RENO) == 1
    assert zone_of(a_service(), RENO, BOISE) == 2


def test_beyond_the_last_zone_and_outside_its_regions_it_does_not_go() -> None:
    with pytest.raises(Refused, match="does not reach"):
        zone_of(a_service(), RENO, MIAMI)
    with pytest.raises(Refused, match="'ID'"):
        zone_of(a_service(regions=("NV",)), RENO, BOISE)


@pytest.mark.parametrize(
    "limits", [{"max_weight_g": 1_399}, {"max_length_mm": 299}, {"max_girth_mm": 899}]
)
def test_a_piece_beyond_a_limit_is_refused(limits: dict[str, int]) -> None:
    check_size(a_service(max_weight_g=1_400, max_girth_mm=900), (a_piece(),))

    with pytest.raises(Refused, match="a piece of"):
        check_size(a_service(**limits), (a_piece(),))
