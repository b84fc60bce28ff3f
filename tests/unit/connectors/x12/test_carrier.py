from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.x12.carrier import X12Transport
from connectors.x12.load_tender import LoadTender, StopKind, TenderPurpose
from connectors.x12.loads import scans
from connectors.x12.shipment_status import StatusEvent, status_document
from connectors.x12.tender_response import TenderAction, response_document
from domain.contact import Address, Contact
from domain.errors import InvalidRequest, StateConflict
from domain.quantities import CarrierId, FcId, OrderId, Place
from domain.shipping import ParcelStatus
from domain.transport import (
    LoadEvent,
    LoadItem,
    Stop,
    TenderCancel,
    TenderLoad,
    TenderStatus,
)
from tests.unit.connectors.x12.partner_side import PartnerSide
from tests.unit.connectors.x12.samples import NOON, a_response, a_status

CARRIER = CarrierId("swift-freight")
LOAD = "LOAD-1"


def a_stop(city: str, hours: int, fc: str | None = None) -> Stop:
    place = Place(postal_code="60601", region="IL", city=city)
    return Stop(
        address=Address(place=place, contact=Contact(company=city, phone="5550100")),
        earliest_at=NOON + timedelta(hours=hours),
        latest_at=NOON + timedelta(hours=hours + 2),
        fc=FcId(fc) if fc else None,
        orders=(OrderId("ORDER-1"),),
    )


def a_load(**overrides: Any) -> TenderLoad:
    values: dict[str, Any] = {
        "key": "tender/LOAD-1",
        "reference": LOAD,
        "carrier": CARRIER,
        "stops": (a_stop("Hoboken", 5, "EAST"), a_stop("Chicago", 40)),
        "items": (
            LoadItem(
                description="Lamps", handling_units=4, weight_g=900_000, hazmat=True
            ),
        ),
        "agreed_cents": 125_000,
        "respond_by": NOON + timedelta(hours=2),
    }
    return TenderLoad(**(values | overrides))


@pytest.fixture
def side(tmp_path: Path) -> PartnerSide:
    return PartnerSide(tmp_path, scacs={CARRIER: "SWFT"})


@pytest.fixture
def transport(side: PartnerSide) -> X12Transport:
    return X12Transport(side.partner)


def status(*codes: str) -> Any:
    events = tuple(
        StatusEvent(
            status=ParcelStatus.UNKNOWN,
            code=code,
            reason="NS",
            at=NOON + timedelta(hours=hour),
        )
        for hour, code in enumerate(codes, 5)
    )
    return status_document(a_status(events=events), UTC)


async def test_a_load_is_offered_as_a_204(
    side: PartnerSide, transport: X12Transport
) -> None:
    offered = await transport.tender(a_load())

    (sent,) = side.documents()
    assert isinstance(sent, LoadTender)
    assert (sent.scac, sent.shipment_id, sent.method) == ("SWFT", LOAD, "LT")
    assert [stop.kind for stop in sent.stops] == [
        StopKind.LOAD_ALL,
        StopKind.UNLOAD_ALL,
    ]
    assert sent.respond_by == NOON + timedelta(hours=2)
    assert sent.charge_cents == 125_000
    assert sent.stops[0].hazmat
    assert [goods.description for goods in sent.stops[0].goods] == ["Lamps"]
    assert sent.stops[1].not_after == NOON + timedelta(hours=42)
    assert offered.status is TenderStatus.SENT


async def test_stops_between_load_at_centers_and_unload_elsewhere(
    side: PartnerSide, transport: X12Transport
) -> None:
    stops = (
        *(a_stop("Hoboken", 1, "EAST"), a_stop("Akron", 5, "MID")),
        *(a_stop("Gary", 9), a_stop("Chicago", 12)),
    )

    await transport.tender(a_load(stops=stops))

    (sent,) = side.documents()
    assert isinstance(sent, LoadTender)
    kinds = [stop.kind for stop in sent.stops]
    assert kinds == [StopKind.LOAD] * 2 + [StopKind.UNLOAD] * 2


async def test_a_rate_in_another_currency_is_said_in_words(
    side: PartnerSide, transport: X12Transport
) -> None:
    await transport.tender(a_load(currency="CAD"))

    (sent,) = side.documents()
    assert isinstance(sent, LoadTender)
    assert sent.charge_cents is None
    assert sent.notes == ("Agreed 1250.00 CAD",)


async def test_an_offer_repeated_is_sent_once(
    side: PartnerSide, transport: X12Transport
) -> None:
    first = await transport.tender(a_load())
    again = await X12Transport(side.reopened()).tender(a_load())

    assert again == first
    assert len(side.taken()) == 1


async def test_another_load_under_the_same_reference_is_a_conflict(
    transport: X12Transport,
) -> None:
    await transport.tender(a_load())

    with pytest.raises(StateConflict, match="LOAD-1"):
        await transport.tender(a_load(agreed_cents=1))


async def test_a_carrier_without_a_code_is_refused(tmp_path: Path) -> None:
    side = PartnerSide(tmp_path)

    with pytest.raises(InvalidRequest, match="scacs"):
        await X12Transport(side.partner).tender(a_load())


@pytest.mark.parametrize(
    ("code", "status", "event"),
    [
        ("A", TenderStatus.RECEIVED, LoadEvent.RECEIVED),
        ("R", TenderStatus.DECLINED, LoadEvent.REJECTED_UNREAD),
    ],
)
async def test_an_acknowledgment_says_whether_the_offer_was_read(
    side: PartnerSide,
    transport: X12Transport,
    code: str,
    status: TenderStatus,
    event: LoadEvent,
) -> None:
    await transport.tender(a_load())
    (content,) = side.taken()
    side.acknowledge(content, code)

    told = await transport.updates(None)
    found = await transport.find(CARRIER, LOAD)

    assert [update.event for update in told.updates] == [event]
    assert found is not None
    assert found.status is status


@pytest.mark.parametrize(
    ("action", "code", "status", "event"),
    [
        (TenderAction.ACCEPTED, "A", TenderStatus.ACCEPTED, LoadEvent.ACCEPTED),
        (TenderAction.DECLINED, "D", TenderStatus.DECLINED, LoadEvent.DECLINED),
        (TenderAction.COUNTERED, "C", TenderStatus.UNKNOWN, LoadEvent.UNKNOWN),
        (TenderAction.UNKNOWN, "Q", TenderStatus.UNKNOWN, LoadEvent.UNKNOWN),
    ],
)
async def test_a_response_is_told(
    side: PartnerSide,
    transport: X12Transport,
    action: TenderAction,
    code: str,
    status: TenderStatus,
    event: LoadEvent,
) -> None:
    await transport.tender(a_load())
    side.send(response_document(a_response(action=action, code=code)))

    told = await transport.updates(None)
    found = await transport.find(CARRIER, LOAD)

    assert [update.event for update in told.updates] == [event]
    assert found is not None
    assert (found.status, found.carrier_reference) == (status, "PRO-5")


async def test_a_journey_is_told_step_by_step_with_unknown_codes_kept(
    side: PartnerSide, transport: X12Transport
) -> None:
    await transport.tender(a_load())
    side.send(status("X3", "AF", "Q9", "SD", "D1"))

    told = await transport.updates(None)

    assert [update.event for update in told.updates] == [
        *(LoadEvent.ARRIVED_AT_PICKUP, LoadEvent.PICKED_UP, LoadEvent.UNKNOWN),
        *(LoadEvent.DELAYED, LoadEvent.DELIVERED),
    ]
    assert told.updates[2].note == "Q9 NS"
    assert told.updates[0].raw.startswith("ST*214")
    assert told.updates[0].occurred_at == NOON + timedelta(hours=5)


async def test_an_estimate_is_an_expectation_not_an_event(
    side: PartnerSide, transport: X12Transport
) -> None:
    await transport.tender(a_load())
    side.send(status("AG"))

    (update,) = (await transport.updates(None)).updates

    assert update.event is LoadEvent.UNKNOWN
    assert update.expected_at == NOON + timedelta(hours=5)
    assert update.occurred_at == NOON


async def test_what_is_told_of_unknown_loads_is_a_problem(
    side: PartnerSide, transport: X12Transport
) -> None:
    side.send(status("AF"))

    told = await transport.updates(None)

    assert told.updates == ()
    assert ["'LOAD-1', never offered" in problem for problem in told.problems] == [True]


async def test_a_cancellation_is_a_request_with_the_same_reference(
    side: PartnerSide, transport: X12Transport
) -> None:
    await transport.tender(a_load())
    side.taken()

    outcomes = [await transport.cancel(CARRIER, LOAD) for _ in range(2)]

    assert outcomes == [TenderCancel.REQUESTED] * 2
    (sent,) = side.documents()
    assert isinstance(sent, LoadTender)
    assert (sent.shipment_id, sent.purpose) == (LOAD, TenderPurpose.CANCEL)


async def test_a_load_on_its_way_cannot_be_canceled(
    side: PartnerSide, transport: X12Transport
) -> None:
    await transport.tender(a_load())
    side.send(status("AF"))

    assert await transport.cancel(CARRIER, LOAD) is TenderCancel.TOO_LATE


async def test_a_declined_or_unknown_load_needs_no_canceling(
    side: PartnerSide, transport: X12Transport
) -> None:
    await transport.tender(a_load())
    side.send(response_document(a_response(action=TenderAction.DECLINED, code="D")))

    declined = await transport.cancel(CARRIER, LOAD)
    never = await transport.cancel(CARRIER, "NEVER")

    assert declined is TenderCancel.CANCELLED
    assert never is TenderCancel.NEVER_TENDERED


def test_a_status_message_may_be_read_as_scans_of_a_parcel() -> None:
    found = scans(a_status(), CARRIER, "1Z999")

    assert [(s.status, s.tracking_number) for s in found] == [
        (ParcelStatus.HANDED_OVER, "1Z999"),
    ]
    assert found[0].note == "AF NS at Hoboken, NJ"
