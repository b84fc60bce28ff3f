"""The labels ShipBob makes for what it ships: carrier, number, price; pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.fields import instant, word
from connectors.shipbob.settings import ShipBobSettings
from domain.warehousing import WarehouseLabel

Shipment = Mapping[str, Any]


def tracking_of(shipment: Shipment) -> Mapping[str, Any]:
    """Return what a shipment says of its label; nothing where it has none."""
    found = shipment.get("tracking")
    return found if isinstance(found, dict) else {}


def label_of(
    shipments: Sequence[Shipment], settings: ShipBobSettings
) -> WarehouseLabel | None:
    """Read the label of the first shipment that has one, and what all cost.

    Freight may have a PRO number in place of a tracking number. A cost is told
    once ShipBob has invoiced every one of them.
    """
    labelled = [one for one in shipments if number_of(one)]
    if not labelled:
        return None
    tracking = tracking_of(labelled[0])
    charged = [_cents(one.get("invoice_amount")) for one in labelled]
    known = [cents for cents in charged if cents is not None]
    return WarehouseLabel(
        tracking_number=number_of(labelled[0]),
        carrier=settings.carrier_of(word(tracking, "carrier")),
        service=word(tracking, "carrier_service") or word(labelled[0], "ship_option"),
        tracking_url=word(tracking, "tracking_url"),
        cost_cents=sum(known) if len(known) == len(charged) else None,
        currency=word(labelled[0], "invoice_currency_code").upper() or "USD",
    )


def number_of(shipment: Shipment) -> str:
    """Return the number a shipment is tracked by; empty where it has none yet."""
    tracking = tracking_of(shipment)
    return word(tracking, "tracking_number") or word(tracking, "pro_number")


def delivered_at(shipments: Sequence[Shipment]) -> datetime | None:
    """Return when the last of some shipments arrived, once all of them have."""
    told = [instant(one.get("delivery_date")) for one in shipments]
    known = [at for at in told if at is not None]
    return max(known) if known and len(known) == len(told) else None


def _cents(amount: Any) -> int | None:
    """Read an amount; one that is none, or not positive, is not told yet."""
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        return None
    try:
        cents = int((Decimal(str(amount)) * 100).quantize(Decimal(1)))
    except (InvalidOperation, ValueError):
        return None
    return cents if cents > 0 else None
