"""ShipEngine's prices in our words; pure."""

from datetime import timedelta
from typing import Any

from connectors.fields import instant, rows, table, word
from connectors.shipengine.mapping import needed, sum_of
from connectors.shipengine.settings import ShipEngineSettings
from domain.errors import ContractViolation, StateConflict
from domain.quantities import ServiceId
from domain.shipping import BookParcel, Quote, RateRequest
from domain.wire import raw_of

_CHARGES = ("shipping_amount", "insurance_amount", "confirmation_amount")
_MORE_CHARGES = ("other_amount", "tax_amount")
# An estimate knows of no insurance: without it the two can be compared.
_COMPARED = ("shipping_amount", "confirmation_amount")


def parse_estimates(
    document: Any, request: RateRequest, settings: ShipEngineSettings
) -> dict[ServiceId, Quote]:
    """Read what each service asked for costs for one piece.

    Of several prices for one service (kinds of packages) the lowest counts;
    one that says it is not valid is left out.
    """
    if not isinstance(document, list):
        msg = f"rates: expected a list, got {type(document).__name__}"
        raise ContractViolation(msg, raw=raw_of(document))
    found: dict[ServiceId, Quote] = {}
    for rate in rows(document):
        if word(rate, "validation_status") == "invalid" or rate.get("error_messages"):
            continue
        for name in _services(rate, request, settings):
            quote = _quote(rate, name, request, settings)
            best = found.get(name)
            if best is None or quote.total_cents < best.total_cents:
                found[name] = quote
    return found


def together(quotes: list[Quote]) -> Quote:
    """Return the price of several pieces that travel as one shipment."""
    return quotes[0].model_copy(
        update={
            "total_cents": sum(quote.total_cents for quote in quotes),
            "p50_at": max(quote.p50_at for quote in quotes),
            "p90_at": max(quote.p90_at for quote in quotes),
            "estimated": all(quote.estimated for quote in quotes),
        }
    )


def quote_id(service: ServiceId, cents: int) -> str:
    """Name a quote so that its price is known again when it is bought."""
    return f"estimate/{service}/{cents}"


def quoted_cents(quote: str | None) -> int | None:
    """Return the price in a quote's name; None where there is none."""
    last = (quote or "").rpartition("/")[2]
    return int(last) if last.isascii() and last.isdigit() else None


def offered(
    document: Any, parcel: BookParcel, settings: ShipEngineSettings
) -> tuple[str, int]:
    """Return the id and the price of the rate at which a parcel can be bought.

    Of several the cheapest. The price is without insurance, as a quote is.

    Raises
    ------
    StateConflict
        Where the service is not offered to this address.
    """
    answer = table(table(document).get("rate_response"))
    service = settings.services[parcel.service]
    account = settings.accounts[service.carrier].id
    fit = [
        rate
        for rate in rows(answer.get("rates"))
        if word(rate, "service_code") == service.code
        and word(rate, "carrier_id") == account
        and word(rate, "validation_status") != "invalid"
        and not rate.get("error_messages")
    ]
    priced = [
        (sum_of(rate, _COMPARED + _MORE_CHARGES)[0], needed(rate, "rate_id"))
        for rate in fit
    ]
    if not priced:
        said = [
            text
            for rate in rows(answer.get("invalid_rates"))
            for text in rate.get("error_messages") or ()
            if isinstance(text, str)
        ]
        said += [word(error, "message") for error in rows(answer.get("errors"))]
        why = "; ".join(filter(None, said)) or "it has no price for this address"
        msg = f"service: {parcel.service!r} is not offered ({why})"
        raise StateConflict(msg, raw=raw_of(document))
    cents, name = min(priced)
    return name, cents


def _services(
    rate: dict[str, Any], request: RateRequest, settings: ShipEngineSettings
) -> list[ServiceId]:
    """Return which of the services asked for this price is of."""
    account, code = word(rate, "carrier_id"), word(rate, "service_code")
    known = {
        name: settings.services[name]
        for name in request.services
        if name in settings.services
    }
    return [
        name
        for name, service in known.items()
        if service.code == code and settings.accounts[service.carrier].id == account
    ]


def _quote(
    rate: dict[str, Any],
    name: ServiceId,
    request: RateRequest,
    settings: ShipEngineSettings,
) -> Quote:
    total, currency = sum_of(rate, _CHARGES + _MORE_CHARGES)
    ready_at, service = request.ready_at, settings.services[name]
    arrives = instant(rate.get("estimated_delivery_date"))
    days = rate.get("delivery_days")
    if arrives is None and type(days) is int and 0 < days < 400:
        arrives = ready_at + timedelta(days=days)
    estimated = arrives is not None
    if arrives is None:
        arrives = ready_at + timedelta(hours=service.usual_transit_h)
    arrives = max(arrives, ready_at)
    return Quote(
        id=quote_id(name, total),
        service=name,
        carrier=service.carrier,
        total_cents=total,
        currency=currency,
        p50_at=arrives,
        p90_at=arrives,
        expires_at=ready_at + timedelta(hours=settings.quote_lifetime_h),
        estimated=estimated,
        raw=raw_of(rate),
    )
