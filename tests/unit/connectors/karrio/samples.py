"""What Karrio says and is told, in small: made by us, in its wire format."""

import base64
from typing import Any

import httpx

from connectors.karrio.client import KarrioCarrier
from connectors.karrio.settings import KarrioSettings
from tests.conformance.worlds import a_parcel

URL = "http://karrio.test"
SECRET = "key_open_sesame"
WHISPER = "whsec_whispered"
REFERENCE = "o-1/1"


def settings(**changes: Any) -> KarrioSettings:
    fields = {
        "base_url": URL,
        "secret": SECRET,
        "webhook_secret": WHISPER,
        "services": {"heron-ground": {"code": "heron_ground"}},
    }
    return KarrioSettings.model_validate(fields | changes)


def a_rate(**changes: Any) -> dict[str, Any]:
    rate = {
        "id": "rat_1",
        "object_type": "rate",
        "carrier_name": "heron",
        "carrier_id": "heron",
        "currency": "USD",
        "service": "heron_ground",
        "total_charge": 7.25,
        "transit_days": 3,
        "extra_charges": [{"name": "Base Charge", "amount": 7.25}],
        "estimated_delivery": None,
        "meta": {"service_name": "HERON GROUND"},
        "test_mode": False,
    }
    return rate | changes


def a_draft(**changes: Any) -> dict[str, Any]:
    shipment: dict[str, Any] = {
        "id": "shp_1",
        "object_type": "shipment",
        "status": "draft",
        "reference": REFERENCE,
        "carrier_id": None,
        "tracking_number": None,
        "selected_rate": None,
        "service": None,
        "rates": [a_rate()],
        "metadata": {},
        "messages": [],
        "created_at": "2026-03-02 09:00:00.000001+00:00",
    }
    return shipment | changes


def a_label(**changes: Any) -> dict[str, Any]:
    bought = {
        "status": "created",
        "carrier_id": "heron",
        "tracking_number": "57dae9871273",
        "selected_rate": a_rate(),
        "service": "heron_ground",
    }
    return a_draft(**(bought | changes))


def a_page(*shipments: dict[str, Any]) -> dict[str, Any]:
    return {"count": len(shipments), "next": None, "results": list(shipments)}


def a_tracker(*events: dict[str, Any], **changes: Any) -> dict[str, Any]:
    tracker = {
        "id": "trk_1",
        "object_type": "tracker",
        "carrier_name": "generic",
        "carrier_id": "heron",
        "tracking_number": "57dae9871273",
        "status": "in_transit",
        "delivered": False,
        "events": list(events),
        "messages": [],
    }
    return tracker | changes


def an_event(status: str | None, hour: int, **changes: Any) -> dict[str, Any]:
    event = {
        "date": "2026-03-03",
        "time": f"{hour:02}:30",
        "timestamp": None,
        "status": status,
        "code": "X",
        "description": "Scanned",
        "location": "Boise, ID",
    }
    return event | changes


def an_error(code: str, message: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "level": "error", "message": message}]}


LABEL = {
    "category": "label",
    "format": "ZPL",
    "base64": base64.b64encode(b"^XA^XZ").decode(),
}


class Script:
    """Answers by method and path, each list in turn; notes what was asked."""

    def __init__(self, **replies: Any) -> None:
        self.seen: list[httpx.Request] = []
        self._replies = replies

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        word = request.url.path.rstrip("/").rpartition("/")[2]
        name = f"{request.method.lower()}_{word}"
        replies: list[Any] = self._replies[name]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        status, document = reply if isinstance(reply, tuple) else (200, reply)
        return httpx.Response(status, json=document)

    @property
    def asked(self) -> list[str]:
        return [f"{r.method} {r.url.path}" for r in self.seen]


def a_carrier(script: Script, **changes: Any) -> KarrioCarrier:
    return KarrioCarrier(settings(**changes), httpx.MockTransport(script))


def a_heron_parcel(**changes: Any) -> Any:
    return a_parcel(REFERENCE, **changes)
