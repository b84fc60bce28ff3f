"""What simulated carriers are asked for, and the labels they make of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.quantities import (
    CarrierId,
    Count,
    FcId,
    Instant,
    Place,
    Positive,
    ServiceId,
    Value,
)
from domain.shipping import ParcelStatus, Piece


class PieceBody(Value):
    """One box as the contract says it: sizes and weight side by side."""

    length_mm: Positive
    width_mm: Positive
    height_mm: Positive
    weight_g: Positive
    hazmat: bool = False

    def piece(self) -> Piece:
        """Return it in our words."""
        return Piece.model_validate({**self.model_dump(), "size": self.model_dump()})


class RatesBody(Value):
    """A question for prices."""

    fc: FcId
    ship_from: Place
    ship_to: Place
    pieces: tuple[PieceBody, ...]
    services: tuple[ServiceId, ...]
    ready_at: Instant
    residential: bool = True
    signature: bool = False
    hazmat: bool = False
    insured_cents: Count = 0


class BookingBody(Value):
    """An order for carriage."""

    reference: str
    order_id: str
    parcel_id: str
    fc: FcId
    carrier: CarrierId
    service: ServiceId
    ship_from: Place
    ship_to: Place
    pieces: tuple[PieceBody, ...]
    hand_over_at: Instant
    residential: bool = True
    signature: bool = False
    hazmat: bool = False
    insured_cents: Count = 0
    quote_id: str | None = None


@dataclass
class Label:
    """One booking: what was bought, and how the parcel fared."""

    id: str
    body: BookingBody
    zone: int
    tracking_number: str
    cost_cents: int
    booked_at: datetime
    void_until: datetime
    voided_at: datetime | None = None
    handed_over_at: datetime | None = None
    scans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.scans[-1]["status"]) if self.scans else ParcelStatus.BOOKED

    def wire(self) -> dict[str, Any]:
        """Return it as the contract says it."""
        return {
            "id": self.id,
            "reference": self.body.reference,
            "carrier": self.body.carrier,
            "service": self.body.service,
            "tracking_number": self.tracking_number,
            "cost_cents": self.cost_cents,
            "void_until": self.void_until.isoformat(),
            "voided": self.voided_at is not None,
        }
