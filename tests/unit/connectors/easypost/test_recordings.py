"""The adapter on what EasyPost really said."""

import json
from datetime import timedelta

import httpx
import pytest

from connectors.easypost import mapping, tracking
from connectors.easypost.names import service_of
from connectors.easypost.webhooks import sign
from domain.contact import Address
from domain.errors import NotFound
from domain.quantities import Place, ServiceId
from domain.shipping import AddressVerdict, CloseOut, ParcelStatus, VoidOutcome
from tests.unit.connectors.easypost.recordings import (
    FOLDER,
    MISSING,
    Replay,
    documents,
    names,
    recorded,
)
from tests.unit.connectors.easypost.samples import (
    FC,
    GROUND,
    PRIORITY,
    RECIPIENT,
    RENO,
    START,
    USPS,
    WEBHOOK_SECRET,
    a_parcel,
    a_question,
    adapter,
    answering,
    settings,
)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=MISSING)

EXPRESS = ServiceId("usps-express")
ASKED = Address(
    place=Place(postal_code="94107", region="CA", city="San Francisco"),
    contact=RECIPIENT.model_copy(
        update={"street_1": "388 Townsend St", "street_2": "Apt 20"}
    ),
)


def of_kind(*firsts: str) -> list[str]:
    """List the cassettes whose requests begin as one of these do."""
    found = []
    for name in names():
        asked = [f"{e.method} {e.path}" for e in recorded(name)]
        found += [name] if any(a.startswith(firsts) for a in asked) else []
    return found


def with_said(method: str, path: str, field: str) -> list[str]:
    """List the cassettes in which an answer from a path has some field."""
    return [
        name
        for name in names()
        if any(
            (e.method, e.path) == (method, path) and field in e.document
            for e in recorded(name)
        )
    ]


PRICED = with_said("POST", "/v2/shipments", "rates")
REFUNDED = [
    name
    for name in names()
    if any(e.path.endswith("/refund") and "/shp_" in e.path for e in recorded(name))
]
BOUGHT = [
    name
    for name in names()
    if any(e.path.endswith("/buy") and "shp_" in e.path for e in recorded(name))
]
SMART = [n for n in names() if any(e.path.endswith("/smartrate") for e in recorded(n))]
TRACKED = with_said("POST", "/v2/trackers", "tracking_code")
VERIFIED = of_kind("POST /v2/addresses")
FORMED = with_said("POST", "/v2/scan_forms", "status")


@pytest.mark.parametrize("name", PRICED)
async def test_recorded_prices_are_read(name: str) -> None:
    # One of them names addresses and parcel by their ids.
    free = ("/v2/shipments",) if name.endswith("with_ids") else ()
    replay = Replay(recorded(name), free=free)
    question = a_question(services=(GROUND, PRIORITY, EXPRESS))

    quotes = await adapter(replay.transport()).rate_shop(question)

    told = replay.played[0].document["rates"]
    ours = [r for r in told if service_of(settings(), r) in question.services]
    assert {q.total_cents for q in quotes} <= {mapping.price_of(r) for r in told}
    assert {q.service for q in quotes} == {service_of(settings(), r) for r in ours}
    assert all(q.p50_at <= q.p90_at for q in quotes)


@pytest.mark.parametrize("name", SMART)
async def test_recorded_percentiles_are_read(name: str) -> None:
    replay = Replay(recorded(name))

    quotes = await adapter(replay.transport()).rate_shop(
        a_question(services=(GROUND, PRIORITY, EXPRESS))
    )

    said = {r["id"]: r for r in replay.played[1].document["result"]}
    assert quotes
    for quote in quotes:
        days = said[quote.id.split("/")[1]]["time_in_transit"]
        assert quote.p50_at - START == timedelta(days=days["percentile_50"])
        assert quote.p90_at - START == timedelta(days=days["percentile_90"])


@pytest.mark.parametrize("name", BOUGHT)
async def test_recorded_purchases_are_made(name: str) -> None:
    exchanges = recorded(name)
    bought = next(e for e in exchanges if e.path.endswith("/buy"))
    service = service_of(settings(), bought.document["selected_rate"])
    replay = Replay(exchanges)

    booking = await adapter(replay.transport()).book(a_parcel(service=service))

    assert booking.id == bought.document["id"]
    assert booking.tracking_number == bought.document["tracking_code"]
    price = float(bought.document["selected_rate"]["rate"])
    assert booking.cost_cents == round(price * 100)
    assert [e.path for e in replay.played] == ["/v2/shipments", bought.path]


@pytest.mark.parametrize("name", of_kind("GET /v2/shipments"))
async def test_recorded_shipments_are_found(name: str) -> None:
    exchanges = recorded(name)
    listed = [
        shipment
        for e in exchanges
        if e.path == "/v2/shipments" and e.method == "GET"
        for shipment in e.document["shipments"]
    ]
    for shipment in listed:
        reference = shipment["reference"]
        if reference and mapping.bought(shipment):
            carrier = adapter(Replay(exchanges).transport(), look_back_pages=9)
            found = await carrier.find_bookings(USPS, reference)
            assert shipment["id"] in {booking.id for booking in found}


async def test_a_recorded_refund_is_still_only_requested() -> None:
    asked = [s for _, s in documents("Shipment") if s.get("refund_status")]
    submitted = [s for s in asked if s["refund_status"] == "submitted"]

    assert {mapping.void_of(s) for s in submitted} == {VoidOutcome.REQUESTED}
    assert None not in {mapping.void_of(s) for s in asked}


@pytest.mark.parametrize("name", REFUNDED)
async def test_recorded_refunds_are_asked_for(name: str) -> None:
    exchanges = recorded(name)
    (*_, refund) = [e for e in exchanges if e.path.endswith("/refund")]
    replay = Replay(exchanges)

    outcome = await adapter(replay.transport()).void(USPS, refund.path.split("/")[3])

    assert refund in replay.played
    if refund.status < 300:
        assert outcome is mapping.void_of(refund.document)


async def test_every_recorded_shipment_is_read() -> None:
    shipments = [s for _, s in documents("Shipment")]
    bought = [s for s in shipments if mapping.bought(s)]

    assert len(bought) > 20
    for shipment in bought:
        booking = mapping.parse_booking(settings(), shipment)
        assert booking.tracking_number == shipment["tracking_code"]
        assert booking.service == service_of(settings(), shipment["selected_rate"])
        assert booking.cost_cents > 0
    for shipment in shipments:
        assert len(mapping.rates_of(shipment)) == len(shipment["rates"])


async def test_every_recorded_tracker_is_read() -> None:
    trackers = [t for _, t in documents("Tracker")]

    assert len(trackers) > 20
    for tracker in trackers:
        scans = tracking.parse_tracker(settings(), tracker)
        times = [scan.occurred_at for scan in scans[:-1]]
        assert times == sorted(times)
        assert len({scan.event_id for scan in scans}) == len(scans)
        if tracker["status"] not in ("unknown", "error"):
            status = tracking.status_of(tracker["status"], tracker["status_detail"])
            assert status in {scan.status for scan in scans}


@pytest.mark.parametrize("name", TRACKED)
async def test_recorded_tracking_is_read(name: str) -> None:
    replay = Replay(recorded(name))

    asked = next(e for e in replay.exchanges if e.method == "POST").asked["tracker"]
    scans = await adapter(replay.transport()).track(USPS, asked["tracking_code"])

    said = replay.played[-1].document
    assert {scan.tracking_number for scan in scans} == {said["tracking_code"]}
    assert len(scans) >= len(said["tracking_details"]) > 0
    now = tracking.status_of(said["status"], said["status_detail"])
    assert now in {scan.status for scan in scans}


@pytest.mark.parametrize("name", of_kind("GET /v2/trackers?", "GET /v2/trackers"))
async def test_a_recorded_list_of_trackers_is_searched(name: str) -> None:
    exchanges = [e for e in recorded(name) if e.path == "/v2/trackers"]
    listed = exchanges[0].document.get("trackers", [])
    for code in {tracker["tracking_code"] for tracker in listed}:
        replay = Replay([e for e in exchanges if e.method == "GET"])

        scans = await adapter(replay.transport()).track(USPS, code)

        assert {scan.tracking_number for scan in scans} <= {code}


@pytest.mark.parametrize("name", VERIFIED)
async def test_recorded_addresses_are_judged(name: str) -> None:
    (*_, last) = [e for e in recorded(name) if "/addresses" in e.path]
    as_asked = httpx.Response(last.status, content=last.said)

    check = await adapter(answering(as_asked)).validate_address(ASKED)

    found = last.document.get("address", last.document)
    if not found["verifications"]:
        assert check.verdict is AddressVerdict.UNKNOWN
    elif found["city"].upper() == "NOT A CITY":
        assert check.verdict is AddressVerdict.INVALID
        assert check.problems == ("E.ADDRESS.NOT_FOUND: Address not found",)
    else:
        assert check.verdict is AddressVerdict.VALID
        assert check.residential is True


@pytest.mark.parametrize("name", FORMED)
async def test_recorded_scan_forms_are_made(name: str) -> None:
    # Documented without the recorded wrapping.
    exchanges = recorded(name)
    bought = next(e for e in exchanges if e.path == "/v2/shipments")
    replay = Replay(exchanges, free=("/v2/scan_forms",))
    day = CloseOut(
        key="K", carrier=USPS, fc=FC, bookings=(bought.document["id"],), ship_from=RENO
    )

    manifest = await adapter(replay.transport()).close_out(day)

    form = next(e for e in exchanges if e.path == "/v2/scan_forms").document
    assert manifest.id == form["id"]
    assert manifest.pending is (form["status"] == "creating")
    assert (manifest.bookings == day.bookings) is (form["status"] != "failed")


async def test_every_recorded_scan_form_is_read() -> None:
    states = {form["status"] for _, form in documents("ScanForm")}

    assert {"created", "creating", "failed"} <= states


async def test_a_recorded_refusal_is_read() -> None:
    (refused,) = [e for e in recorded("test_event_retrieve_payload") if e.status == 404]
    answer = httpx.Response(404, content=refused.said)

    with pytest.raises(NotFound, match=r"PAYLOAD\.NOT_FOUND .The payload"):
        await adapter(answering(answer)).document(USPS, "shp_1")


async def test_a_converted_label_is_fetched() -> None:
    exchanges = recorded("test_shipment_convert_label")
    bought, converted = exchanges[1], exchanges[2]
    answers = [httpx.Response(200, content=e.said) for e in (bought, converted)]
    zpl = httpx.Response(200, content=b"^XA^XZ")

    carrier = adapter(answering(*answers, zpl), label_format="ZPL")
    label = await carrier.document(USPS, bought.document["id"])

    assert (label.media_type, label.content) == ("application/zpl", b"^XA^XZ")


def test_the_published_signature_is_believed() -> None:
    fixtures = json.loads((FOLDER / "client-library-fixtures.json").read_text())
    body = (FOLDER / "event-body.json").read_bytes().strip()
    told = fixtures["webhooks"]
    headers = {"X-Hmac-Signature": told["hmac_signature"]}
    carrier = adapter(answering(), webhook_secret=told["secret"])

    assert carrier.verify_webhook(headers, body)
    assert sign(WEBHOOK_SECRET, body) == told["hmac_signature"]
    scans = carrier.parse_webhook(body)
    assert len(scans) == 7
    assert scans[0].status is ParcelStatus.BOOKED
    assert {scan.status for scan in scans[1:]} == {ParcelStatus.IN_TRANSIT}


def test_the_other_recorded_shape_of_percentiles_is_read() -> None:
    made, told = recorded("test_shipment_retrieve_estimated_delivery_date")
    question = a_question(services=(GROUND, PRIORITY, EXPRESS))

    quotes = mapping.parse_quotes(
        settings(), question, made.document, told.document, START
    )

    assert {(q.p50_at - START).days for q in quotes} == {3}
    assert {(q.p90_at - START).days for q in quotes} == {5}
    assert sorted(q.total_cents for q in quotes) == sorted(
        cents for r in told.document["rates"] if (cents := mapping.price_of(r["rate"]))
    )
