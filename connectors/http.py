"""HTTP to counterparts: the one place that knows httpx and translates its errors.

A read that fails was not done. An effect that was sent and never properly
answered is ``OutcomeUnknown``: the caller looks it up before anything else.
Nothing here retries.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.answers import (
    Answer,
    Problem,
    Unanswered,
    refusal,
    retry_after_s,
    standard_problem,
)
from connectors.auth import Auth, Bearer, Hidden
from connectors.capabilities import RateLimit
from connectors.pacing import Breaker, Pace
from connectors.transport import WithQuery
from domain.errors import (
    ConnectorError,
    ContractViolation,
    InvalidRequest,
    OutcomeUnknown,
    Unavailable,
)

__all__ = ["Answer", "Circuit", "HttpClient", "Problem", "Timeouts", "retry_after_s"]

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_OURS_TO_MEND = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)

Headers = Mapping[str, str | SecretStr]
Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each part of a call may take, in seconds.

    ``total_s`` ends an answer that keeps coming, drop by drop.
    """

    connect_s: float = 3.0
    read_s: float = 15.0
    write_s: float = 10.0
    pool_s: float = 10.0
    total_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """When a counterpart that does not answer is left alone, and for how long.

    ``failures`` in a row (0: never) open it; ``rest_s`` later one call tries.
    """

    failures: int = 10
    rest_s: float = 5.0


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, and whether it changes something there."""

    request: httpx.Request
    effect: bool
    hidden: Hidden

    @property
    def what(self) -> str:
        return f"{self.request.method} {self.request.url.path}"


class HttpClient:
    """Calls to one counterpart, with timeouts, a size limit and our errors.

    Parameters
    ----------
    base_url
        Where the counterpart lives; paths are joined to it.
    auth
        How we prove who we are; nothing of it is ever shown in a message.
    secret
        Short for ``auth=Bearer(secret)``.
    headers
        Sent with every request (a version, an account); a ``SecretStr`` is
        kept out of every message.
    codes
        The counterpart's own problem codes, which say more than the status.
    problem_of
        Reads an answer's problem, if it is one. It is asked of every answer,
        also of a 200, since some counterparts refuse with that. The default
        reads a problem document (RFC 9457) of an answer that is not 2xx.
    key_header
        The header that carries an idempotency key.
    timeouts
        Limits in seconds for each part of a call.
    max_body_bytes
        A longer answer breaks the contract.
    rate_limits
        What this client keeps to by itself.
    requests_per_s
        Short for one rate limit over a second.
    circuit
        When a counterpart that is down is left alone.
    transport
        What carries the requests (None: the network).
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: Auth | None = None,
        secret: SecretStr | None = None,
        headers: Headers | None = None,
        codes: Mapping[str, type[ConnectorError]] | None = None,
        problem_of: Callable[[Answer], Problem | None] = standard_problem,
        key_header: str = "Idempotency-Key",
        timeouts: Timeouts | None = None,
        max_body_bytes: int = 8_000_000,
        rate_limits: Iterable[RateLimit] = (),
        requests_per_s: int | None = None,
        circuit: Circuit | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        limits = timeouts or Timeouts()
        resting = circuit or Circuit()
        proof = auth or (Bearer(secret) if secret else None)
        own, hidden = _plain(headers)
        self._proven = proof is not None
        self._own = {**(proof.headers() if proof else {}), **own}
        self._hidden = Hidden((*(proof.secrets() if proof else ()), *hidden))
        self._codes = dict(codes or {})
        self._problem_of = problem_of
        self._key_header = key_header
        self._max_body_bytes = max_body_bytes
        self._total_s = limits.total_s
        per_s = (RateLimit(requests=requests_per_s),) if requests_per_s else ()
        self._pace = Pace((*rate_limits, *per_s))
        self._breaker = Breaker(resting.failures, resting.rest_s)
        self._query = WithQuery(transport, proof.params() if proof else {})
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=self._query,
            follow_redirects=False,
            # A proxy or .netrc of the machine must not see what we send.
            trust_env=False,
            timeout=httpx.Timeout(
                connect=limits.connect_s,
                read=limits.read_s,
                write=limits.write_s,
                pool=limits.pool_s,
            ),
        )

    def __repr__(self) -> str:
        return f"HttpClient({self._hidden.hide(str(self._client.base_url))!r})"

    async def ask(
        self,
        path: str,
        params: Params | None = None,
        *,
        method: str = "GET",
        body: Any = None,
        form: Params | None = None,
        headers: Headers | None = None,
    ) -> Answer:
        """Read something; whatever fails on the way is ``Unavailable``."""
        sent = {"params": params, "json": body, "data": form}
        return await self._send(self._call(method, path, headers, False, **sent))

    async def act(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Params | None = None,
        key: str | None = None,
        form: Params | None = None,
        headers: Headers | None = None,
    ) -> Answer:
        """Change something, under an idempotency key where one is given."""
        keyed = {**(headers or {}), **({self._key_header: key} if key else {})}
        sent = {"params": params, "json": body, "data": form}
        return await self._send(self._call(method, path, keyed, True, **sent))

    async def deliver(self, path: str, content: bytes, headers: Headers) -> Answer:
        """Post bytes exactly as they were signed."""
        return await self._send(
            self._call("POST", path, headers, True, content=content)
        )

    async def fetch(self, url: str) -> Answer:
        """Read a whole address that the counterpart named, such as a label's.

        It may be anybody's: nothing that proves who we are goes with it.
        """
        request = self._client.build_request("GET", _whole(url))
        request.extensions["lanewise.foreign"] = True
        return await self._send(_Call(request, False, self._hidden))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    def _call(
        self,
        method: str,
        path: str,
        headers: Headers | None,
        effect: bool,
        **sent: Any,
    ) -> _Call:
        whole = "://" in path.partition("?")[0] or path.startswith("//")
        if whole and self._proven:
            # Anybody's address would be shown who we are.
            msg = "a path of the counterpart is needed, not a whole address"
            raise InvalidRequest(msg)
        plain, secrets = _plain(headers)
        request = self._client.build_request(
            method, path, headers={**self._own, **plain}, **sent
        )
        return _Call(request, effect, self._hidden.also(secrets))

    async def _send(self, call: _Call) -> Answer:
        self._breaker.check()
        await self._pace.turn()
        trial = self._breaker.enter()
        answered: bool | None = None
        try:
            answer = await self._exchange(call)
            answered = answer.status < 500 or answer.status == 501
        except Unanswered as error:
            answered = False
            raise error.named() from None
        except ContractViolation:
            answered = True
            raise
        finally:
            self._breaker.leave(answered, trial=trial)
        problem = self._problem_of(answer)
        if problem is None and 200 <= answer.status < 300:
            return answer
        raise refusal(call.what, answer, problem, self._codes, effect=call.effect)

    async def _exchange(self, call: _Call) -> Answer:
        """Send and read; whatever breaks on the way is named in our words."""
        try:
            async with asyncio.timeout(self._total_s):
                response = await self._client.send(call.request, stream=True)
                try:
                    return await self._read(response, call)
                finally:
                    await response.aclose()
        except _NEVER_SENT as error:
            raise Unanswered(
                Unavailable, f"{call.what}: not reached ({type(error).__name__})"
            ) from None
        except (*_OURS_TO_MEND, httpx.InvalidURL) as error:
            msg = f"{call.what}: the request cannot be sent ({type(error).__name__})"
            raise InvalidRequest(msg) from None
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            lost = OutcomeUnknown if call.effect else Unavailable
            msg = f"{call.what}: sent, but no answer ({type(error).__name__})"
            raise Unanswered(lost, msg) from None

    async def _read(self, response: httpx.Response, call: _Call) -> Answer:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > self._max_body_bytes:
                most = self._max_body_bytes
                msg = f"{call.what}: the answer is longer than {most} bytes"
                raise ContractViolation(msg)
            parts.append(part)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(
            response.status_code, headers, b"".join(parts), hidden=call.hidden
        )


def _plain(headers: Headers | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return headers as they are sent, and which of their values are secret."""
    plain: dict[str, str] = {}
    secrets: list[str] = []
    for name, value in (headers or {}).items():
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
            secrets.append(value)
        plain[name] = value
    return plain, tuple(secrets)


def _whole(url: str) -> httpx.URL:
    try:
        whole = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        whole = httpx.URL("")
    if whole.scheme not in ("http", "https") or not whole.host or whole.userinfo:
        msg = "the address the counterpart named is no plain http or https address"
        raise ContractViolation(msg)
    return whole
