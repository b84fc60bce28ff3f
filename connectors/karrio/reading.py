"""What Karrio says of prices and labels, in our words; pure.

More fields than we know are ignored, nulls are what is missing, and words we
do not know become UNKNOWN. Anything else unreadable is a ContractViolation.
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from connectors.karrio import mapping
from connectors.karrio.settings import KarrioSettings
from domain.errors import ContractViolation
from domain.quantities import CarrierId, ServiceId, Value
from domain.shipping import (
    Booking,
    Document,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.wire import raw_of

M = TypeVar("M", bound=BaseModel)

DRAFT, CANCELLED = "draft", "cancelled"
MEDIA_TYPES = {
    "PDF": "application/pdf",
    "ZPL": "application/zpl",
    "EPL": "application/epl",
    "PNG": "image/png",
}


def _said(value: Any) -> str:
    return "" if value is None else str(value)


Said = Annotated[str, BeforeValidator(_said)]


class Rate(Value):
    """One price of Karrio's, with how long it takes."""

    id: Said = ""
    carrier_id: str
    service: str
    total_charge: Annotated[Decimal, Field(ge=0)]
    currency: Said = ""
    transit_days: Annotated[float, Field(ge=0, le=365)] | None = None
    estimated_delivery: Said = ""

    @property
    def cents(self) -> int:
        return int((self.total_charge * mapping.CENTS).to_integral_value())


class Shipment(Value):
    """A shipment of Karrio's: a draft, or a label."""

    id: str
    status: Said = ""
    reference: Said = ""
    tracking_number: Said = ""
    carrier_id: Said = ""
    service: Said = ""
    selected_rate: Rate | None = None
    rates: tuple[Rate, ...] | None = None
    metadata: dict[str, Any] | None = None
    created_at: Said = ""

    @property
    def draft(self) -> bool:
        """Tell whether nothing was bought yet."""
        return self.status == DRAFT

    @property
    def bought(self) -> bool:
        """Tell whether a label was made, be it cancelled since."""
        return not self.draft and bool(self.tracking_number)

    def ours(self, name: str) -> str:
        """Return what we wrote into its metadata, else nothing."""
        return _said((self.metadata or {}).get(name))

    def is_under(self, reference: str) -> bool:
        """Tell whether it is ours under this very reference."""
        kept = self.ours(mapping.REFERENCE)
        return kept == reference if kept else self.reference == reference


class _Label(Value):
    format: Said = ""
    base64: Annotated[str, Field(min_length=1)]


def parse_quotes(
    settings: KarrioSettings, request: RateRequest, document: Any
) -> tuple[Quote, ...]:
    """Read the prices of the services asked for; the cheapest of equal ones."""
    rates = [
        (rate, item)
        for item in _items(document, "rates")
        for rate in (read_as(Rate, item, document),)
    ]
    quotes = []
    for name in dict.fromkeys(request.services):
        asked = settings.service(name)
        fitting = [
            (rate, item)
            for rate, item in rates
            if rate.service == asked.code
            and asked.account in (None, rate.carrier_id)
            and settings.serves(request.fc, rate.carrier_id)
        ]
        if fitting:
            rate, item = min(fitting, key=lambda pair: pair[0].total_charge)
            quotes.append(_quote(settings, request, name, rate, item))
    return tuple(quotes)


def parse_shipment(document: Any) -> Shipment:
    """Read one shipment."""
    return read_as(Shipment, document, document)


def parse_shipments(document: Any) -> tuple[tuple[Shipment, Any], ...]:
    """Read one page of a list of shipments, each with its document."""
    return tuple(
        (read_as(Shipment, item, document), item)
        for item in _items(document, "results")
    )


def parse_booking(settings: KarrioSettings, document: Any) -> Booking:
    """Read a shipment whose label was bought."""
    shipment = parse_shipment(document)
    if not shipment.bought or shipment.selected_rate is None:
        missing = "selected_rate" if shipment.tracking_number else "tracking_number"
        msg = f"shipment {shipment.id!r}: {missing}: bought, but without one"
        raise ContractViolation(msg, raw=raw_of(document))
    voided = shipment.status == CANCELLED
    rate = shipment.selected_rate
    account = shipment.carrier_id or rate.carrier_id
    carrier = shipment.ours(mapping.CARRIER) or settings.carrier(account)
    return Booking(
        id=shipment.id,
        reference=shipment.ours(mapping.REFERENCE) or shipment.reference,
        carrier=CarrierId(carrier),
        service=ServiceId(shipment.ours(mapping.SERVICE) or rate.service),
        tracking_number=shipment.tracking_number,
        cost_cents=rate.cents,
        currency=rate.currency or "USD",
        voided=voided,
        void=VoidOutcome.VOIDED if voided else None,
        raw=raw_of(document),
    )


def parse_void(document: Any) -> VoidOutcome:
    """Read what became of a cancellation that was not refused."""
    cancelled = parse_shipment(document).status == CANCELLED
    return VoidOutcome.VOIDED if cancelled else VoidOutcome.REQUESTED


def parse_label(document: Any) -> Document:
    """Read a label."""
    label = read_as(_Label, document, document)
    try:
        content = base64.b64decode(label.base64, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        msg = "base64: the label is no base64 text"
        raise ContractViolation(msg, raw=raw_of(document))
    media_type = MEDIA_TYPES.get(label.format.upper(), "application/octet-stream")
    return Document(media_type=media_type, content=content)


def _quote(
    settings: KarrioSettings,
    request: RateRequest,
    name: ServiceId,
    rate: Rate,
    item: dict[str, Any],
) -> Quote:
    arrival = _arrival(rate, request.ready_at, item)
    usual = request.ready_at + timedelta(days=settings.usual_transit_days)
    return Quote(
        id=mapping.quote_id(rate.carrier_id, rate.service, rate.cents),
        service=name,
        carrier=settings.carrier(rate.carrier_id),
        total_cents=rate.cents,
        currency=rate.currency or "USD",
        p50_at=arrival or usual,
        p90_at=arrival or usual,
        estimated=arrival is not None,
        expires_at=request.ready_at + timedelta(seconds=settings.quote_lifetime_s),
        raw=raw_of(item),
    )


def _arrival(rate: Rate, ready_at: datetime, source: Any) -> datetime | None:
    """Return when a parcel arrives: a date is good until its day is over."""
    if rate.estimated_delivery:
        at = parsed(rate.estimated_delivery, "estimated_delivery", source)
        if len(rate.estimated_delivery.strip()) <= len("2026-03-02"):
            at = at.replace(hour=23, minute=59, second=59)
        return max(at, ready_at)
    if rate.transit_days is not None:
        return ready_at + timedelta(days=rate.transit_days)
    return None


def parsed(text: str, field: str, source: Any) -> datetime:
    """Read a date or an instant; without a zone it is taken for UTC."""
    try:
        at = datetime.fromisoformat(text.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        msg = f"{field}: {text[:40]!r} is no date or instant (ISO 8601)"
        raise ContractViolation(msg, raw=raw_of(source)) from None


def _items(document: Any, name: str) -> list[dict[str, Any]]:
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(i, dict) for i in found):
        msg = f"{name!r}: expected a list of objects"
        raise ContractViolation(msg, raw=raw_of(document))
    return found


def read_as(model: type[M], fields: Any, source: Any) -> M:
    """Read fields of a document, or say which of them breaks the contract."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "document"
        msg = f"{model.__name__.strip('_')}.{where}: {first['msg']}"
        raise ContractViolation(msg, raw=raw_of(source)) from None
