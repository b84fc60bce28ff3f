"""ShipBob's webhooks: signed by the Standard Webhooks, of orders and shipments.

Its payloads are not published beyond this: they mirror the resource they are
about. A shipment tells its status; an order tells its shipments.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from pydantic import SecretStr

from connectors.content import content_id
from connectors.fields import instant, rows, table, word
from connectors.shipbob import labels, mapping
from connectors.shipbob.settings import ShipBobSettings
from domain.errors import ContractViolation
from domain.warehousing import WarehouseEvent, WarehouseNotice, WorkStatus
from domain.wire import raw_of

PREFIX = "whsec_"
SCHEME = "v1"
MOST_SIGNATURES = 8

_EVENTS: Mapping[WorkStatus, WarehouseEvent] = MappingProxyType(
    {
        WorkStatus.PICKED: WarehouseEvent.PICKED,
        WorkStatus.SHIPPED: WarehouseEvent.SHIPPED,
        WorkStatus.CANCELLED: WarehouseEvent.CANCELLED,
    }
)
# The order in which a shipment goes through these, for facts that come late.
_SEQUENCE: Mapping[WarehouseEvent, int] = MappingProxyType(
    {
        WarehouseEvent.PICKED: 1,
        WarehouseEvent.SHORT_PICKED: 2,
        WarehouseEvent.SHIPPED: 3,
        WarehouseEvent.CANCELLED: 3,
        WarehouseEvent.DELIVERED: 4,
    }
)


def verify(
    secret: SecretStr,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    tolerance_s: int,
) -> bool:
    """Tell whether the holder of the secret sent these bytes, and just now.

    Parameters
    ----------
    secret
        As ShipBob shows it: ``whsec_`` and the key in base64.
    headers
        As received; names in any case. Several signatures stand apart by
        blanks while a secret is exchanged; their padding may be missing.
    now
        The real instant of arrival.
    tolerance_s
        How far the timestamp may be from ``now``, either way.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    message_id = lowered.get("webhook-id", "")
    timestamp = lowered.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(now.timestamp() - int(timestamp[:16])) > tolerance_s:
        return False
    key = _decoded(secret.get_secret_value().removeprefix(PREFIX))
    if not key:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = hmac.new(key, signed, hashlib.sha256).digest()
    given = lowered.get("webhook-signature", "").split()[:MOST_SIGNATURES]
    return any(_matches(one, expected) for one in given)


def parse_notices(
    body: bytes, settings: ShipBobSettings
) -> tuple[WarehouseNotice, ...]:
    """Read what a webhook tells of orders of ours; other news tells nothing."""
    try:
        document = table(json.loads(body))
    except (ValueError, RecursionError) as error:
        msg = f"the webhook is not JSON: {error}"
        raise ContractViolation(msg, raw=raw_of(body)) from None
    inner = document.get("data")
    told = inner if isinstance(inner, dict) else document
    if "shipments" in told:
        shipments = rows(told.get("shipments"))
        shared = {"reference_id": told.get("reference_id"), "tags": told.get("tags")}
        own = [{**one, **shared} for one in shipments]
    else:
        own = [told] if "order_id" in told else []
    notices = (_notice(shipment, settings) for shipment in own)
    return tuple(notice for notice in notices if notice is not None)


def _notice(
    shipment: dict[str, Any], settings: ShipBobSettings
) -> WarehouseNotice | None:
    reference = word(shipment, "reference_id")
    location = shipment.get("location")
    number = location.get("id") if isinstance(location, dict) else None
    fc = settings.fc_of(number) if isinstance(number, int) else None
    at = _instant(shipment)
    if not reference or fc is None or at is None:
        # Of another channel, or of a center that is not ours.
        return None
    order, parcel = mapping.names_of(shipment, reference)
    status = mapping.shipment_status(shipment)
    event = _EVENTS.get(status, WarehouseEvent.UNKNOWN)
    delivered = labels.delivered_at([shipment])
    if event is WarehouseEvent.SHIPPED and delivered is not None:
        event, at = WarehouseEvent.DELIVERED, delivered
    units = mapping.units_of(shipment, settings)
    lines = mapping.lines_of(units) if event in _SEQUENCE else ()
    number_told = labels.number_of(shipment)
    told = (reference, shipment.get("id"), word(shipment, "status"), number_told)
    mark = "" if event in _SEQUENCE else at.isoformat()
    if event is WarehouseEvent.DELIVERED:
        mark = event.value
    return WarehouseNotice(
        event_id=content_id(*told, mark),
        fc=fc,
        order_id=order,
        parcel_id=parcel,
        event=event,
        sequence=_SEQUENCE.get(event, 0),
        occurred_at=at,
        lines=lines,
        tracking_number=number_told,
        raw=raw_of(shipment),
    )


def _instant(shipment: dict[str, Any]) -> datetime | None:
    left = mapping.shipped_at([shipment])
    if left is not None and mapping.shipment_status(shipment) is WorkStatus.SHIPPED:
        return left
    fields = ("last_update_at", "last_tracking_update_at", "created_date")
    told = (instant(shipment.get(field)) for field in fields)
    return next((at for at in told if at is not None), None)


def _matches(given: str, expected: bytes) -> bool:
    scheme, _, encoded = given.partition(",")
    digest = _decoded(encoded) if scheme == SCHEME else b""
    return hmac.compare_digest(digest, expected)


def _decoded(encoded: str) -> bytes:
    bare = encoded.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        return b""
