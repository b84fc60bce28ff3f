"""What shipments cost by every service: asked of the carriers, else by the tables."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated

from pydantic import Field

from connectors.ports import RateShop
from domain.network import CarrierService, Network, ServiceMode
from domain.quantities import (
    CarrierId,
    Count,
    Edge,
    FcId,
    Instant,
    Place,
    ServiceId,
    Value,
)
from domain.shipping import Piece, RateRequest
from domain.shopping import LivePrice, Shopped, Silent
from lanewise.world.geography import locate
from optimizer.lanes import distance_km, port_roads
from optimizer.pricing import port_cents, zone_cents

# Shipments shopped at a time: each asks several connections.
AT_ONCE = 16


class Shipment(Edge):
    """Something to be carried, as a line of a file says it.

    Without ``services`` every service of the network is asked about; without
    ``ready_at`` it is ready now.
    """

    id: Annotated[str, Field(min_length=1, max_length=120)]
    fc: FcId
    ship_to: Place
    pieces: Annotated[tuple[Piece, ...], Field(min_length=1)]
    services: tuple[ServiceId, ...] | None = None
    ready_at: Instant | None = None
    residential: bool = True
    signature: bool = False
    insured_cents: Count = 0


class Offer(Value):
    """What one service asks: by ``connection``, or by the tables where none told.

    ``p90_at`` and ``expires_at`` are None where the price is from a table.
    """

    service: ServiceId
    carrier: CarrierId
    cents: int
    connection: str | None = None
    p90_at: Instant | None = None
    expires_at: Instant | None = None


class Offered(Value):
    """Every service's price for a shipment, cheapest first, and who was silent.

    Services that neither a carrier nor a table prices are in ``unpriced``.
    """

    id: str
    offers: tuple[Offer, ...]
    silent: tuple[Silent, ...] = ()
    unpriced: tuple[ServiceId, ...] = ()


def question_about(shipment: Shipment, network: Network, now: datetime) -> RateRequest:
    """Return the question to carriers what a shipment costs.

    Raises
    ------
    ValueError
        Naming the field, where the network has no such center or service.
    """
    centers = {center.id: center for center in network.centers}
    if shipment.fc not in centers:
        msg = f"fc: {shipment.fc!r} is no center; there are {', '.join(centers)}"
        raise ValueError(msg)
    known = [s.id for s in network.services if s.mode is not ServiceMode.PICKUP]
    wanted = known if shipment.services is None else list(shipment.services)
    for service in wanted:
        if service not in known:
            msg = f"services: {service!r} is no service; there are {', '.join(known)}"
            raise ValueError(msg)
    return RateRequest(
        fc=shipment.fc,
        ship_from=centers[shipment.fc].place,
        ship_to=locate(shipment.ship_to),
        pieces=shipment.pieces,
        services=tuple(wanted),
        ready_at=shipment.ready_at or now,
        residential=shipment.residential,
        signature=shipment.signature,
        hazmat=any(piece.hazmat for piece in shipment.pieces),
        insured_cents=shipment.insured_cents,
    )


async def offers(
    shop: RateShop,
    network: Network,
    questions: Iterable[tuple[str, RateRequest]],
    now: datetime,
) -> list[Offered]:
    """Shop all of these, some at a time, each under the shop's own deadline.

    Parameters
    ----------
    questions
        Each with the name it is answered under; answers are in this order.
    """
    carriers = {service.id: service.carrier for service in network.services}
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, question: RateRequest) -> Offered:
        async with turn:
            (told,) = await shop.shop((question,), carriers, now, network.currency)
        return _offered(name, told, network)

    return list(await asyncio.gather(*(one(*each) for each in questions)))


def table_cents(
    network: Network, service: CarrierService, question: RateRequest
) -> int | None:
    """Price a question by the tables, as decisions do; None where they have no price.

    None, too, for services whose vehicles are shared by all parcels of a day.
    """
    center = network.center(question.fc)
    to = question.ship_to
    shut_out = service.regions is not None and to.region not in service.regions
    if shut_out or service.line_hauls or not _takes(service, question.pieces):
        return None
    weights = [_billable_g(service, piece) for piece in question.pieces]
    if service.lanes:
        roads, _ = port_roads(center, service, to)
        shared = any(lane.vehicle is not None for road in roads for lane in road)
        prices = [port_cents(road, sum(weights)) for road in roads if not shared]
        freight = min((cents for cents in prices if cents is not None), default=None)
    else:
        freight = _zone_freight(service, distance_km(center.place, to), weights)
    if freight is None:
        return None
    fuel = (freight * service.surcharges.fuel_permille + 500) // 1000
    return freight + fuel + _added_cents(service, question)


def _offered(name: str, told: Shopped, network: Network) -> Offered:
    question = told.question
    found = [_live(price, network) for price in told.prices]
    by_table = {
        service: table_cents(network, network.service(service), question)
        for service in told.untold
    }
    for service, cents in by_table.items():
        if cents is not None:
            carrier = network.service(service).carrier
            found.append(Offer(service=service, carrier=carrier, cents=cents))
    return Offered(
        id=name,
        offers=tuple(sorted(found, key=lambda offer: (offer.cents, offer.service))),
        silent=told.silent,
        unpriced=tuple(s for s, cents in by_table.items() if cents is None),
    )


def _live(price: LivePrice, network: Network) -> Offer:
    return Offer(
        service=price.service,
        carrier=network.service(price.service).carrier,
        cents=price.cents,
        connection=price.connection,
        p90_at=price.p90_at,
        expires_at=price.expires_at,
    )


def _zone_freight(
    service: CarrierService, km: float | None, weights: list[int]
) -> int | None:
    if km is None:
        return None
    zone = next((n for n, far in enumerate(service.zones, 1) if km <= far), None)
    rate = next((rate for rate in service.rates if rate.zone == zone), None)
    if rate is None:
        return None
    billed = [sum(weights)] if service.rated_together else weights
    return sum(zone_cents(rate, weight_g) for weight_g in billed)


def _added_cents(service: CarrierService, question: RateRequest) -> int:
    added, girth_mm = service.surcharges, service.oversize_girth_mm
    oversize = sum(
        girth_mm is not None and piece.size.girth_mm > girth_mm
        for piece in question.pieces
    )
    return (
        added.residential_cents * question.residential
        + added.signature_cents * question.signature
        + (question.insured_cents * added.insurance_permille + 500) // 1000
        + added.hazmat_cents * sum(piece.hazmat for piece in question.pieces)
        + added.oversize_cents * oversize
    )


def _takes(service: CarrierService, pieces: Iterable[Piece]) -> bool:
    return not any(_excesses(service, pieces))


def _excesses(service: CarrierService, pieces: Iterable[Piece]) -> Iterator[bool]:
    for piece in pieces:
        size = piece.size
        longest_mm = max(size.length_mm, size.width_mm, size.height_mm)
        yield piece.weight_g > service.max_weight_g
        yield longest_mm > service.max_length_mm
        yield size.girth_mm > service.max_girth_mm
        yield piece.hazmat and not service.hazmat


def _billable_g(service: CarrierService, piece: Piece) -> int:
    if service.dim_divisor is None:
        return piece.weight_g
    return max(piece.weight_g, -(-piece.size.volume_mm3 // service.dim_divisor))
