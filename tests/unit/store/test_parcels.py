from domain.quantities import CarrierId, OrderId, ParcelId
from domain.shipping import ParcelStatus
from store import parcels
from store.engine import Store
from store.parcels import ParcelRecord


def a_record(parcel_id: str = "o-1/1", **overrides: object) -> ParcelRecord:
    values = {
        "parcel_id": parcel_id,
        "order_id": "o-1",
        "fc": "newark",
        "carrier": "ups",
        "service": "ups-ground",
        "tracking_number": "1Z-42",
        "booking_id": "b-1",
        "booked_cents": 990,
    }
    return ParcelRecord.model_validate(values | overrides)


def test_a_scan_finds_its_parcel_by_carrier_and_number(store: Store) -> None:
    with store.writing() as session:
        parcels.save(session, a_record())

        assert parcels.by_tracking(session, CarrierId("ups"), "1Z-42") == a_record()
        assert parcels.by_tracking(session, CarrierId("dhl"), "1Z-42") is None


def test_a_parcel_booked_again_replaces_the_first_booking(store: Store) -> None:
    again = a_record(tracking_number="1Z-43", booking_id="b-2")
    with store.writing() as session:
        parcels.save(session, a_record())
        parcels.save(session, again)

        assert parcels.of_order(session, OrderId("o-1")) == (again,)
        assert parcels.get(session, ParcelId("o-1/1")) == again


def test_a_parcels_status_is_noted(store: Store) -> None:
    with store.writing() as session:
        parcels.save(session, a_record())

        known = parcels.set_status(session, ParcelId("o-1/1"), ParcelStatus.DELIVERED)

        assert known
        assert not parcels.set_status(session, ParcelId("o-9/1"), ParcelStatus.LOST)
        stored = parcels.get(session, ParcelId("o-1/1"))
        assert stored is not None
        assert stored.status is ParcelStatus.DELIVERED
