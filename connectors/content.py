"""Ids for facts that come without one."""

import hashlib
import json
from typing import Any


def content_id(*parts: Any) -> str:
    """Return an id of a fact's content: equal facts, equal ids.

    Give what makes the fact itself (parcel, status, instant), not what differs
    between two deliveries of it (the time it was sent, a delivery's number).
    """
    text = json.dumps(parts, default=str, sort_keys=True)
    return f"c-{hashlib.sha256(text.encode()).hexdigest()[:24]}"
