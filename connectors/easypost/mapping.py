"""EasyPost's shipments, rates and refunds in our words; pure."""

from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import ValidationError

from connectors.easypost.names import carrier_of, offers, plain, service_of
from connectors.easypost.reading import (
    Document,
    amount,
    cents,
    child,
    children,
    days,
    instant,
    needed,
    text,
)
from connectors.easypost.requests import ounces
from connectors.easypost.settings import VOID_DAYS, EasyPostSettings
from domain.errors import ContractViolation
from domain.quantities import CarrierId, ServiceId
from domain.shipping import Booking, BookParcel, Quote, RateRequest, VoidOutcome
from domain.wire import raw_of

REFUNDS = {
    "submitted": VoidOutcome.REQUESTED,
    "refunded": VoidOutcome.VOIDED,
    "rejected": VoidOutcome.REFUSED,
    "not_applicable": VoidOutcome.REFUSED,
}
TAKEN_BACK = (VoidOutcome.REQUESTED, VoidOutcome.VOIDED)
MOVING = {
    *("in_transit", "out_for_delivery", "delivered", "available_for_pickup"),
    *("return_to_sender", "failure"),
}
# Where a rate names no days, and the percentiles are not told.
USUAL_DAYS = 7
AFTER_VOID = "~"


def parse_quotes(
    settings: EasyPostSettings,
    request: RateRequest,
    shipment: Document,
    smart: Document,
    expires_at: datetime,
) -> tuple[Quote, ...]:
    """Read the prices of a shipment, the cheapest of each service asked for.

    Parameters
    ----------
    smart
        What is known of the days in transit; an empty object for nothing.
    """
    percentiles = _percentiles(smart)
    found = []
    for service in dict.fromkeys(request.services):
        rate = cheapest(settings, service, rates_of(shipment))
        if rate is not None:
            told = percentiles.get(text(rate, "id"), {})
            found.append(_quote(settings, request, service, rate, told, expires_at))
    return tuple(found)


def rates_of(document: Document) -> list[Document]:
    """Return the rates that have an id and a price; others cannot be bought."""
    priced = (r for r in children(document, "rates") if price_of(r) is not None)
    return [rate for rate in priced if text(rate, "id")]


def cheapest(
    settings: EasyPostSettings, service: ServiceId, rates: list[Document]
) -> Document | None:
    """Return the cheapest rate of a service; by id among equals."""
    offered = [rate for rate in rates if offers(settings, service, rate)]
    key = min(((price_of(r) or 0, text(r, "id")) for r in offered), default=None)
    return next((r for r in offered if (price_of(r), text(r, "id")) == key), None)


def price_of(rate: Document) -> int | None:
    """Return a rate's price in cents, written as text here and as float there."""
    found = amount(rate.get("rate"))
    return cents(found) if found is not None and found >= 0 else None


def quoted_cents(quote_id: str | None) -> int | None:
    """Return the price a quote of ours had; None where it is none of ours."""
    last = (quote_id or "").rpartition("/")[2]
    return int(last) if last.isascii() and last.isdigit() else None


def parse_booking(
    settings: EasyPostSettings,
    shipment: Document,
    carrier: CarrierId | None = None,
    reference: str | None = None,
) -> Booking:
    """Read a shipment that was bought.

    What is owed is the rate and every further fee that was charged. The
    carrier and the reference are as asked for, else as the shipment has them.
    """
    rate = child(shipment, "selected_rate")
    price = amount(rate.get("rate"))
    owed = _fees(shipment, postage=price is None) + (price or Decimal(0))
    number = text(shipment, "tracking_code") or text(
        child(shipment, "tracker"), "tracking_code"
    )
    if not number:
        msg = "shipment.tracking_code: expected a text, got nothing"
        raise ContractViolation(msg, raw=raw_of(shipment))
    outcome = void_of(shipment)
    try:
        return Booking(
            id=needed(shipment, "id", "shipment"),
            reference=reference or text(shipment, "reference"),
            carrier=carrier or carrier_of(settings, text(rate, "carrier")),
            service=service_of(settings, rate),
            tracking_number=number,
            cost_cents=cents(owed),
            currency=text(rate, "currency") or "USD",
            void_until=void_until(shipment),
            voided=outcome is VoidOutcome.VOIDED,
            void=outcome,
            raw=raw_of(shipment),
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        msg = f"shipment.{first['loc'][0]}: {first['msg']}"
        raise ContractViolation(msg, raw=raw_of(shipment)) from None


def bought(shipment: Document) -> bool:
    """Tell whether there is a label, or will be."""
    return bool(text(shipment, "tracking_code") or child(shipment, "postage_label"))


def reference_is(shipment: Document, reference: str) -> bool:
    """Tell whether a shipment is ours by reference, or a later one for it."""
    theirs = text(shipment, "reference")
    head, mark, number = theirs.rpartition(AFTER_VOID)
    return theirs == reference or (
        bool(mark) and head == reference and number.isdigit()
    )


def later(reference: str, nth: int) -> str:
    """Return what the nth shipment under a reference is called."""
    return reference if nth == 1 else f"{reference}{AFTER_VOID}{nth}"


def usable(shipment: Document, parcel: BookParcel, since: datetime) -> bool:
    """Tell whether a shipment not yet bought is the same thing, and fresh."""
    made = instant(shipment, "created_at")
    weight = amount(child(shipment, "parcel").get("weight"))
    to = text(child(shipment, "to_address"), "zip")
    same_zip = plain(to)[:5] == plain(parcel.ship_to.postal_code)[:5]
    same_weight = weight is not None and float(weight) == ounces(
        parcel.pieces[0].weight_g
    )
    return made is not None and made >= since and same_zip and same_weight


def void_of(shipment: Document) -> VoidOutcome | None:
    """Say what became of taking a label back; None where nobody asked.

    A word nobody knows is a request: money is owed until it is confirmed.
    Where carriage is billed when it is scanned and nothing was charged,
    nothing is to be paid back: the label is void.
    """
    word = text(shipment, "refund_status").lower()
    if not word:
        return None
    if word == "not_applicable" and _charged_nothing(shipment):
        return VoidOutcome.VOIDED
    return REFUNDS.get(word, VoidOutcome.REQUESTED)


def refused_void(shipment: Document, now: datetime) -> VoidOutcome:
    """Say why a label is not taken back, from where its parcel is."""
    if not bought(shipment):
        return VoidOutcome.NEVER_BOOKED
    known = void_of(shipment)
    if known in TAKEN_BACK:
        return known
    moving = {text(shipment, "status"), text(child(shipment, "tracker"), "status")}
    if moving & MOVING:
        return VoidOutcome.TOO_LATE
    until = void_until(shipment)
    if known is None and until is not None and now > until:
        return VoidOutcome.EXPIRED
    return VoidOutcome.REFUSED


def void_until(shipment: Document) -> datetime | None:
    """Return when a label can no longer be given back; None where it is not said."""
    label = child(shipment, "postage_label")
    made = instant(label, "created_at", "label_date") or instant(shipment, "created_at")
    carrier = plain(text(child(shipment, "selected_rate"), "carrier"))
    allowed = VOID_DAYS.get(carrier)
    return made + timedelta(days=allowed) if made and allowed else None


def why_no_rate(shipment: Document) -> str:
    """Return what carriers said instead of a price."""
    said = [text(m, "message") for m in children(shipment, "messages")]
    return "; ".join(part for part in said if part)[:200]


def _quote(
    settings: EasyPostSettings,
    request: RateRequest,
    service: ServiceId,
    rate: Document,
    told: Document,
    expires_at: datetime,
) -> Quote:
    price = price_of(rate) or 0
    named = next(
        (d for n in ("est_delivery_days", "delivery_days")
         if (d := days(rate.get(n))) is not None),
        None,
    )  # fmt: skip
    p50 = days(told.get("percentile_50"))
    p50 = named if p50 is None else p50
    p90 = days(told.get("percentile_90"))
    p90 = p50 if p90 is None else p90
    half = USUAL_DAYS if p50 is None else p50
    most = max(half, half if p90 is None else p90)
    return Quote(
        id=f"{text(rate, 'shipment_id')}/{text(rate, 'id')}/{price}",
        service=service,
        carrier=carrier_of(settings, text(rate, "carrier")),
        total_cents=price,
        currency=text(rate, "currency") or "USD",
        p50_at=request.ready_at + timedelta(days=half),
        p90_at=request.ready_at + timedelta(days=most),
        expires_at=expires_at,
        estimated=p50 is not None,
        raw=raw_of({**rate, "time_in_transit": told}),
    )


def _percentiles(smart: Document) -> dict[str, Document]:
    """Return the days in transit by rate id, in either shape that tells them."""
    found = {}
    for item in children(smart, "result"):
        found[text(item, "id")] = child(item, "time_in_transit")
    for item in children(smart, "rates"):
        transit = child(child(item, "easypost_time_in_transit_data"), "days_in_transit")
        found[text(child(item, "rate"), "id")] = transit
    return found


def _fees(shipment: Document, *, postage: bool) -> Decimal:
    found = Decimal(0)
    for fee in children(shipment, "fees"):
        owed = amount(fee.get("amount"))
        counts = postage or text(fee, "type") != "PostageFee"
        if owed is not None and owed > 0 and counts and fee.get("charged") is True:
            found += owed
    return found


def _charged_nothing(shipment: Document) -> bool:
    fees = children(shipment, "fees")
    return bool(fees) and not any(
        fee.get("charged") is not False
        and text(fee, "type") == "PostageFee"
        and amount(fee.get("amount")) != 0
        for fee in fees
    )
