"""A pair of RSA keys made for these tests, and a way to sign with it."""

import base64
import hashlib

MODULUS = int(
    "c6e91f3194eb4ce481ecc401e6a15d9ec52c7dce6655e985be9c2edf9c9b3cc8"
    "050f2284e3c4a3682af31e258bffb377accf87d3fa45ede11bb048d8f8a378ab"
    "f1bd8172f8c3304173bb98a5c948c1e7a4b52c9a7571f19a13a978ab16e806f2"
    "a3286647d4003ab17819d68ef910498147a0e2b0b4289ca32ca0ca48d34c24eb"
    "78acebe96270466165d4b6bc05f256b922ffb82f2d6a0d9aa145cf825c10e1e2"
    "e0bf639c00193bd8241041a00f5e37d0bf0efdb3276c4a06886ef76dbee4cf19"
    "1ad5cd71414178f1b3c3b9e4f097aa2d735d5afa45b01b606f1fe2ce66b6b19f"
    "7d4c149a81312da66a3c58390019229570254fac3eb31e44b66732d7a9b3f7bb",
    16,
)
EXPONENT = 65_537
_PRIVATE = int(
    "4139bfb760087ac9f1cae4896509e42bc4a76ec7a86a22adef4fc2d523c309fe"
    "e31dcfe978d109ee862afbe73f0dc5d9880af394f0dc4e8183355ee5fb3e8bbb"
    "0285ec75799a73effa95f91be031e217e63c5cd8778bba38969afb8d4af1221a"
    "1da3894aa37bc1c3614943c0d56e60542adb588aae4125002309c4db75a261f6"
    "5b3605f9caaf1f7a971044c3c2ddd9be7ed8d807c970a2ff6b536b7d2e018ab2"
    "e0c3b5b256b3b6509076e3e362ac2f4677edafd621f78ec963971a6c7f8fa4f7"
    "18f8baf3d35be3e89fc5dca411881fe3b816b553e50949361430f0619a35ecfb"
    "c0e3690a211821e547c98ae278275f804797a45b8dcfaff58207eaf67fcfae85",
    16,
)
KEY_ID = "a-key-for-tests"
# `openssl dgst -sha256 -sign` made it of MESSAGE with this pair.
MESSAGE = b'2026-03-02T12:00:00Z.{"a":1}'
SIGNATURE = base64.b64decode(
    "uT/SzoCrEZ/IifK0mgznw12EZuN999w5LL1VrbuepoVDRZ7w4X5YNzbcPN+rl4kK"
    "6rk+mF8jtx/pYLv5Ehhs6wlVm6eS4n5Uw+qOX89qHLTV2SK0bEkoAbJsG1cmvWik"
    "4nji52dD3vSJf8AJgF4A19fYh21TrSsCE9ELjBGmQAih0+qaYDWjbtVCSZQKF/vp"
    "Dwb4AHtaqJwAWYmxauKDvu3coraYIBE0nm/XRamY1WY5KQY6yULh8ENs0X3Pj4O5"
    "S93fDju+K6cu2ABGxAxYfGKFAAL8XAk/OOhupXo2jko3T1jOtsvwShwdf353/k5H"
    "gsIJqeruLKCJUCcU1QGaTA=="
)
_SHA_256 = bytes.fromhex("3031300d060960864801650304020105000420")


def jwk(**changes: str) -> dict[str, str]:
    """Return the public half as it is published."""
    key = {
        "kty": "RSA",
        "kid": KEY_ID,
        "alg": "RS256",
        "use": "sig",
        "n": _encoded(MODULUS),
        "e": _encoded(EXPONENT),
    }
    return {**key, **changes}


def sign(message: bytes, *, filling: bytes = b"\xff") -> bytes:
    """Sign with the private half, as RFC 8017 has it."""
    tail = b"\x00" + _SHA_256 + hashlib.sha256(message).digest()
    block = b"\x00\x01" + filling * (256 - len(tail) - 2) + tail
    return pow(int.from_bytes(block, "big"), _PRIVATE, MODULUS).to_bytes(256, "big")


def _encoded(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
