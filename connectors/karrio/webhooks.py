"""Karrio's webhooks: a shared secret in a header, and no id of their own.

The header is called ``X-Event-Id`` and holds the webhook's secret. Nothing is
signed and nothing carries a time, so that a copy can only be known by what it
says: its facts get ids made of their content.
"""

import hmac
import json
from collections.abc import Mapping

from pydantic import SecretStr

from connectors.karrio.settings import KarrioSettings
from connectors.karrio.tracking import parse_tracker
from domain.errors import ContractViolation
from domain.shipping import ParcelScan
from domain.wire import raw_of

SECRET_HEADER = "x-event-id"
ABOUT_TRACKERS = "tracker_"


def verify(secret: SecretStr | None, headers: Mapping[str, str]) -> bool:
    """Tell whether the sender knows the webhook's secret."""
    if secret is None or not secret.get_secret_value():
        return False
    lowered = {name.lower(): value for name, value in headers.items()}
    given = lowered.get(SECRET_HEADER, "").encode()
    return hmac.compare_digest(given, secret.get_secret_value().encode())


def parse(settings: KarrioSettings, body: bytes) -> tuple[ParcelScan, ...]:
    """Read the scans of a tracker's webhook, oldest first.

    Other events (shipments, orders, batches) tell nothing that we did not do.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = f"the webhook is not JSON: {error}"
        raise ContractViolation(msg, raw=raw_of(body)) from None
    if not isinstance(document, dict) or not isinstance(document.get("event"), str):
        msg = "event: expected an object with the name of an event"
        raise ContractViolation(msg, raw=raw_of(body))
    if not document["event"].startswith(ABOUT_TRACKERS):
        return ()
    return parse_tracker(settings, document.get("data"))
