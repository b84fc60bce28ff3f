"""What freight carriers tell reaches the order, or the parcel's journey."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.optional import OptionalTransport
from connectors.ports import Capabilities, Idempotency
from domain.quantities import CarrierId, FcId, OrderId, ParcelId, ServiceId
from domain.shipping import ParcelScan, ParcelStatus
from domain.transport import LoadEvent, LoadUpdate, LoadUpdates, Tendered, TenderLoad
from lanewise.api.delivering import Delivering
from lanewise.api.polling import Polling, asked
from store import inbox, parcels
from store.engine import Store
from store.parcels import ParcelRecord
from tests.builders import MONDAY
from tests.unit.lanewise.test_api_webhooks import RecordedSignals

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Broker(OptionalTransport):
    """Tells the same list whenever it is asked."""

    def __init__(self, *updates: LoadUpdate) -> None:
        self._updates = updates

    def capabilities(self) -> Capabilities:
        return Capabilities(idempotency=Idempotency.UNIQUE_REFERENCE)

    async def tender(self, load: TenderLoad) -> Tendered:
        raise AssertionError(load)

    async def updates(self, cursor: str | None) -> LoadUpdates:
        return LoadUpdates(updates=self._updates, cursor="1")


def _ignore() -> None:
    """Hear that there is news, and do nothing about it."""


def told(event: LoadEvent, **more: Any) -> LoadUpdate:
    values = {
        "event_id": f"u-{event.value}",
        "carrier": "SWIFT",
        "reference": "O-1-1-r1",
        "event": event,
        "occurred_at": MONDAY,
    }
    return LoadUpdate.model_validate(values | more)


async def passed_on(store: Store, *updates: LoadUpdate) -> RecordedSignals:
    """Poll a carrier that tells these, and pass on what was kept."""
    signals = RecordedSignals()
    delivering = Delivering(store, signals, lambda: NOW)
    polling = Polling(
        store, asked({}, {"x": Broker(*updates)}), lambda: NOW, _ignore, 1.0
    )
    await polling.poll("x")
    while await delivering.drain():
        pass
    return signals


@pytest.fixture
def offered(sqlite_store: Store) -> Store:
    with sqlite_store.writing() as session:
        parcels.save(
            session,
            ParcelRecord(
                parcel_id=ParcelId("O-1/1"),
                order_id=OrderId("O-1"),
                fc=FcId("EAST"),
                carrier=CarrierId("SWIFT"),
                service=ServiceId("SWIFT-LTL"),
                tracking_number="O-1-1-r1",
                booking_id="PRO-1",
                booked_cents=100,
            ),
        )
    return sqlite_store


@pytest.mark.parametrize(
    "event",
    [
        LoadEvent.ACCEPTED,
        LoadEvent.DECLINED,
        LoadEvent.REJECTED_UNREAD,
        LoadEvent.CANCELLED,
    ],
)
async def test_an_answer_goes_to_the_order(offered: Store, event: LoadEvent) -> None:
    signals = await passed_on(offered, told(event))

    assert signals.sent == [("order/O-1", "load_answered", told(event))]


async def test_a_journey_goes_to_the_parcel_as_scans(offered: Store) -> None:
    expected = MONDAY.replace(hour=20)
    signals = await passed_on(
        offered,
        told(LoadEvent.RECEIVED),
        told(LoadEvent.PICKED_UP),
        told(LoadEvent.UNKNOWN, expected_at=expected, note="AG"),
        told(LoadEvent.DELAYED),
        told(LoadEvent.DELIVERED),
    )

    scans = [arg for _, _, arg in signals.sent if isinstance(arg, ParcelScan)]
    assert {who for who, _, _ in signals.sent} == {"parcel/O-1/1"}
    assert [scan.status for scan in scans] == [
        ParcelStatus.HANDED_OVER,
        ParcelStatus.UNKNOWN,
        ParcelStatus.EXCEPTION,
        ParcelStatus.DELIVERED,
    ]
    assert scans[1].note == "AG; expected Mon 02 Mar 20:00Z"


async def test_a_maybe_keeps_no_yes_waiting(offered: Store) -> None:
    with offered.writing() as session:
        parcels.set_status(session, ParcelId("O-1/1"), ParcelStatus.UNKNOWN)

    signals = await passed_on(
        offered, told(LoadEvent.UNKNOWN), told(LoadEvent.ACCEPTED)
    )

    assert [name for _, name, _ in signals.sent] == ["load_answered"]


async def test_the_same_list_told_again_is_no_news(offered: Store) -> None:
    await passed_on(offered, told(LoadEvent.ACCEPTED))

    again = await passed_on(offered, told(LoadEvent.ACCEPTED))

    assert again.sent == []


async def test_an_answer_about_nobodys_load_is_left_alone(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    signals = await passed_on(sqlite_store, told(LoadEvent.ACCEPTED))

    with sqlite_store.reading() as session:
        assert inbox.waiting(session) == 0
    assert signals.sent == []
    assert "is no load of ours" in caplog.text
