"""What labels of ShipEngine look like, and where they are; pure."""

import base64
import binascii
from typing import Any

from connectors.fields import table
from domain.errors import ContractViolation
from domain.wire import raw_of


def label_place(document: Any, label_format: str) -> str:
    """Return where the label is: an address, or the label itself as `data:`."""
    places = table(document).get("label_download")
    known = places if isinstance(places, dict) else {}
    for name in (label_format, "href"):
        found = known.get(name)
        # Older answers wrap the address once more.
        found = found.get("href") if isinstance(found, dict) else found
        if isinstance(found, str) and found:
            return found
    msg = "label_download: it names no address"
    raise ContractViolation(msg, raw=raw_of(document))


def inline(place: str) -> tuple[str, bytes] | None:
    """Read a `data:` address: media type and content; None for another kind."""
    if not place.startswith("data:"):
        return None
    head, _, body = place.removeprefix("data:").partition(",")
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content or not head.endswith(";base64"):
        msg = "label_download: its content cannot be read"
        raise ContractViolation(msg)
    return head.partition(";")[0], content
