"""Claims and counts for the store's tests."""

from datetime import date, timedelta
from typing import Any

from domain.order import Line
from domain.quantities import CarrierId, FcId, OrderId, SkuId
from domain.warehousing import StockReport
from store import stock
from store.claims import CapacityClaim, Claim, Resource, StockClaim
from store.engine import Store
from tests.builders import MONDAY

NEWARK, RENO = FcId("newark"), FcId("reno")
LAMP, MIRROR = SkuId("LAMP"), SkuId("OMINOUS-MIRROR")
TODAY = MONDAY.date()
HOUR = timedelta(hours=1)


def a_claim(
    order: str = "o-1",
    *wants: tuple[str, str, int],
    revision: int = 1,
    **overrides: Any,
) -> Claim:
    """Build a claim of (center, SKU, units); by default one lamp in Newark."""
    values: dict[str, Any] = {
        "order_id": order,
        "revision": revision,
        "expires_at": MONDAY + HOUR,
        "stock": tuple(
            StockClaim(fc=FcId(fc), sku=SkuId(sku), units=units)
            for fc, sku, units in wants or (("newark", "LAMP", 1),)
        ),
    }
    return Claim(**(values | overrides))


def work(
    kind: Resource, amount: int, limit: int | None, day: date = TODAY
) -> CapacityClaim:
    carrier = CarrierId("ups") if kind is Resource.PARCELS else None
    return CapacityClaim(
        kind=kind, fc=NEWARK, carrier=carrier, day=day, amount=amount, limit=limit
    )


def a_count(
    on_hand: dict[str, int], fc: FcId = NEWARK, **overrides: Any
) -> StockReport:
    values: dict[str, Any] = {"fc": fc, "as_of": MONDAY, "on_hand": on_hand}
    return StockReport(**(values | overrides))


def counted(store: Store, **on_hand: int) -> Store:
    """Load a count of Newark, SKUs as keywords, and return the store."""
    with store.writing() as session:
        stock.load(session, a_count(dict(on_hand)))
    return store


def lines(**units: int) -> tuple[Line, ...]:
    return tuple(Line(sku=SkuId(sku), units=count) for sku, count in units.items())


def order_id(number: int = 1) -> OrderId:
    return OrderId(f"o-{number}")
