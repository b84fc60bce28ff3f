"""A center in a real Tryton: what it has, what is asked of it."""

from datetime import UTC, datetime
from typing import Any

from connectors.tryton.client import TrytonWarehouse, warehouse
from domain.order import Line
from domain.quantities import FcId, OrderId, ParcelId, ServiceId, SkuId
from domain.warehousing import ReleaseOrder, ReserveStock
from lanewise.world.tryton import TrytonServer

RNO = FcId("RNO")
PLENTY, SCARCE, RACED = SkuId("PLENTY"), SkuId("SCARCE"), SkuId("RACED")
KIT_SCARCE = SkuId("KIT-SCARCE")
COUNTED = {
    **{PLENTY: 500, SCARCE: 6, RACED: 10, KIT_SCARCE: 3},
    **{SkuId(f"PART-{n}"): 6 for n in range(4)},
}
READY = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)


def connected(server: TrytonServer, url: str = "", **options: Any) -> TrytonWarehouse:
    """Make the adapter of a server, over another address if one is given."""
    plain = server.connection("tryton", (RNO,))
    changed = {"base_url": url or plain.base_url, "options": plain.options | options}
    connection = plain.model_copy(update=changed)
    return warehouse(connection, lambda: datetime.now(UTC))


def wish(key: str, units: int, sku: SkuId = PLENTY) -> ReserveStock:
    lines = (Line(sku=sku, units=units),)
    return ReserveStock(key=key, fc=RNO, order_id=OrderId(key), lines=lines)


def release(
    key: str, units: int, sku: SkuId = PLENTY, reserved: str = ""
) -> ReleaseOrder:
    return ReleaseOrder(
        key=key,
        fc=RNO,
        order_id=OrderId(key.partition("/")[0]),
        parcel_id=ParcelId(key),
        reservation_key=reserved or key,
        lines=(Line(sku=sku, units=units),),
        service=ServiceId("ground"),
        tracking_number="1Z999",
        hand_over_at=READY,
    )
