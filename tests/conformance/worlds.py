"""A tiny world and its adapters, one per way of keeping repetitions harmless."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from pydantic import SecretStr

from connectors.neutral.client import (
    NeutralCarrier,
    NeutralClock,
    NeutralHazardFeed,
    NeutralWarehouse,
)
from connectors.neutral.settings import NeutralSettings
from connectors.ports import (
    BusinessClock,
    CarrierAdapter,
    HazardFeed,
    Idempotency,
    WarehouseAdapter,
)
from domain.network import (
    CarrierService,
    FulfillmentCenter,
    Network,
    Pickup,
    ServiceMode,
    Transit,
    ZoneRate,
)
from domain.order import Line
from domain.quantities import (
    CarrierId,
    Dimensions,
    FcId,
    OrderId,
    ParcelId,
    Place,
    ServiceId,
    SkuId,
)
from domain.shipping import BookParcel, Piece, RateRequest
from domain.warehousing import ReleaseOrder, ReserveStock
from lanewise.world.server import WorldServer
from lanewise.world.spec import CarrierTraits, FaultSpec, WarehouseTraits, WorldSpec

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HAND_OVER = datetime(2026, 3, 2, 17, tzinfo=UTC)
FC = FcId("RENO")
CARRIER = CarrierId("heron")
GROUND = ServiceId("heron-ground")
MUG = SkuId("MUG")
LAMP = SkuId("LAMP")
RENO = Place(postal_code="89501", region="NV", latitude=39.53, longitude=-119.81)
BOISE = Place(postal_code="83702", region="ID", latitude=43.62, longitude=-116.2)
API_KEY = SecretStr("OPEN-SESAME")
WEBHOOK_SECRET = SecretStr("WHISPERED-WORD")


def a_network() -> Network:
    return Network(
        version="tiny",
        centers=(
            FulfillmentCenter(
                id=FC,
                name="Reno",
                place=RENO,
                pickups=(Pickup(carrier=CARRIER, cutoff=time(17)),),
            ),
        ),
        services=(
            CarrierService(
                id=GROUND,
                carrier=CARRIER,
                name="Ground",
                mode=ServiceMode.GROUND,
                zones=(300, 2000),
                rates=(
                    ZoneRate(zone=1, base_cents=500, cents_per_half_kg=40),
                    ZoneRate(zone=2, base_cents=800, cents_per_half_kg=90),
                ),
                transits=(
                    Transit(zone=1, p50_h=24, p90_h=30),
                    Transit(zone=2, p50_h=48, p90_h=60),
                ),
                working_days_only=False,
            ),
        ),
    )


def a_spec(**changes: object) -> WorldSpec:
    fields: dict[str, object] = {
        "start_at": START,
        "network": a_network(),
        "stock": {FC: {MUG: 10, LAMP: 4}},
        "api_key": API_KEY,
    }
    return WorldSpec.model_validate({**fields, **changes})


def spec_in_mode(mode: Idempotency, **changes: object) -> WorldSpec:
    return a_spec(
        warehouse=WarehouseTraits(idempotency=mode),
        carrier=CarrierTraits(idempotency=mode),
        faults=FaultSpec(hang_ms=5_000, retry_after_s=7),
        **changes,
    )


@dataclass(frozen=True)
class Bench:
    """Adapters under test, and the world behind them."""

    mode: Idempotency
    server: WorldServer
    warehouse: WarehouseAdapter
    carrier: CarrierAdapter
    hazards: HazardFeed
    clock: BusinessClock
    close: Callable[[], Awaitable[None]]


def neutral_bench(
    server: WorldServer, mode: Idempotency, read_timeout_s: float = 15.0
) -> Bench:
    settings = NeutralSettings(
        base_url=server.base_url,
        secret=API_KEY,
        webhook_secret=WEBHOOK_SECRET,
        idempotency=mode,
        read_timeout_s=read_timeout_s,
        # Scripted misfortunes are no outage: each call is to meet its own.
        circuit_failures=0,
    )
    warehouse = NeutralWarehouse(settings, real_now)
    carrier = NeutralCarrier(settings, real_now)
    hazards = NeutralHazardFeed(settings, real_now)
    clock = NeutralClock(settings, real_now)

    async def close() -> None:
        for adapter in (warehouse, carrier, hazards, clock):
            await adapter.close()

    return Bench(mode, server, warehouse, carrier, hazards, clock, close)


# Whoever writes an adapter adds how to make it here: a counterpart it can
# reach, the adapter's own way of talking to it, and how long it waits for it.
FACTORIES: dict[str, Callable[[WorldServer, Idempotency, float], Bench]] = {
    "neutral": neutral_bench,
}


def real_now() -> datetime:
    return datetime.now(UTC)


def a_reservation(key: str, units: int = 2, sku: SkuId = MUG) -> ReserveStock:
    return ReserveStock(
        key=key,
        fc=FC,
        order_id=OrderId("O-1"),
        lines=(Line(sku=sku, units=units),),
    )


def a_release(key: str, reservation: str, units: int = 2) -> ReleaseOrder:
    return ReleaseOrder(
        key=key,
        fc=FC,
        order_id=OrderId("O-1"),
        parcel_id=ParcelId(f"P-{key}"),
        reservation_key=reservation,
        lines=(Line(sku=MUG, units=units),),
        service=GROUND,
        tracking_number="",
        hand_over_at=HAND_OVER,
    )


def a_parcel(key: str, **changes: object) -> BookParcel:
    parcel = BookParcel(
        key=key,
        reference=key,
        order_id=OrderId("O-1"),
        parcel_id=ParcelId(f"P-{key}"),
        fc=FC,
        carrier=CARRIER,
        service=GROUND,
        ship_from=RENO,
        ship_to=BOISE,
        pieces=(a_piece(),),
        hand_over_at=HAND_OVER,
    )
    return parcel.model_copy(update=changes)


def a_question() -> RateRequest:
    return RateRequest(
        fc=FC,
        ship_from=RENO,
        ship_to=BOISE,
        pieces=(a_piece(),),
        services=(GROUND, ServiceId("unheard-of")),
        ready_at=START,
    )


def a_piece() -> Piece:
    size = Dimensions(length_mm=300, width_mm=200, height_mm=100)
    return Piece(size=size, weight_g=1_400)
