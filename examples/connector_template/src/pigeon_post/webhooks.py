"""Is a webhook Pigeon Post's: HMAC-SHA256 over the raw body, in hex."""

import hashlib
import hmac
from collections.abc import Mapping

from pydantic import SecretStr

HEADER = "x-pigeon-signature"


def sign(secret: SecretStr, body: bytes) -> str:
    """Return the signature of these very bytes."""
    key = secret.get_secret_value().encode()
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def verify(secret: SecretStr, headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether the holder of the secret sent these bytes."""
    lowered = {name.lower(): value for name, value in headers.items()}
    given = lowered.get(HEADER, "").encode()
    return hmac.compare_digest(given, sign(secret, body).encode())
