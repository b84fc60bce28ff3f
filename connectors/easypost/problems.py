"""EasyPost's refusals in our words: nested lists, texts and all."""

import json
from typing import Any

from connectors.answers import Answer
from connectors.http import Problem
from domain.errors import (
    AuthFailed,
    ConnectorError,
    OutcomeUnknown,
    QuoteExpired,
    StateConflict,
)

MOST_PARTS = 12


class PostageExists(StateConflict):
    """The shipment was bought before; no second label was made."""


class AddressRefused(StateConflict):
    """The address could not be verified."""


CODES: dict[str, type[ConnectorError]] = {
    "SHIPMENT.POSTAGE.EXISTS": PostageExists,
    # The carrier did not answer EasyPost: a label may exist.
    "SHIPMENT.POSTAGE.TIMED_OUT": OutcomeUnknown,
    "SHIPMENT.POSTAGE.NO_RESPONSE": OutcomeUnknown,
    "SHIPMENT.PURCHASE.IN_PROGRESS": OutcomeUnknown,
    "SHIPMENT.REFUND.UNAVAILABLE": StateConflict,
    "SHIPMENT.RATE.UNAVAILABLE": QuoteExpired,
    "RATE.UNAVAILABLE": QuoteExpired,
    "RATE.NOT_FOUND": QuoteExpired,
    "ADDRESS.VERIFY.FAILURE": AddressRefused,
    "ADDRESS.VERIFICATION.FAILURE": AddressRefused,
    "APIKEY.INACTIVE": AuthFailed,
    "PAYMENT_REQUIRED": StateConflict,
    "INSUFFICIENT_FUNDS": StateConflict,
}


def problem_of(answer: Answer) -> Problem | None:
    """Read what went wrong; None where nothing did.

    An answer of 2xx that holds nothing but an error is a refusal as well.
    """
    fine = 200 <= answer.status < 300
    if fine and b'"error' not in answer.body[:200]:
        return None
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    said = document.get("error") or document.get("errors")
    if fine and (not said or "id" in document):
        return None
    if not isinstance(said, dict):
        return Problem("", "; ".join(_sentences(said or document.get("message"))))
    code = said.get("code")
    parts = [*_sentences(said.get("message")), *_sentences(said.get("errors"))]
    return Problem(code if isinstance(code, str) else "", "; ".join(parts))


def _sentences(said: Any) -> list[str]:
    """Flatten what may be a text, an object, or lists of both, in each other."""
    found: list[str] = []
    left = [said]
    while left and len(found) < MOST_PARTS:
        part = left.pop(0)
        if isinstance(part, str) and part.strip():
            found.append(part.strip())
        elif isinstance(part, list):
            left[:0] = part
        elif isinstance(part, dict):
            found.extend(_of_field(part))
            left[:0] = [v for k, v in part.items() if k not in _TOLD]
    return found


_TOLD = {"code", "field", "message", "suggestion"}


def _of_field(part: dict[str, Any]) -> list[str]:
    message = part.get("message")
    if isinstance(message, list | dict):
        return _sentences(message)
    told = [part.get("field"), message if message else part.get("code")]
    said = ": ".join(word for word in told if isinstance(word, str) and word)
    return [said] if said else []
