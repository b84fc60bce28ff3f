"""Benches for configured connections, from a sample of what to ask for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypedDict

from pydantic import Field

from conformance.bench import (
    CarrierBench,
    ClockBench,
    ForecastBench,
    HazardsBench,
    OrdersBench,
    TransportBench,
    WarehouseBench,
)
from connectors.connection import Connection, RealTime
from connectors.registry import adapter
from domain.contact import Address, Contact
from domain.forecast import AskForecast
from domain.order import Line
from domain.quantities import (
    CarrierId,
    Dimensions,
    Edge,
    FcId,
    OrderId,
    ParcelId,
    Place,
    Positive,
    ServiceId,
    SkuId,
)
from domain.shipping import BookParcel, Piece, RateRequest
from domain.transport import LoadItem, Stop, TenderLoad
from domain.warehousing import ReleaseOrder, ReserveStock

SHIPS_IN = timedelta(hours=24)
LASTS = timedelta(hours=24)


class Sample(Edge):
    """What a check asks a counterpart for; an address that exists, small goods.

    ``sku`` needs at least six free units, ``scarce`` one to four that nobody
    else takes meanwhile. ``order`` is a shop's own id of an order of which it
    may be told that it was taken, and that it was shipped.
    """

    fc: FcId = FcId("MAIN")
    carrier: CarrierId = CarrierId("carrier")
    services: tuple[ServiceId, ...] = (ServiceId("ground"),)
    sku: SkuId = SkuId("SAMPLE")
    scarce: SkuId | None = None
    ship_from: Place = Place(
        postal_code="89501", region="NV", city="Reno", latitude=39.53, longitude=-119.81
    )
    ship_to: Place = Place(
        postal_code="83702", region="ID", city="Boise", latitude=43.62, longitude=-116.2
    )
    sender: Contact | None = None
    recipient: Contact | None = None
    size: Dimensions = Dimensions(length_mm=300, width_mm=200, height_mm=100)
    weight_g: Positive = 1_400
    insured_cents: int = Field(default=0, ge=0)
    order: str | None = None


def carrier_bench(
    connection: Connection, real_time: RealTime, sample: Sample, run: str
) -> CarrierBench:
    """Return the bench of a carrier's connection.

    Parameters
    ----------
    run
        A word that no other run has used.
    """
    piece = Piece(size=sample.size, weight_g=sample.weight_g)
    ready_at = real_time() + SHIPS_IN

    def parcel(key: str) -> BookParcel:
        return BookParcel(
            key=key,
            reference=key,
            order_id=OrderId(run),
            parcel_id=ParcelId(key),
            fc=sample.fc,
            carrier=sample.carrier,
            service=sample.services[0],
            ship_from=sample.ship_from,
            ship_to=sample.ship_to,
            pieces=(piece,),
            hand_over_at=ready_at,
            insured_cents=sample.insured_cents,
            sender=sample.sender,
            recipient=sample.recipient,
        )

    return CarrierBench(
        **_made(connection, real_time, run),
        carrier=sample.carrier,
        question=RateRequest(
            fc=sample.fc,
            ship_from=sample.ship_from,
            ship_to=sample.ship_to,
            pieces=(piece,),
            services=sample.services,
            ready_at=ready_at,
            insured_cents=sample.insured_cents,
        ),
        parcel=parcel,
    )


def warehouse_bench(
    connection: Connection, real_time: RealTime, sample: Sample, run: str
) -> WarehouseBench:
    """Return the bench of a warehouse's connection.

    Parameters
    ----------
    run
        A word that no other run has used.
    """
    order, at = OrderId(run), real_time() + SHIPS_IN

    def reservation(key: str, sku: SkuId, units: int) -> ReserveStock:
        lines = (Line(sku=sku, units=units),)
        return ReserveStock(key=key, fc=sample.fc, order_id=order, lines=lines)

    def release(key: str, reserved: str) -> ReleaseOrder:
        return ReleaseOrder(
            key=key,
            fc=sample.fc,
            order_id=order,
            parcel_id=ParcelId(key),
            reservation_key=reserved,
            lines=(Line(sku=sample.sku, units=1),),
            service=sample.services[0],
            tracking_number="",
            hand_over_at=at,
            ship_to=sample.ship_to,
            recipient=sample.recipient,
        )

    return WarehouseBench(
        **_made(connection, real_time, run),
        fc=sample.fc,
        sku=sample.sku,
        scarce=sample.scarce,
        reservation=reservation,
        release=release,
    )


def transport_bench(
    connection: Connection, real_time: RealTime, sample: Sample, run: str
) -> TransportBench:
    """Return the bench of a freight carrier's connection; ``run`` as above."""
    begins = real_time() + SHIPS_IN

    def stop(place: Place, contact: Contact | None, begins: datetime) -> Stop:
        return Stop(
            address=Address(place=place, contact=contact or Contact()),
            earliest_at=begins,
            latest_at=begins + SHIPS_IN,
        )

    item = LoadItem(description="Sample", handling_units=1, weight_g=sample.weight_g)

    def load(reference: str) -> TenderLoad:
        return TenderLoad(
            key=reference,
            reference=reference,
            carrier=sample.carrier,
            stops=(
                stop(sample.ship_from, sample.sender, begins),
                stop(sample.ship_to, sample.recipient, begins + 2 * LASTS),
            ),
            items=(item,),
            respond_by=begins,
        )

    return TransportBench(
        **_made(connection, real_time, run),
        carrier=sample.carrier,
        load=load,
    )


def hazards_bench(
    connection: Connection, real_time: RealTime, sample: Sample, run: str
) -> HazardsBench:
    """Return the bench of a feed's connection; ``run`` as above."""
    return HazardsBench(**_made(connection, real_time, run))


def forecast_bench(
    connection: Connection, real_time: RealTime, sample: Sample, run: str
) -> ForecastBench:
    """Return the bench of a forecast's connection: a day, at both places."""
    begins = real_time()
    return ForecastBench(
        **_made(connection, real_time, run),
        question=AskForecast(
            places=(sample.ship_from, sample.ship_to),
            starts_at=begins,
            ends_at=begins + LASTS,
        ),
    )


def orders_bench(
    connection: Connection, real_time: RealTime, sample: Sample, run: str
) -> OrdersBench:
    """Return the bench of an order source's connection; ``run`` as above."""
    return OrdersBench(
        **_made(connection, real_time, run),
        sample=sample.order,
    )


def clock_bench(
    connection: Connection, real_time: RealTime, sample: Sample, run: str
) -> ClockBench:
    """Return the bench of a clock's connection; ``run`` as above."""
    return ClockBench(**_made(connection, real_time, run))


class _Made(TypedDict):
    """What the bench of any connection has."""

    connect: Callable[[], Any]
    run: str
    secrets: tuple[str, ...]


def _made(connection: Connection, real_time: RealTime, run: str) -> _Made:
    kept = (connection.secret, connection.webhook_secret, *connection.secrets.values())
    return _Made(
        connect=lambda: adapter(connection, real_time),
        run=run,
        secrets=tuple(secret.get_secret_value() for secret in kept if secret),
    )
