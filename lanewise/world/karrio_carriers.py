"""Karrio as the demo's carriers: its labels, the simulated world's trucks.

- each center has an account with each carrier that collects there, and a rate
  sheet made of the network's tariff
- labels are bought from Karrio; the world's trucks carry them, as they would
  carry their own, and what they scan is injected into Karrio
- Karrio's webhooks tell our API
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from connectors.neutral import mapping as neutral
from connectors.neutral.webhooks import verify
from connectors.registry import Connection, ConnectionKind
from domain.network import CarrierService, FulfillmentCenter
from domain.quantities import CarrierId, Dimensions, FcId, Place, ServiceId
from domain.shipping import ParcelScan, ParcelStatus, Piece
from lanewise.wiring import real_time
from lanewise.world.carriage import BookingBody
from lanewise.world.carrier import CARRIERS, BoughtElsewhere
from lanewise.world.guest import Ground, Guest
from lanewise.world.karrio import KarrioServer, Price, Sheet, karrio_server
from lanewise.world.problems import Refused
from lanewise.world.seed import Seeded
from lanewise.world.serving import served
from lanewise.world.spec import Receiver
from lanewise.world.tariff import price_cents, zone_of
from store import orders, parcels
from store.engine import Store

NAME = "karrio"
BETWEEN = SecretStr("trucks-to-karrio")
TOLERANCE_S = 3_600
# Karrio on SQLite writes one thing at a time.
REQUESTS_PER_S = 12
# Weights at which prices step, in grams. A step costs what its lightest parcel
# costs, and nothing is added: Karrio is never dearer than the plan.
STEPS_G = (0, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000)
SMALL = Dimensions(length_mm=10, width_mm=10, height_mm=10)
DAY_H, G_KG = 24, 1_000

WORDS = {
    ParcelStatus.HANDED_OVER: "picked_up",
    ParcelStatus.IN_TRANSIT: "in_transit",
    ParcelStatus.OUT_FOR_DELIVERY: "out_for_delivery",
    ParcelStatus.DELIVERED: "delivered",
    ParcelStatus.EXCEPTION: "on_hold",
    ParcelStatus.RETURNED: "return_to_sender",
    ParcelStatus.LOST: "on_hold",
    ParcelStatus.UNKNOWN: "unknown",
}
LOST = "carrier_parcel_lost"


@asynccontextmanager
async def karrio_carriers(ground: Ground) -> AsyncIterator[Guest]:
    """Let a Karrio server be every carrier of the world."""
    seeded = ground.seeded
    async with (
        karrio_server(ground.folder / NAME) as karrio,
        served(trucks(karrio)) as url,
    ):
        accounts: dict[FcId, dict[CarrierId, str]] = {}
        for center in seeded.network.centers:
            for carrier in dict.fromkeys(p.carrier for p in center.pickups):
                account = f"{carrier}-{center.id}".lower()
                sheet = rate_sheet(seeded, center, carrier)
                if sheet:
                    await karrio.add_account(account, sheet)
                    accounts.setdefault(center.id, {})[carrier] = account
        secret = await karrio.send_webhooks(f"{ground.api_url}/webhooks/{NAME}")
        ground.world.receive(CARRIERS, Receiver(url=url, secret=BETWEEN))
        connection = Connection(
            name=NAME,
            kind=ConnectionKind.CARRIER,
            provider=NAME,
            base_url=karrio.url,
            secret=karrio.token,
            webhook_secret=secret,
            options={
                "accounts_at": accounts,
                "services": {
                    service.id: {"code": code(service.id)}
                    for service in seeded.network.services
                },
                "requests_per_s": REQUESTS_PER_S,
            },
        )

        def begin(store: Store) -> None:
            ground.world.carry(lambda fc, number: bought(store, seeded, fc, number))

        yield Guest((connection,), frozenset({CARRIERS}), begin, part="every carrier")


def trucks(karrio: KarrioServer) -> FastAPI:
    """Make what the world's trucks tell their scans to: it tells Karrio."""
    app = FastAPI(openapi_url=None)

    @app.post("/")
    async def scanned(request: Request) -> Response:
        body = await request.body()
        now = real_time()
        headers = dict(request.headers)
        if not verify(BETWEEN, headers, body, now=now, tolerance_s=TOLERANCE_S):
            return Response(status_code=401)
        for scan in neutral.parse_parcel_events(body):
            await _tell(karrio, scan)
        return Response(status_code=204)

    return app


def bought(
    store: Store, seeded: Seeded, fc: FcId, number: str
) -> BoughtElsewhere | None:
    """Return what stands behind a tracking number of Karrio's, as we know it."""
    carriers = {service.carrier for service in seeded.network.services}
    with store.reading() as session:
        for carrier in sorted(carriers):
            parcel = parcels.by_tracking(session, carrier, number)
            if parcel is None or parcel.status is ParcelStatus.VOIDED:
                continue
            stored = orders.get(session, parcel.order_id)
            if stored is None:
                continue
            body = BookingBody(
                reference=parcel.parcel_id,
                order_id=parcel.order_id,
                parcel_id=parcel.parcel_id,
                fc=fc,
                carrier=carrier,
                service=parcel.service,
                ship_from=seeded.network.center(fc).place,
                ship_to=stored.order.ship_to,
                pieces=(),
                hand_over_at=seeded.start,
            )
            return BoughtElsewhere(body, parcel.booked_cents)
    return None


def rate_sheet(seeded: Seeded, center: FulfillmentCenter, carrier: CarrierId) -> Sheet:
    """Make a rate sheet of the network's tariff, for where the orders go."""
    places = {order.ship_to.postal_code: order.ship_to for order in seeded.orders}
    sheet: dict[str, tuple[Price, ...]] = {}
    for service in seeded.network.services:
        if service.carrier == carrier:
            prices = tuple(_prices(service, center.place, places))
            if prices:
                sheet[code(service.id)] = prices
    return sheet


def code(service: ServiceId) -> str:
    """Return a service's name as Karrio takes one."""
    return service.replace("-", "_").lower()


def _prices(
    service: CarrierService, origin: Place, places: dict[str, Place]
) -> Iterable[Price]:
    reach: dict[int, list[str]] = {}
    for code, place in sorted(places.items()):
        try:
            zone = 0 if not service.zones else zone_of(service, origin, place)
        except Refused:
            continue
        reach.setdefault(zone, []).append(code)
    for zone, codes in reach.items():
        transit = next((t for t in service.transits if t.zone == zone), None)
        days = -(-transit.p50_h // DAY_H) if transit else 0
        for n, from_g in enumerate(STEPS_G):
            try:
                cents = _cents(service, zone, max(from_g, 1))
            except Refused:
                break
            last = n + 1 == len(STEPS_G)
            yield Price(
                cents,
                days,
                tuple(codes),
                from_kg=from_g / G_KG,
                below_kg=None if last else STEPS_G[n + 1] / G_KG,
            )


def _cents(service: CarrierService, zone: int, weight_g: int) -> int:
    return price_cents(
        service,
        zone,
        (Piece(size=SMALL, weight_g=weight_g),),
        residential=False,
        signature=False,
        hazmat=False,
        insured_cents=0,
    )


async def _tell(karrio: KarrioServer, scan: ParcelScan) -> None:
    word = WORDS.get(scan.status)
    if word is not None:
        reason = LOST if scan.status is ParcelStatus.LOST else ""
        number, at = scan.tracking_number, scan.occurred_at
        await karrio.scan(number, word, at, scan.note, reason)
