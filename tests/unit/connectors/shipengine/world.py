"""A ShipEngine connection and what is sent through it, valid by default."""

from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.shipengine.client import ShipEngineCarrier
from connectors.shipengine.settings import Sender, ShipEngineSettings
from domain.contact import Contact
from domain.quantities import CarrierId, FcId, Place, ServiceId
from domain.shipping import BookParcel, RateRequest
from tests.conformance.worlds import a_parcel as any_parcel
from tests.conformance.worlds import a_question as any_question

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
API_KEY = SecretStr("OPEN-SESAME")
UPS = CarrierId("ups")
GROUND = ServiceId("ups-ground")
NEXT_DAY = ServiceId("ups-next-day")
RENO = FcId("RENO")
RENO_PLACE = Place(postal_code="89501", region="NV", city="Reno")
BOISE_PLACE = Place(postal_code="83702", region="ID", city="Boise")
ANA = Contact(name="Ana Ruiz", street_1="12 Juniper Street", phone="+1 208 555 0100")
SENDER = Sender(name="Heron Goods", street_1="1 Mill Road", phone="+1 775 555 0100")


def some_settings(**changes: Any) -> ShipEngineSettings:
    fields: dict[str, Any] = {
        "secret": API_KEY,
        "accounts": {UPS: {"id": "se-101", "code": "ups"}},
        "services": {
            GROUND: {"carrier": UPS, "code": "ups_ground"},
            NEXT_DAY: {"carrier": UPS, "code": "ups_next_day_air"},
        },
        "senders": {RENO: SENDER},
        "requests_per_min": 60_000,
    }
    return ShipEngineSettings.model_validate({**fields, **changes})


def a_carrier(transport: httpx.AsyncBaseTransport, **changes: Any) -> ShipEngineCarrier:
    return ShipEngineCarrier(some_settings(**changes), lambda: NOW, transport)


def a_parcel(key: str = "order/O-1/1@1", **changes: Any) -> BookParcel:
    fields = {
        "carrier": UPS,
        "service": GROUND,
        "ship_from": RENO_PLACE,
        "ship_to": BOISE_PLACE,
        "recipient": ANA,
    }
    return any_parcel(key, **{**fields, **changes})


def a_question(**changes: Any) -> RateRequest:
    fields = {
        "ship_from": RENO_PLACE,
        "ship_to": BOISE_PLACE,
        "services": (GROUND, NEXT_DAY, ServiceId("unheard-of")),
    }
    return any_question().model_copy(update={**fields, **changes})
