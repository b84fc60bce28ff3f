"""ShipEngine's webhooks: signed by RSA keys it publishes, full of tracking.

What is signed is the timestamp's text, a dot, and the raw body
(RSASSA-PKCS1-v1_5 with SHA-256); the key is named by its id.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from connectors.connection import RealTime
from connectors.content import content_id
from connectors.fields import instant, rows, table, word
from connectors.shipengine.rsa import PublicKey, public_key
from connectors.shipengine.settings import ShipEngineSettings
from domain.errors import ConnectorError, ContractViolation
from domain.shipping import ParcelScan, ParcelStatus
from domain.wire import raw_of

KEY_HEADER = "x-shipengine-rsa-sha256-key-id"
SIGNATURE_HEADER = "x-shipengine-rsa-sha256-signature"
TIMESTAMP_HEADER = "x-shipengine-timestamp"
TRACKING = "API_TRACK"
# A key nobody has makes us ask for the keys again; not more often than this.
LEARN_EVERY_S = 60

P = ParcelStatus
_STATUS: Mapping[str, ParcelStatus] = MappingProxyType(
    {
        "AC": P.HANDED_OVER,
        "IT": P.IN_TRANSIT,
        "DE": P.DELIVERED,
        "EX": P.EXCEPTION,
        "AT": P.EXCEPTION,
        "NY": P.BOOKED,
        # Waits at a service point: on its way until somebody collects it.
        "SP": P.IN_TRANSIT,
    }
)
_DETAIL: Mapping[str, ParcelStatus] = MappingProxyType(
    {
        "SHIPMENT_CREATED": P.BOOKED,
        "ELEC_ADVICE_RECD_BY_CARRIER": P.BOOKED,
        "AWAITING_PICKUP_DROP_OFF": P.BOOKED,
        "NOT_YET_RECEIVED_BY_CARRIER": P.BOOKED,
        "DROPPED_OFF": P.HANDED_OVER,
        "PICKED_UP": P.HANDED_OVER,
        "RECEIVED_BY_CARRIER": P.HANDED_OVER,
        "OUT_FOR_DELIVERY": P.OUT_FOR_DELIVERY,
        "PARCEL_LOST": P.LOST,
        "PARCEL_DISPOSED": P.LOST,
        "UNDELIVERABLE_RETURNED_TO_SENDER": P.RETURNED,
    }
)


class Keys:
    """The public keys of its webhooks: given, or fetched when one is missing."""

    def __init__(
        self,
        given: tuple[dict[str, Any], ...],
        fetch: Callable[[], Awaitable[Any]],
        real_time: RealTime,
    ) -> None:
        self._known = _read_keys(given)
        self._fetch = fetch
        self._real_time = real_time
        self._asked_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def get(self, key_id: str) -> PublicKey | None:
        """Return a key; where it is not known, begin to fetch the keys."""
        found = self._known.get(key_id)
        if found is None:
            self._begin()
        return found

    async def learn(self) -> None:
        """Fetch the keys; the ones known stay."""
        document = table(await self._fetch())
        self._known = {**self._known, **_read_keys(rows(document.get("keys")))}

    async def close(self) -> None:
        """Let go of a fetch that is under way."""
        if self._task is not None and not self._task.done():
            self._task.cancel()

    def _begin(self) -> None:
        now = self._real_time()
        if self._asked_at and (now - self._asked_at).total_seconds() < LEARN_EVERY_S:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._asked_at = now
        self._task = loop.create_task(self._learn())

    async def _learn(self) -> None:
        try:
            await self.learn()
        except ConnectorError:
            # Not reached: the next webhook asks again.
            return


def verify(
    keys: Keys,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    tolerance_s: int,
) -> bool:
    """Tell whether the owner of a known key signed these bytes, and just now.

    Parameters
    ----------
    headers
        As received; names in any case.
    body
        The raw bytes, before anything parsed them.
    now
        The real instant of arrival.
    tolerance_s
        How far the timestamp may be from ``now``, either way.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    timestamp = lowered.get(TIMESTAMP_HEADER, "")
    sent_at = _timestamp(timestamp)
    if sent_at is None or abs((now - sent_at).total_seconds()) > tolerance_s:
        return False
    try:
        signature = base64.b64decode(lowered.get(SIGNATURE_HEADER, ""), validate=True)
        signed = timestamp.encode("ascii") + b"." + body
    except ValueError:
        return False
    key = keys.get(lowered.get(KEY_HEADER, "")) if signature else None
    if key is None:
        return False
    return key.signed(signature, signed)


def parse_scans(
    source: Any, settings: ShipEngineSettings, tracking_number: str = ""
) -> tuple[ParcelScan, ...]:
    """Read scans of a webhook's bytes, or of an answer about tracking, in order."""
    document = _decoded(source) if isinstance(source, bytes) else table(source)
    if isinstance(source, bytes):
        if word(document, "resource_type") != TRACKING:
            return ()
        document = table(document.get("data"))
    number = word(document, "tracking_number") or tracking_number
    if not number:
        msg = "tracking_number: it is missing"
        raise ContractViolation(msg, raw=raw_of(source))
    carrier = settings.carrier_of(word(document, "carrier_code"))
    found: dict[str, ParcelScan] = {}
    for event in (*rows(document.get("events")), *_delivery(document)):
        at = instant(event.get("occurred_at"))
        if at is None:
            continue
        status = _status(event)
        note = word(event, "description") or word(event, "status_description")
        key = content_id(number, status, at.isoformat(), note)
        found[key] = ParcelScan(
            event_id=key,
            carrier=carrier,
            tracking_number=number,
            status=status,
            sequence=0,
            occurred_at=at,
            note=note[:200],
            raw=raw_of(event),
        )
    return tuple(sorted(found.values(), key=lambda scan: scan.occurred_at))


def _delivery(document: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the delivery as an event where only the summary tells of it."""
    events = rows(document.get("events"))
    if word(document, "status_code") != "DE" or any(
        _status(event) is P.DELIVERED for event in events
    ):
        return ()
    at, status = document.get("actual_delivery_date"), {"status_code": "DE"}
    note = word(document, "status_description")
    return ({**status, "occurred_at": at, "description": note},)


def _status(event: dict[str, Any]) -> ParcelStatus:
    exact = _DETAIL.get(word(event, "status_detail_code"))
    return exact or _STATUS.get(word(event, "status_code"), P.UNKNOWN)


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        return table(json.loads(body))
    except (ValueError, RecursionError) as error:
        msg = f"the webhook is not JSON: {error}"
        raise ContractViolation(msg, raw=raw_of(body)) from None


def _timestamp(text: str) -> datetime | None:
    """Read the header's instant: ISO 8601, or seconds since 1970."""
    if text.isascii() and text.isdigit():
        seconds = int(text[:16])
        return datetime.fromtimestamp(seconds, UTC) if seconds < 10**11 else None
    return instant(text) if len(text) > 10 else None


def _read_keys(listed: Any) -> dict[str, PublicKey]:
    """Return the RSA keys of a list of JWKs, by their id; others are no use."""
    found = {}
    for key in listed:
        name = word(key, "kid")
        # Keys of other kinds may stand beside the ones that sign webhooks.
        with suppress(ValueError):
            found[name] = public_key(key)
    return {name: key for name, key in found.items() if name}
