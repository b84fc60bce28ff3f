"""ShipEngine's labels and refusals in our words; pure.

Prices are in ``rates.py``, forms in ``forms.py``, what labels look like in
``pictures.py``, verdicts on addresses in ``checks.py``; what we say is in
``requests.py``.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from connectors.answers import Answer, Problem
from connectors.fields import instant, rows, table, word
from connectors.shipengine.settings import ShipEngineSettings
from domain.errors import ContractViolation, InvalidRequest
from domain.quantities import CarrierId, ServiceId
from domain.shipping import (
    Booking,
    VoidOutcome,
)
from domain.wire import raw_of

DUPLICATE = "duplicate-external-id"
_VOIDS: Mapping[str, VoidOutcome] = MappingProxyType(
    {
        "label_already_voided": VoidOutcome.VOIDED,
        "label_not_found_within_void_period": VoidOutcome.EXPIRED,
        "label_already_used": VoidOutcome.TOO_LATE,
    }
)
_REFUNDS: Mapping[str, VoidOutcome] = MappingProxyType(
    {
        "request_scheduled": VoidOutcome.REQUESTED,
        "pending": VoidOutcome.REQUESTED,
        "rejected": VoidOutcome.REFUSED,
        "excluded": VoidOutcome.REFUSED,
    }
)


def problem_of(answer: Answer) -> Problem | None:
    """Read what it says went wrong; a 2xx is fine."""
    if 200 <= answer.status < 300:
        return None
    try:
        errors = rows(table(answer.json()).get("errors"))
    except ContractViolation:
        return None
    first = next(iter(errors), {})
    said = [word(error, "message") for error in errors]
    code = word(first, "error_code")
    if 400 <= answer.status < 500 and any(map(_is_duplicate, errors)):
        code = DUPLICATE
    return Problem(code, "; ".join(filter(None, said)))


def parse_label(document: Any, reference: str, settings: ShipEngineSettings) -> Booking:
    """Read one label that was bought."""
    label = table(document)
    if word(label, "status") == "error":
        msg = "the label was not made: its status is 'error'"
        raise InvalidRequest(msg, raw=raw_of(document))
    account, code = word(label, "carrier_id"), word(label, "service_code")
    carrier, service = _names(account, word(label, "carrier_code"), code, settings)
    cost, currency = 0, "USD"
    if label.get("shipment_cost") is not None:
        # Without one it is charged later; a label we did not read stays unvoided.
        cost, currency = sum_of(label, ("shipment_cost", "insurance_cost"))
    voided = label.get("voided") is True or word(label, "status") == "voided"
    void_until = None
    booked_at = instant(label.get("created_at"))
    if booked_at is not None and settings.void_window_h is not None:
        void_until = booked_at + timedelta(hours=settings.void_window_h)
    return Booking(
        id=needed(label, "label_id"),
        reference=reference,
        carrier=carrier,
        service=service,
        tracking_number=word(label, "tracking_number"),
        cost_cents=cost,
        currency=currency,
        void_until=void_until,
        voided=voided,
        void=_refund(label) if voided else None,
        raw=raw_of(label),
    )


def parse_labels(
    pages: list[Any], reference: str, settings: ShipEngineSettings
) -> tuple[Booking, ...]:
    """Read the labels of one shipment, oldest first; failed ones are none."""
    found: dict[str, dict[str, Any]] = {}
    for page in pages:
        labels = table(page).get("labels")
        if not isinstance(labels, list):
            msg = "labels: expected a list"
            raise ContractViolation(msg, raw=raw_of(page))
        found |= {needed(label, "label_id"): label for label in rows(labels)}
    bought = [
        label
        for label in found.values()
        if word(label, "status") != "error" and label.get("is_return_label") is not True
    ]
    bought.sort(key=lambda label: (word(label, "created_at"), word(label, "label_id")))
    return tuple(parse_label(label, reference, settings) for label in bought)


def parse_void(document: Any) -> VoidOutcome:
    """Read what became of a void; a no comes with HTTP 200 as well."""
    answer = table(document)
    approved = answer.get("approved")
    if not isinstance(approved, bool):
        msg = f"approved: expected true or false, got {approved!r}"
        raise ContractViolation(msg, raw=raw_of(document))
    if approved:
        return VoidOutcome.VOIDED
    return _VOIDS.get(word(answer, "reason_code"), VoidOutcome.REFUSED)


def cents_of(found: Any) -> int:
    """Read an amount, told as number or text, to whole cents.

    Raises
    ------
    ValueError
        For what is no amount.
    """
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        msg = f"{found!r} is no amount"
        raise ValueError(msg)
    try:
        cents = (Decimal(str(found)) * 100).quantize(Decimal(1))
    except InvalidOperation:
        msg = f"{found!r} is no amount"
        raise ValueError(msg) from None
    return int(cents)


def sum_of(source: dict[str, Any], names: tuple[str, ...]) -> tuple[int, str]:
    """Add amounts of one currency; the first one has to be there."""
    total, currencies = 0, set()
    for name in names:
        money = source.get(name)
        if money is None and name != names[0]:
            continue
        try:
            cents = cents_of(table(money).get("amount"))
        except ValueError as error:
            msg = f"{name}.amount: {error}"
            raise ContractViolation(msg, raw=raw_of(source)) from None
        total += cents
        if cents or name == names[0]:
            currencies.add(word(table(money), "currency").upper() or "USD")
    if total < 0 or len(currencies) > 1:
        said = ", ".join(sorted(currencies))
        msg = f"{names[0]}: {total} cents in {said} cannot be added up"
        raise ContractViolation(msg, raw=raw_of(source))
    return total, currencies.pop()


def _names(
    account: str, carrier_code: str, code: str, settings: ShipEngineSettings
) -> tuple[CarrierId, ServiceId]:
    """Return our names of an account's service; theirs where we have none."""
    for name, service in settings.services.items():
        if service.code == code and settings.accounts[service.carrier].id == account:
            return service.carrier, name
    carriers = [name for name, its in settings.accounts.items() if its.id == account]
    carrier = carriers[0] if carriers else settings.carrier_of(carrier_code)
    return carrier, ServiceId(code)


def _refund(label: dict[str, Any]) -> VoidOutcome:
    details = label.get("refund_details")
    status = word(details, "refund_status") if isinstance(details, dict) else ""
    return _REFUNDS.get(status, VoidOutcome.VOIDED)


def needed(source: dict[str, Any], name: str) -> str:
    """Return a field's text; ContractViolation where there is none."""
    found = word(source, name)
    if not found:
        msg = f"{name}: it is missing"
        raise ContractViolation(msg, raw=raw_of(source))
    return found


def _is_duplicate(error: dict[str, Any]) -> bool:
    """Tell whether an error is of our own reference having been used."""
    about = f"{word(error, 'field_name')} {word(error, 'message')}".lower()
    told = "external_shipment_id" in about or "external shipment" in about
    words = ("already", "exist", "unique", "duplicate", "conflict", "in use")
    return (told and any(w in about for w in words)) or (
        word(error, "error_code") == "identifier_conflict"
    )
