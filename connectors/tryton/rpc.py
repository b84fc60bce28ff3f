"""Tryton's JSON-RPC: a session, errors that come with a 200, warnings."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.http import Answer, HttpClient, Problem
from connectors.tryton.settings import TrytonSettings
from domain.errors import (
    AuthFailed,
    ConnectorError,
    ContractViolation,
    InvalidRequest,
    StateConflict,
    Unavailable,
)
from domain.wire import raw_of

# More than one question about one call means that acknowledging does not help.
MOST_WARNINGS = 5

_WARNING = "UserWarning"
_KINDS: Mapping[str, type[ConnectorError]] = {
    "UserError": StateConflict,
    "ConcurrencyException": StateConflict,
    "LoginException": AuthFailed,
    "RateLimitException": Unavailable,
    "TimeOutException": Unavailable,
}
# What databases say when two transactions meet; the whole call was rolled back.
_BUSY = ("locked", "lock on row", "deadlock", "serialize", "timeout")


class Changed(StateConflict):
    """Somebody changed the record since it was read; nothing was done."""


@dataclass(frozen=True)
class _Password:
    """Goes into a body only; named here so that it is kept out of sight."""

    secret: SecretStr

    def headers(self) -> Mapping[str, str]:
        return {}

    def params(self) -> Mapping[str, str]:
        return {}

    def secrets(self) -> tuple[str, ...]:
        return (self.secret.get_secret_value(),)


def problem_of(answer: Answer) -> Problem | None:
    """Read an error of Tryton, which comes with a 200.

    Whatever it is, the server rolled its transaction back: nothing was done.
    A warning is no problem yet: it may be acknowledged.
    """
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("error") is None:
        return None
    name, said = _parts(document["error"])
    if name == _WARNING and isinstance(said, list) and len(said) >= 2:
        return None
    if name == "ConcurrencyException":
        return Problem(name, str(said), Changed)
    if name in _KINDS:
        words = said if isinstance(said, list) else [said]
        return Problem(name, " ".join(str(w) for w in words[:2] if w), _KINDS[name])
    busy = any(word in name.lower() for word in _BUSY)
    return Problem("error", name, Unavailable if busy else InvalidRequest)


class Rpc:
    """Calls to one database, in one session that is renewed when it ends."""

    def __init__(
        self,
        settings: TrytonSettings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._session: SecretStr | None = None
        self._http = HttpClient(
            settings.rpc_url,
            auth=_Password(settings.secret),
            problem_of=problem_of,
            timeouts=settings.timeouts,
            rate_limits=settings.rate_limits,
            transport=transport,
        )

    async def ask(
        self, method: str, *params: Any, context: Mapping[str, Any] | None = None
    ) -> Any:
        """Read something."""
        return await self._renewed(method, [*params, context or {}], effect=False)

    async def act(
        self, method: str, *params: Any, context: Mapping[str, Any] | None = None
    ) -> Any:
        """Change something; harmless warnings are acknowledged, others refuse.

        Raises
        ------
        Changed
            The context named the time a record was read at, and it was
            changed since.
        StateConflict
            Tryton refuses, or warns of something that is not known harmless.
        """
        given = [*params, context or {}]
        for _ in range(MOST_WARNINGS):
            try:
                return await self._renewed(method, given, effect=True)
            except _Warned as warning:
                if warning.kind not in self._settings.harmless:
                    raise StateConflict(
                        f"{method}: Tryton warns ({warning.kind}): {warning}; name it "
                        "in `harmless` if that is to be acknowledged",
                        raw=warning.raw,
                    ) from None
                await self._renewed(
                    "model.res.user.warning.skip", [warning.name, False, {}], True
                )
        msg = f"{method}: Tryton warns again and again"
        raise StateConflict(msg)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _renewed(self, method: str, params: list[Any], effect: bool) -> Any:
        """Call in the session; where it has ended (nothing was done), in a new one."""
        session = self._session
        if session is not None:
            try:
                return await self._call(method, params, session, effect)
            except AuthFailed:
                if self._session is session:
                    self._session = None
        return await self._call(method, params, await self._signed_in(), effect)

    async def _signed_in(self) -> SecretStr:
        if self._session is None:
            user, password = self._settings.user, self._settings.secret
            body = _body(
                "common.db.login", [user, {"password": password.get_secret_value()}]
            )
            answer = (await self._http.ask("", method="POST", body=body)).json()
            found = answer.get("result") if isinstance(answer, dict) else None
            if not isinstance(found, list) or len(found) < 2:
                msg = "common.db.login: expected a user and a session"
                raise ContractViolation(msg, raw="(kept secret)")
            text = f"{user}:{found[0]}:{found[1]}"
            coded = base64.b64encode(text.encode()).decode()
            self._session = SecretStr(f"Session {coded}")
        return self._session

    async def _call(
        self, method: str, params: list[Any], session: SecretStr, effect: bool
    ) -> Any:
        body, headers = _body(method, params), {"Authorization": session}
        if effect:
            answer = await self._http.act("POST", "", body, headers=headers)
        else:
            answer = await self._http.ask("", method="POST", body=body, headers=headers)
        document = answer.json()
        if isinstance(document, dict) and document.get("error") is not None:
            _, said = _parts(document["error"])
            raise _Warned(str(said[0]), str(said[1]), raw=answer.text)
        if not isinstance(document, dict) or "result" not in document:
            msg = f"{method}: expected a result"
            raise ContractViolation(msg, raw=raw_of(document))
        return document["result"]


class _Warned(StateConflict):
    """Tryton asks a person whether it is meant so."""

    def __init__(self, name: str, message: str, *, raw: str) -> None:
        super().__init__(message, raw=raw)
        self.name = name

    @property
    def kind(self) -> str:
        """Return what is warned of, without which records it is about."""
        return self.name.partition(".")[2] or self.name


def _body(method: str, params: list[Any]) -> dict[str, Any]:
    # With any other set of keys it would not be taken for JSON-RPC.
    return {"id": 1, "method": method, "params": params}


def _parts(error: Any) -> tuple[str, Any]:
    if isinstance(error, list) and error:
        return str(error[0]), error[1] if len(error) > 1 else ""
    return str(error), ""
