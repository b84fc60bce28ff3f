"""How a client proves who it is; whoever holds a secret never shows it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

# A shorter secret is not replaced in texts: it would take words apart.
SHORTEST_SECRET = 4


class Auth(Protocol):
    """Headers and query that go with every request, and what to keep out of sight."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers of every request."""

    def params(self) -> Mapping[str, str]:
        """Return the query of every request."""

    def secrets(self) -> tuple[str, ...]:
        """Return every text that must never be shown."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """``Authorization: Bearer …`` (RFC 6750)."""

    secret: SecretStr

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.secret.get_secret_value()}"}

    def params(self) -> Mapping[str, str]:
        return {}

    def secrets(self) -> tuple[str, ...]:
        return (self.secret.get_secret_value(),)


@dataclass(frozen=True, slots=True)
class Basic:
    """``Authorization: Basic …`` (RFC 7617); some put a key where the user is."""

    user: SecretStr
    password: SecretStr = field(default_factory=lambda: SecretStr(""))

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Basic {self._encoded()}"}

    def params(self) -> Mapping[str, str]:
        return {}

    def secrets(self) -> tuple[str, ...]:
        user, password = (s.get_secret_value() for s in (self.user, self.password))
        return (self._encoded(), password, user)

    def _encoded(self) -> str:
        pair = f"{self.user.get_secret_value()}:{self.password.get_secret_value()}"
        return base64.b64encode(pair.encode()).decode()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in a header of its own, maybe after a word (``Token …``)."""

    header: str
    secret: SecretStr
    prefix: str = ""

    def headers(self) -> Mapping[str, str]:
        return {self.header: self.prefix + self.secret.get_secret_value()}

    def params(self) -> Mapping[str, str]:
        return {}

    def secrets(self) -> tuple[str, ...]:
        return (self.secret.get_secret_value(),)


@dataclass(frozen=True, slots=True)
class QueryKey:
    """A key in the query; it is added below what logs requests."""

    name: str
    secret: SecretStr

    def headers(self) -> Mapping[str, str]:
        return {}

    def params(self) -> Mapping[str, str]:
        return {self.name: self.secret.get_secret_value()}

    def secrets(self) -> tuple[str, ...]:
        return (self.secret.get_secret_value(),)


@dataclass(frozen=True, slots=True)
class InBody:
    """Proof that the adapter writes into bodies itself, beside another's headers."""

    written: tuple[SecretStr, ...]
    beside: Auth | None = None

    def headers(self) -> Mapping[str, str]:
        return self.beside.headers() if self.beside else {}

    def params(self) -> Mapping[str, str]:
        return self.beside.params() if self.beside else {}

    def secrets(self) -> tuple[str, ...]:
        own = tuple(secret.get_secret_value() for secret in self.written)
        return (*own, *(self.beside.secrets() if self.beside else ()))


class Hidden:
    """Takes secrets out of texts, also as URLs and base64 would spell them."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        self._spellings = _spellings(secrets)

    def also(self, secrets: tuple[str, ...]) -> "Hidden":
        """Return one that takes out some more."""
        more = Hidden()
        more._spellings = _longest_first({*self._spellings, *_spellings(secrets)})
        return more

    def hide(self, text: str) -> str:
        """Return the text with stars in place of secrets."""
        for spelling in self._spellings:
            text = text.replace(spelling, "***")
        return text


def _spellings(secrets: tuple[str, ...]) -> tuple[str, ...]:
    found: set[str] = set()
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            encoded = base64.b64encode(secret.encode()).decode()
            found |= {secret, quote(secret, safe=""), quote_plus(secret), encoded}
    return _longest_first(found)


def _longest_first(spellings: set[str]) -> tuple[str, ...]:
    return tuple(sorted(spellings, key=lambda spelling: (-len(spelling), spelling)))
