"""Parcels as freight carriers are offered them."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.loads import OfferLoad, load_of, reference_of
from activities.tendering import answer_due
from connectors.ports import Capabilities, Idempotency
from domain.quantities import SkuId
from domain.transport import TenderLoad
from tests.builders import (
    MONDAY,
    a_network,
    a_packed_carton,
    a_parcel,
    a_sku,
    an_order,
)

SKUS = {SkuId("LAMP"): a_sku()}
ABLE = Capabilities(idempotency=Idempotency.UNIQUE_REFERENCE)


def offered(order: dict[str, Any] | None = None, **parcel: Any) -> TenderLoad:
    offer = OfferLoad(
        key="ORDER-1/1/r1",
        order=an_order(**(order or {})),
        parcel_id="ORDER-1/1",
        parcel=a_parcel(**parcel),
        until=MONDAY + timedelta(hours=2),
    )
    return load_of(offer, a_network(), SKUS)


def test_a_load_goes_from_the_dock_to_the_door_at_the_planned_price() -> None:
    load = offered({"attributes": {"recipient.name": "Ada Lovelace"}})

    dock, door = load.stops
    assert (dock.fc, dock.latest_at) == ("EAST", MONDAY + timedelta(hours=10))
    assert door.address.contact.name == "Ada Lovelace"
    assert door.latest_at == MONDAY + timedelta(days=5)
    assert (load.agreed_cents, load.currency) == (1_540, "USD")


def test_pieces_of_one_kind_are_one_item() -> None:
    pallet = a_packed_carton(weight_g=2_000)

    (item,) = offered(cartons=(pallet, pallet, pallet)).items

    assert (item.handling_units, item.weight_g) == (3, 6_000)
    assert "lamp" in item.description.lower()


def test_a_door_that_wants_it_before_the_truck_leaves_is_offered_all_the_same() -> None:
    early = MONDAY + timedelta(hours=1)

    load = offered({"deliver_by": early, "placed_at": MONDAY - timedelta(days=1)})

    assert load.stops[1].latest_at == load.stops[1].earliest_at


def test_a_carrier_has_its_time_to_answer_but_not_beyond_the_pickup() -> None:
    slow = ABLE.model_copy(update={"answers_within_m": 24 * 60})
    parcel = a_parcel()

    assert answer_due(ABLE, parcel, MONDAY) == MONDAY + timedelta(hours=2)
    assert answer_due(slow, parcel, MONDAY) == parcel.hand_over_at


ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}", fullmatch=True)
keys = st.builds("{}/{}/r{}".format, ids, st.integers(1, 99), st.integers(1, 99))


@given(st.lists(keys, unique=True, max_size=6))
@settings(deadline=None, max_examples=60)
def test_references_fit_and_tell_loads_apart(made: list[str]) -> None:
    references = [reference_of(key) for key in made]

    assert len(set(references)) == len(made)
    assert all(
        len(r) <= 30 and r.isascii() and r.replace("-", "").isalnum()
        for r in references
    )
