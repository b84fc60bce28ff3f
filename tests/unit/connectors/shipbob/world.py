"""A ShipBob connection and what is sent through it, valid by default."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.shipbob.client import ShipBobWarehouse
from connectors.shipbob.settings import ShipBobSettings
from domain.contact import Contact
from domain.order import Line
from domain.quantities import FcId, OrderId, ParcelId, Place, ServiceId, SkuId
from domain.warehousing import ReleaseOrder
from tests.unit.connectors.shipbob.platform import RENO_LOCATION

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOKEN = SecretStr("OPEN-SESAME")
KEY = b"a key of twenty-four by"
WEBHOOK_SECRET = SecretStr("whsec_" + base64.b64encode(KEY).decode())
RENO = FcId("RENO")
STANDARD = ServiceId("standard")
MUG = SkuId("MUG")
LAMP = SkuId("LAMP")
ANA = Contact(name="Ana Ruiz", street_1="12 Juniper Street", email="ana@example.com")
BOISE = Place(postal_code="83702", region="ID", city="Boise")


def some_settings(**changes: Any) -> ShipBobSettings:
    fields: dict[str, Any] = {
        "secret": TOKEN,
        "channel_id": 433,
        "locations": {RENO: RENO_LOCATION},
        "shipping_methods": {STANDARD: "Standard"},
        "webhook_secret": WEBHOOK_SECRET,
        "requests_per_min": 60_000,
    }
    return ShipBobSettings.model_validate({**fields, **changes})


def a_warehouse(
    transport: httpx.AsyncBaseTransport, **changes: Any
) -> ShipBobWarehouse:
    return ShipBobWarehouse(some_settings(**changes), lambda: NOW, transport)


def a_release(key: str = "O-1/2/r1", **changes: Any) -> ReleaseOrder:
    fields: dict[str, Any] = {
        "key": key,
        "fc": RENO,
        "order_id": OrderId("O-1"),
        "parcel_id": ParcelId("O-1/2"),
        "reservation_key": key,
        "lines": (Line(sku=MUG, units=2), Line(sku=LAMP, units=1)),
        "service": STANDARD,
        "tracking_number": "",
        "hand_over_at": NOW,
        "ship_to": BOISE,
        "recipient": ANA,
    }
    return ReleaseOrder.model_validate({**fields, **changes})


def signed_headers(
    body: bytes, *, at: datetime = NOW, key: bytes = KEY, padded: bool = True
) -> dict[str, str]:
    """Return the headers of a webhook as ShipBob signs it."""
    timestamp = str(int(at.timestamp()))
    signed = f"msg_1.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + (digest if padded else digest.rstrip("=")),
        "x-webhook-topic": "order.shipped",
    }
