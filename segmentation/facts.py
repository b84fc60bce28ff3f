"""Gathers what is known of an order at an instant; what is not known is absent."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.customer import Customer
from domain.order import Order
from domain.quantities import CustomerId
from domain.segment import Fact
from segmentation.circumstances import Circumstances
from segmentation.fact_table import SCHEMA
from segmentation.known import Facts, Look
from segmentation.telling import clock, dangers, goods, places
from segmentation.telling.parts import merged, steady
from segmentation.window import Window

__all__ = ["SCHEMA", "gather", "look"]


def gather(
    order: Order,
    around: Circumstances,
    now: datetime,
    windows: Iterable[Window] = (),
) -> Facts:
    """Return the order's facts at an instant.

    A fact that cannot be told is absent, never guessed: with a SKU missing
    from the catalog there is no total weight, yet one fragile unit among the
    known ones is enough to be fragile. Order attributes become texts named
    ``attr_…``, windows numbers named by their key.
    """
    return look(order, around, windows)(now)


def look(order: Order, around: Circumstances, windows: Iterable[Window] = ()) -> Look:
    """Return what tells the order's facts at any instant, from what is known now."""
    stocking = places.stocking_centers(order, around)
    parts: list[Look] = [
        steady(
            {
                **goods.of_request(order),
                **goods.of_goods(order, around.skus),
                **_of_customer(order.customer_id, around.customer),
                **places.of_destination(order, stocking),
                **goods.of_attributes(order),
            }
        ),
        clock.of_order(order),
    ]
    if stocking:
        parts.append(clock.local(ZoneInfo(stocking[0][1].time_zone)))
    if around.hazards is not None:
        parts.append(dangers.at_destination(around.hazards, order.ship_to))
    return lambda now: merged(part(now) for part in parts)


def _of_customer(id: CustomerId, customer: Customer | None) -> dict[str, Fact]:
    return {
        "customer_id": id,
        "customer_tier": customer.tier.value if customer else None,
        "customer_kind": customer.kind.value if customer else None,
    }
