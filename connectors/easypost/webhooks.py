"""EasyPost's webhooks: signed with HMAC-SHA256 over the raw body."""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import SecretStr

SIGNATURE = "x-hmac-signature"
SIGNATURE_2 = "x-hmac-signature-v2"
TIMESTAMP = "x-timestamp"
PATH = "x-path"
PREFIX = "hmac-sha256-hex="


def sign(secret: SecretStr, message: bytes) -> str:
    """Return the signature of these very bytes, as the header has it."""
    return PREFIX + hmac.new(_key(secret), message, hashlib.sha256).hexdigest()


def verify(
    secret: SecretStr,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    tolerance_s: int,
    timestamps: bool = False,
) -> bool:
    """Tell whether the holder of the secret sent these bytes.

    The first kind of signature says nothing of when; a copy is known by its
    content. The second kind signs the time, the path and the body, and holds
    only for a while.

    Parameters
    ----------
    secret
        What both sides know; it is brought into Unicode form NFKD first.
    headers
        As received; names in any case.
    body
        The raw bytes, before anything parsed them.
    now
        The real instant of arrival (never the business clock).
    tolerance_s
        How far a signed time may be from ``now``, either way.
    timestamps
        True to believe only the second kind.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    if not body:
        return False
    second = _second(secret, lowered, body)
    sent_at = _sent_at(lowered.get(TIMESTAMP, ""))
    fresh = sent_at is not None and abs((now - sent_at).total_seconds()) <= tolerance_s
    if second and not fresh:
        return False
    if timestamps or SIGNATURE not in lowered:
        return second
    return _same(sign(secret, body), lowered[SIGNATURE])


def _second(secret: SecretStr, lowered: Mapping[str, str], body: bytes) -> bool:
    given, sent = lowered.get(SIGNATURE_2, ""), lowered.get(TIMESTAMP, "")
    if not given or not sent:
        return False
    path = lowered.get(PATH, "")
    message = f"{sent}POST{path}".encode() + body
    return _same(sign(secret, message), given)


def _same(expected: str, given: str) -> bool:
    given = given.strip()
    if not given.lower().startswith(PREFIX):
        given = PREFIX + given
    return hmac.compare_digest(expected.encode(), given.lower().encode())


def _sent_at(given: str) -> datetime | None:
    """Read a time of sending: seconds, ISO 8601, or as in mail."""
    try:
        if given.isascii() and given.isdigit():
            return datetime.fromtimestamp(int(given[:10]), UTC)
        try:
            found = datetime.fromisoformat(given)
        except ValueError:
            found = parsedate_to_datetime(given)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _key(secret: SecretStr) -> bytes:
    return unicodedata.normalize("NFKD", secret.get_secret_value()).encode()
