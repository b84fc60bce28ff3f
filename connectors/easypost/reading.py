"""EasyPost's JSON read with care: nulls, strings for numbers, and worse; pure."""

import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from domain.errors import ContractViolation
from domain.wire import raw_of

Document = dict[str, Any]

# More would be no price of a parcel.
MOST_CENTS = 10**9


def parsed(body: bytes) -> Document:
    """Read raw bytes as a JSON object."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = f"the webhook is not JSON: {error}"
        raise ContractViolation(msg, raw=raw_of(body)) from None
    return an_object(document, "webhook")


def an_object(document: Any, what: str) -> Document:
    """Return a JSON object; anything else is a contract violation."""
    if not isinstance(document, dict):
        msg = f"{what}: expected a JSON object, got {type(document).__name__}"
        raise ContractViolation(msg, raw=raw_of(document))
    return document


def child(document: Document, name: str) -> Document:
    """Return the object of that name; an empty one where there is none."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def children(document: Document, name: str) -> list[Document]:
    """Return the objects in the list of that name; what is none is left out."""
    found = document.get(name)
    return [i for i in found if isinstance(i, dict)] if isinstance(found, list) else []


def text(document: Document, name: str) -> str:
    """Return the text of that name; empty where it is null or no text."""
    found = document.get(name)
    return found.strip() if isinstance(found, str) else ""


def needed(document: Document, name: str, what: str) -> str:
    """Return the text of that name; a contract violation where it is missing."""
    found = text(document, name)
    if not found:
        msg = f"{what}.{name}: expected a text, got {document.get(name)!r:.80}"
        raise ContractViolation(msg, raw=raw_of(document))
    return found


def amount(value: Any) -> Decimal | None:
    """Return money written as text, float or integer; None where it is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) * 100 < MOST_CENTS else None


def cents(value: Decimal) -> int:
    """Return an amount in cents; half a cent goes up."""
    return int((value * 100).to_integral_value(ROUND_HALF_UP))


def instant(document: Document, *names: str) -> datetime | None:
    """Return the first of some instants that is there; without zone it is UTC."""
    for name in names:
        try:
            found = datetime.fromisoformat(text(document, name))
        except ValueError:
            continue
        try:
            aware = found if found.tzinfo else found.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        except OverflowError:
            continue
    return None


def days(value: Any) -> float | None:
    """Return a number of days that a parcel may take; None where it is none."""
    found = amount(value)
    return float(found) if found is not None and 0 <= found <= 366 else None
