"""Our Karrio adapter against a real Karrio server, its database and its labels."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.shipping import BookShipment, Shipping, VoidShipment
from connectors.karrio.client import KarrioCarrier
from connectors.karrio.settings import KarrioSettings
from connectors.registry import Connection, ConnectionKind, connect
from domain.errors import InvalidRequest, OutcomeUnknown, QuoteExpired
from domain.quantities import CarrierId, OrderId, ParcelId, ServiceId
from domain.shipping import (
    Booking,
    BookParcel,
    Document,
    ParcelScan,
    ParcelStatus,
    RateRequest,
    VoidOutcome,
)
from lanewise.loading import publish
from lanewise.world.karrio import KarrioServer, Price
from lanewise.world.serving import served
from store import parcels
from store.engine import Store
from tests.builders import MONDAY, a_rule_set, a_sku, an_order, two_centers
from tests.builders import a_parcel as a_planned_parcel
from tests.conformance.worlds import a_parcel, a_question, real_now
from tests.counterparts.conftest import SHEET
from tests.counterparts.lossy import lossy_wire
from tests.fakes import FakeClock
from tests.unit.lanewise.test_api_webhooks import RecordedSignals, Wall, a_desk

SWIFT = CarrierId("SWIFT")
GROUND = ServiceId("SWIFT-GROUND")
AIR = ServiceId("SWIFT-AIR")


@pytest.fixture
async def carrier(karrio: KarrioServer) -> AsyncIterator[KarrioCarrier]:
    async with connected(karrio) as made:
        yield made


@asynccontextmanager
async def connected(
    karrio: KarrioServer, url: str = "", **changes: Any
) -> AsyncIterator[KarrioCarrier]:
    made = KarrioCarrier(
        KarrioSettings.model_validate(
            {"base_url": url or karrio.url, "secret": karrio.token}
            | options()
            | changes
        )
    )
    yield made
    await made.close()


def options() -> dict[str, Any]:
    codes = {GROUND: {"code": "swift_ground"}, AIR: {"code": "swift_air"}}
    return {"services": codes, "accounts": {SWIFT: "swift"}}


def a_swift_parcel(key: str, **changes: Any) -> BookParcel:
    return a_parcel(key, **({"carrier": SWIFT, "service": GROUND} | changes))


def asked_for(*services: ServiceId) -> RateRequest:
    return a_question().model_copy(update={"services": services})


async def test_rates_follow_sheets_changed_while_it_runs(
    karrio: KarrioServer, carrier: KarrioCarrier
) -> None:
    before = await carrier.rate_shop(asked_for(GROUND, AIR))
    await karrio.change_prices("swift", SHEET | {"swift_air": (Price(2_050, 2),)})
    (after,) = await carrier.rate_shop(asked_for(AIR))
    await karrio.change_prices("swift", SHEET)

    assert {q.service: q.total_cents for q in before} == {GROUND: 725, AIR: 1_910}
    assert after.total_cents == 2_050
    assert after.p90_at == asked_for().ready_at + timedelta(days=2)


async def test_a_service_it_does_not_have_is_left_out(carrier: KarrioCarrier) -> None:
    assert await carrier.rate_shop(asked_for(ServiceId("by-rocket"))) == ()


@pytest.mark.parametrize(
    ("form", "begins", "media_type"),
    [("PDF", b"%PDF", "application/pdf"), ("ZPL", b"^XA", "application/zpl")],
)
async def test_a_label_is_bought_drawn_and_taken_back(
    karrio: KarrioServer, form: str, begins: bytes, media_type: str
) -> None:
    async with connected(karrio, label_format=form) as carrier:
        booking = await carrier.book(a_swift_parcel(f"journey/{form}"))
        label = await carrier.document(SWIFT, booking.id)
        once = await carrier.void(SWIFT, booking.id)
        again = await carrier.void(SWIFT, booking.id)
        (found,) = await carrier.find_bookings(SWIFT, f"journey/{form}")

    assert (booking.cost_cents, booking.service) == (725, GROUND)
    assert label == Document(media_type=media_type, content=label.content)
    assert label.content.startswith(begins)
    assert (once, again, found.voided) == (*[VoidOutcome.VOIDED] * 2, True)


async def test_what_was_never_booked_is_neither_found_nor_voided(
    carrier: KarrioCarrier,
) -> None:
    assert await carrier.find_bookings(SWIFT, "nobody/1") == ()
    assert await carrier.void(SWIFT, "shp_nobody") is VoidOutcome.NEVER_BOOKED


async def test_only_the_very_reference_is_found(carrier: KarrioCarrier) -> None:
    long = "long/" + "x" * 110
    booked = [
        await carrier.book(a_swift_parcel(key))
        for key in ("same/1", "same/12", "SAME/1", long)
    ]
    keys = ("same/1", "same/12", "SAME/1", long)
    found = [await carrier.find_bookings(SWIFT, key) for key in keys]

    assert [[one.id for one in each] for each in found] == [[b.id] for b in booked]


async def test_buying_again_under_a_reference_is_one_label(
    karrio: KarrioServer, carrier: KarrioCarrier
) -> None:
    first = await carrier.book(a_swift_parcel("twice/1"))
    again = await carrier.book(a_swift_parcel("twice/1"))

    assert first.id == again.id
    assert len(await karrio.shipments("twice/1")) == 1


async def test_a_sheet_that_rose_since_the_quote_is_not_paid(
    karrio: KarrioServer, carrier: KarrioCarrier
) -> None:
    (quote,) = await carrier.rate_shop(asked_for(AIR))
    parcel = a_swift_parcel("rose/1", service=AIR, quote_id=quote.id)
    await karrio.change_prices("swift", SHEET | {"swift_air": (Price(2_050, 2),)})

    with pytest.raises(QuoteExpired):
        await carrier.book(parcel)
    await karrio.change_prices("swift", SHEET)
    booking = await carrier.book(parcel)

    # The draft that was left is the one that is bought.
    assert booking.cost_cents == 1_910
    assert len(await karrio.shipments("rose/1")) == 1


async def test_a_place_karrio_does_not_know_is_our_mistake(
    carrier: KarrioCarrier,
) -> None:
    parcel = a_swift_parcel("nowhere/1")
    nowhere = parcel.ship_to.model_copy(update={"country": "ZZ"})

    with pytest.raises(InvalidRequest, match="country_code"):
        await carrier.book(parcel.model_copy(update={"ship_to": nowhere}))


@pytest.mark.parametrize("word", [b"POST /v1/shipments HTTP", b"/purchase HTTP"])
async def test_a_reply_lost_after_it_acted_leaves_one_shipment(
    karrio: KarrioServer, word: bytes
) -> None:
    key = f"lost/{len(word)}"
    async with lossy_wire(karrio.url) as wire, connected(karrio, wire.url) as carrier:
        wire.lose_reply_to(word)
        with pytest.raises(OutcomeUnknown):
            await carrier.book(a_swift_parcel(key))
        booking = await carrier.book(a_swift_parcel(key))

    assert wire.lost == 1
    (kept,) = await karrio.shipments(key)
    assert (kept["id"], kept["status"]) == (booking.id, "created")


def attempt(number: int) -> ActivityEnvironment:
    made = ActivityEnvironment()
    made.info = replace(made.default_info(), attempt=number)
    return made


@pytest.fixture
def ledgers(sqlite_store: Store) -> Store:
    publish(sqlite_store, two_centers(), (a_sku(),), MONDAY, rules=a_rule_set())
    return sqlite_store


async def test_a_purchase_whose_reply_is_lost_is_adopted_by_the_activity(
    karrio: KarrioServer, ledgers: Store
) -> None:
    command = BookShipment(
        key="ORDER-1/1/r1",
        order=an_order(),
        parcel_id=ParcelId("ORDER-1/1"),
        parcel=a_planned_parcel(),
    )
    async with lossy_wire(karrio.url) as wire, connected(karrio, wire.url) as carrier:
        shipping = Shipping(ledgers, lambda *_: carrier, FakeClock(MONDAY))
        wire.lose_reply_to(b"/purchase HTTP")
        with pytest.raises(ApplicationError) as raised:
            await attempt(1).run(shipping.book_parcel, command)
        booked = await attempt(2).run(shipping.book_parcel, command)
        made = await karrio.shipments(command.key)
        voided = await attempt(1).run(
            shipping.void_parcel,
            VoidShipment(
                carrier=SWIFT, reference=command.key, parcel_id=command.parcel_id
            ),
        )

    assert not raised.value.non_retryable
    assert [one["id"] for one in made] == [booked.booking and booked.booking.id]
    assert voided is VoidOutcome.VOIDED


@asynccontextmanager
async def an_api(
    karrio: KarrioServer, store: Store, secret: SecretStr | None = None
) -> AsyncIterator[RecordedSignals]:
    """Run our API where Karrio's webhooks reach it; with its secret, or another."""
    app = FastAPI()
    async with served(app) as url:
        theirs = await karrio.send_webhooks(f"{url}/webhooks/karrio")
        connection = Connection(
            name="karrio",
            kind=ConnectionKind.CARRIER,
            provider="karrio",
            base_url=karrio.url,
            secret=karrio.token,
            webhook_secret=secret or theirs,
            options=options(),
        )
        registry = connect((connection,), real_now)
        desk = a_desk(store, registry, Wall(real_now()))
        app.mount("/", desk.app)
        yield desk.signals
        await karrio.stop_webhooks()
        await desk.drain()
        await registry.close()


def remember(store: Store, booking: Booking) -> None:
    with store.writing() as session:
        parcels.save(
            session,
            parcels.ParcelRecord(
                parcel_id=ParcelId("ORDER-7/1"),
                order_id=OrderId("ORDER-7"),
                fc=a_planned_parcel().fc,
                carrier=SWIFT,
                service=GROUND,
                tracking_number=booking.tracking_number,
                booking_id=booking.id,
                booked_cents=booking.cost_cents,
                status=ParcelStatus.BOOKED,
            ),
        )


async def test_what_trucks_scan_reaches_our_api_once_and_in_order(
    karrio: KarrioServer, carrier: KarrioCarrier, ledgers: Store
) -> None:
    booking = await carrier.book(a_swift_parcel("scans/1"))
    remember(ledgers, booking)
    words = ("picked_up", "in_transit", "out_for_delivery", "delivered")
    async with an_api(karrio, ledgers) as signals:
        for hours, word in enumerate(words):
            at = MONDAY + timedelta(hours=hours)
            await karrio.scan(booking.tracking_number, word, at, "Reno")
    told = [scan for _, _, scan in signals.sent if isinstance(scan, ParcelScan)]
    tracked = await carrier.track(SWIFT, booking.tracking_number)

    assert [scan.status for scan in told] == [
        ParcelStatus.HANDED_OVER,
        ParcelStatus.IN_TRANSIT,
        ParcelStatus.OUT_FOR_DELIVERY,
        ParcelStatus.DELIVERED,
    ]
    assert [scan.event_id for scan in tracked] == [scan.event_id for scan in told]


async def test_webhooks_with_another_secret_change_nothing(
    karrio: KarrioServer, carrier: KarrioCarrier, ledgers: Store
) -> None:
    booking = await carrier.book(a_swift_parcel("forged/1"))
    remember(ledgers, booking)

    async with an_api(karrio, ledgers, SecretStr("another")) as signals:
        await karrio.scan(booking.tracking_number, "picked_up", MONDAY)

    assert signals.sent == []


async def test_a_parcel_on_its_way_is_too_late_to_void(
    karrio: KarrioServer, carrier: KarrioCarrier
) -> None:
    booking = await carrier.book(a_swift_parcel("late/1"))
    await karrio.scan(booking.tracking_number, "in_transit", MONDAY)

    assert await carrier.void(SWIFT, booking.id) is VoidOutcome.TOO_LATE
