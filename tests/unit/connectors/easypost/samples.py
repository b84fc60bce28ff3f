"""Parcels, questions and settings as these tests use them."""

from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.easypost.client import EasyPostCarrier
from connectors.easypost.settings import EasyPostSettings
from domain.contact import Contact
from domain.quantities import (
    CarrierId,
    Dimensions,
    FcId,
    OrderId,
    ParcelId,
    Place,
    ServiceId,
)
from domain.shipping import BookParcel, Piece, RateRequest

SECRET = SecretStr("EZTK-OPEN-SESAME")
WEBHOOK_SECRET = SecretStr("sécret")
FC = FcId("RENO")
USPS = CarrierId("usps")
GROUND = ServiceId("usps-ground-advantage")
PRIORITY = ServiceId("usps-priority")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SENDER = Contact(company="HERON GOODS", street_1="1 Mill Road", phone="5555550100")
RECIPIENT = Contact(name="ADA OMINOUS", street_1="2 Mirror Lane", phone="5555550101")
RENO = Place(postal_code="89501", region="NV", city="Reno")
BOISE = Place(postal_code="83702", region="ID", city="Boise")
PIECE = Piece(
    size=Dimensions(length_mm=254, width_mm=203, height_mm=102), weight_g=1_400
)


def settings(**changes: Any) -> EasyPostSettings:
    fields = {
        "secret": SECRET,
        "webhook_secret": WEBHOOK_SECRET,
        "senders": {FC: SENDER},
    }
    return EasyPostSettings.model_validate({**fields, **changes})


def adapter(transport: httpx.AsyncBaseTransport, **changes: Any) -> EasyPostCarrier:
    return EasyPostCarrier(settings(**changes), real_now, transport)


def answering(
    *answers: httpx.Response, seen: list[httpx.Request] | None = None
) -> httpx.MockTransport:
    """Return a transport that gives these answers, one after the other."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return left.pop(0)

    return httpx.MockTransport(answer)


def a_parcel(key: str = "P-1/1", **changes: Any) -> BookParcel:
    parcel = BookParcel(
        key=key,
        reference=key,
        order_id=OrderId("O-1"),
        parcel_id=ParcelId("P-1"),
        fc=FC,
        carrier=USPS,
        service=GROUND,
        ship_from=RENO,
        ship_to=BOISE,
        pieces=(PIECE,),
        hand_over_at=START,
        recipient=RECIPIENT,
    )
    return parcel.model_copy(update=changes)


def a_question(**changes: Any) -> RateRequest:
    question = RateRequest(
        fc=FC,
        ship_from=RENO,
        ship_to=BOISE,
        pieces=(PIECE,),
        services=(GROUND, PRIORITY, ServiceId("unheard-of")),
        ready_at=START,
    )
    return question.model_copy(update=changes)


def real_now() -> datetime:
    return datetime.now(UTC)
