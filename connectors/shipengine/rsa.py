"""Whether an RSA signature is genuine: RSASSA-PKCS1-v1_5 with SHA-256.

Only the public side, which knows no secret, so that plain integers do. What
was signed is encoded anew and compared whole; nothing of a signature is parsed.

References
----------
.. [1] RFC 8017, PKCS #1: RSA Cryptography Specifications, section 8.2.2.
.. [2] RFC 7518, JSON Web Algorithms, section 6.3.1.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What stands before the digest in DER: it is a SHA-256.
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_FEWEST_BITS, _MOST_BITS = 2_048, 8_192


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA key's modulus and public exponent."""

    modulus: int
    exponent: int

    def signed(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the owner of the private half signed a message."""
        length = (self.modulus.bit_length() + 7) // 8
        value = int.from_bytes(signature, "big")
        if len(signature) != length or value >= self.modulus:
            return False
        opened = pow(value, self.exponent, self.modulus).to_bytes(length, "big")
        tail = _DIGEST_INFO + hashlib.sha256(message).digest()
        filling = b"\xff" * (length - len(tail) - 3)
        return hmac.compare_digest(opened, b"\x00\x01" + filling + b"\x00" + tail)


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Read a JSON Web Key.

    Raises
    ------
    ValueError
        For what is no RSA key of 2,048 to 8,192 bits with a usual exponent.
    """
    if jwk.get("kty") != "RSA" or jwk.get("alg", "RS256") != "RS256":
        msg = "it is no RSA key for SHA-256"
        raise ValueError(msg)
    key = PublicKey(_number(jwk.get("n")), _number(jwk.get("e")))
    sizes = _FEWEST_BITS <= key.modulus.bit_length() <= _MOST_BITS
    exponents = 3 <= key.exponent < 2**32 and key.exponent % 2
    if not (sizes and exponents and key.modulus % 2):
        msg = "its modulus or exponent is none that is used"
        raise ValueError(msg)
    return key


def _number(encoded: Any) -> int:
    if not isinstance(encoded, str) or not encoded.isascii():
        msg = "a number of it is missing"
        raise ValueError(msg)
    padded = encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4)
    return int.from_bytes(base64.urlsafe_b64decode(padded), "big")
