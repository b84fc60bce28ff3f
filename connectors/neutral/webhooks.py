"""Signed webhooks in the manner of Standard Webhooks: id, timestamp, raw body."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
SCHEME = "v1"


def sign(secret: SecretStr, message_id: str, sent_at: datetime, body: bytes) -> str:
    """Return the signature of these very bytes, sent at that real instant."""
    timestamp = str(int(sent_at.timestamp()))
    digest = _digest(secret, message_id, timestamp, body)
    return f"{SCHEME},{base64.b64encode(digest).decode()}"


def signed_headers(
    secret: SecretStr, message_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """Return the headers that go with a signed webhook."""
    return {
        "content-type": "application/json",
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(int(sent_at.timestamp())),
        SIGNATURE_HEADER: sign(secret, message_id, sent_at, body),
    }


def verify(
    secret: SecretStr,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    tolerance_s: int,
) -> bool:
    """Tell whether the holder of the secret sent these bytes, and just now.

    Parameters
    ----------
    secret
        What both sides know.
    headers
        As received; names in any case. The signature header may hold several
        signatures apart by blanks, while a secret is being exchanged.
    body
        The raw bytes, before anything parsed them.
    now
        The real instant of arrival (never the business clock).
    tolerance_s
        How far the timestamp may be from ``now``, either way.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    message_id = lowered.get(ID_HEADER, "")
    timestamp = lowered.get(TIMESTAMP_HEADER, "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(now.timestamp() - int(timestamp[:16])) > tolerance_s:
        return False
    expected = _digest(secret, message_id, timestamp, body)
    return any(
        _matches(given, expected)
        for given in lowered.get(SIGNATURE_HEADER, "").split()[:8]
    )


def _matches(given: str, expected: bytes) -> bool:
    scheme, _, encoded = given.partition(",")
    if scheme != SCHEME:
        return False
    try:
        digest = base64.b64decode(encoded, validate=True)
    except ValueError:
        return False
    return hmac.compare_digest(digest, expected)


def _digest(secret: SecretStr, message_id: str, timestamp: str, body: bytes) -> bytes:
    signed = f"{message_id}.{timestamp}.".encode() + body
    key = secret.get_secret_value().encode()
    return hmac.new(key, signed, hashlib.sha256).digest()
