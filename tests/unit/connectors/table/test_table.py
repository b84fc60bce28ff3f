"""A table carrier prices, labels and takes back without anybody's help."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.connection import Connection, ConnectionKind
from connectors.ports import Ability
from connectors.registry import connect
from connectors.table.client import TableCarrier
from connectors.table.settings import TableSettings
from domain.errors import InvalidRequest, NotFound
from domain.quantities import CarrierId, Dimensions, FcId, Place, ServiceId
from domain.shipping import BookParcel, Piece, RateRequest, VoidOutcome
from tests.conformance.worlds import BOISE, RENO, a_parcel

VAN = ServiceId("van")
OWN = CarrierId("own-fleet")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TABLE: dict[str, Any] = {
    "services": {
        "van": {
            "carrier": "own-fleet",
            "countries": ["US"],
            "fuel_permille": 100,
            "residential_cents": 200,
            "signature_cents": 300,
            "dim_divisor": 5000,
            "reaches": [
                {
                    "up_to_km": 100,
                    "steps": [{"up_to_g": 1000, "cents": 400}],
                    "p50_h": 4,
                    "p90_h": 8,
                },
                {
                    "steps": [
                        {"up_to_g": 1000, "cents": 600},
                        {"up_to_g": 5000, "cents": 900},
                    ],
                    "cents_per_further_kg": 50,
                    "p50_h": 24,
                    "p90_h": 48,
                },
            ],
        }
    }
}


def a_carrier() -> TableCarrier:
    return TableCarrier(TableSettings.model_validate(TABLE))


def a_piece(weight_g: int = 900, side_mm: int = 100) -> Piece:
    size = Dimensions(length_mm=side_mm, width_mm=side_mm, height_mm=side_mm)
    return Piece(size=size, weight_g=weight_g)


def a_question(*pieces: Piece, **changes: Any) -> RateRequest:
    fields: dict[str, Any] = {
        "fc": FcId("RENO"),
        "ship_from": RENO,
        "ship_to": BOISE,
        "pieces": pieces or (a_piece(),),
        "services": (VAN,),
        "ready_at": NOON,
        "residential": False,
    }
    return RateRequest(**(fields | changes))


def a_van_parcel(reference: str = "o-1/1", **changes: Any) -> BookParcel:
    fields = {"carrier": OWN, "service": VAN, "reference": reference} | changes
    return a_parcel("k-1").model_copy(update=fields)


async def test_a_piece_costs_its_weights_step_and_fuel() -> None:
    [quote] = await a_carrier().rate_shop(a_question(a_piece(weight_g=1001)))

    assert (quote.total_cents, quote.carrier) == (990, OWN)
    assert quote.p90_at == NOON + timedelta(hours=48)


async def test_near_places_have_the_near_price() -> None:
    [quote] = await a_carrier().rate_shop(a_question(ship_to=RENO))

    assert (quote.total_cents, quote.p50_at) == (440, NOON + timedelta(hours=4))


async def test_a_place_without_coordinates_has_the_farthest_price() -> None:
    somewhere = Place(postal_code="99999")

    [quote] = await a_carrier().rate_shop(a_question(ship_to=somewhere))

    assert quote.total_cents == 660


async def test_above_the_last_step_every_begun_kilogram_costs_more() -> None:
    [quote] = await a_carrier().rate_shop(a_question(a_piece(weight_g=6001)))

    assert quote.total_cents == 1100


async def test_a_large_light_piece_is_billed_by_its_size() -> None:
    # 200 mm cubed are 8,000 cm³: at 5,000 cm³ per kilogram, 1.6 kg.
    [quote] = await a_carrier().rate_shop(a_question(a_piece(500, side_mm=200)))

    assert quote.total_cents == 990


async def test_what_is_asked_for_beside_carriage_is_added() -> None:
    asked = a_question(residential=True, signature=True)

    [quote] = await a_carrier().rate_shop(asked)

    assert quote.total_cents == 660 + 200 + 300


@pytest.mark.parametrize(
    "changes",
    [
        {"services": (ServiceId("rail"),)},
        {"ship_to": Place(country="CA", postal_code="V5K0A1")},
        {"hazmat": True},
    ],
)
async def test_what_the_table_does_not_carry_is_left_out(
    changes: dict[str, Any],
) -> None:
    assert await a_carrier().rate_shop(a_question(**changes)) == ()


async def test_booking_twice_is_booking_once() -> None:
    first = await a_carrier().book(a_van_parcel())
    again = await a_carrier().book(a_van_parcel())

    assert first == again
    assert first.tracking_number.startswith("LT")


@given(references=st.sets(st.text(min_size=1, max_size=20), min_size=2, max_size=30))
@settings(deadline=None, max_examples=50)
async def test_parcels_have_numbers_of_their_own(references: set[str]) -> None:
    booked = [await a_carrier().book(a_van_parcel(each)) for each in references]

    assert len({booking.tracking_number for booking in booked}) == len(references)


async def test_a_label_shows_service_reference_and_number() -> None:
    booking = await a_carrier().book(a_van_parcel())

    label = await a_carrier().document(OWN, booking.id)

    for shown in ("van", "o-1/1", booking.tracking_number):
        assert shown.encode() in label.content
    assert label.content.startswith(b"^XA")


async def test_a_label_may_always_be_taken_back() -> None:
    booking = await a_carrier().book(a_van_parcel())

    assert await a_carrier().void(OWN, booking.id) is VoidOutcome.VOIDED
    assert not a_carrier().capabilities().can(Ability.FIND_BOOKINGS)


async def test_a_service_that_is_not_in_the_table_is_named() -> None:
    with pytest.raises(InvalidRequest, match="'rail' is not in the table; it has van"):
        await a_carrier().book(a_van_parcel(service=ServiceId("rail")))


async def test_somebody_elses_booking_is_not_found() -> None:
    with pytest.raises(NotFound):
        await a_carrier().document(OWN, "shp_123")


@pytest.mark.parametrize(
    ("reaches", "said"),
    [
        ([[1000, 500]], "steps"),
        ([[1000], [2000]], "reaches"),
    ],
)
def test_a_table_out_of_order_is_refused(reaches: list[list[int]], said: str) -> None:
    wrong = [
        {
            "steps": [{"up_to_g": grams, "cents": 1} for grams in each],
            "p50_h": 1,
            "p90_h": 1,
        }
        for each in reaches
    ]
    document = {"services": {"van": {"carrier": "own", "reaches": wrong}}}

    with pytest.raises(ValidationError, match=said):
        TableSettings.model_validate(document)


async def test_a_connection_makes_one() -> None:
    connection = Connection(
        name="vans", kind=ConnectionKind.CARRIER, provider="table", options=TABLE
    )

    registry = connect((connection,), lambda: NOON)

    assert isinstance(registry.carrier(OWN), TableCarrier)
