"""Who may ask the API for what: keys with scopes, compared in constant time."""

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from lanewise.api.problems import Refusal
from store import keys
from store.engine import Store
from store.keys import ApiKey, KeptKey

FORM = re.compile(r"lw_([a-z2-7]{12})_([A-Za-z0-9_-]{43})")
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
CHALLENGE = {"www-authenticate": "Bearer"}

BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key made by `lanewise keys add`, with the scopes it needs.",
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


class Scope(StrEnum):
    """What a key may open."""

    ORDERS_WRITE = "orders:write"
    ORDERS_READ = "orders:read"
    EVENTS_WRITE = "events:write"


class Gate:
    """Lets those in whose key has the scope.

    Parameters
    ----------
    store
        Where the keys are; each request looks, so that a revoked key is shut
        out at once. None: no key is asked for (a demo, a test).
    """

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def needs(self, scope: Scope) -> Callable[..., Awaitable[None]]:
        """Return a dependency that refuses who may not ask for this."""

        async def check(given: Credentials) -> None:
            if self._store is not None:
                token = given.credentials if given is not None else ""
                await asyncio.to_thread(self._check, self._store, token, scope)

        return check

    def _check(self, store: Store, token: str, scope: Scope) -> None:
        form = FORM.fullmatch(token)
        with store.reading() as session:
            kept = keys.find(session, form[1]) if form else None
        if kept is None or form is None or not _fits(kept, form[2]):
            detail = (
                "authorization: no key, or none in force; send "
                "`Authorization: Bearer lw_…` (made by `lanewise keys add`)"
            )
            raise Refusal(401, "Key needed", detail, headers=CHALLENGE)
        if scope not in kept.key.scopes:
            detail = f"authorization: this key lacks the scope {str(scope)!r}"
            raise Refusal(403, "Not for this key", detail)


def make_key(store: Store, name: str, scopes: tuple[Scope, ...], now: datetime) -> str:
    """Keep a new key and return it: the only time that anybody sees its secret."""
    key_id = "".join(secrets.choice(ALPHABET) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    key = ApiKey(id=key_id, name=name, scopes=tuple(map(str, scopes)), made_at=now)
    store.write(lambda session: keys.add(session, key, _digest(secret)))
    return f"lw_{key_id}_{secret}"


def _fits(kept: KeptKey, secret: str) -> bool:
    return hmac.compare_digest(kept.digest, _digest(secret))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
