"""HTTP to counterparts: the one place that knows httpx and translates its errors.

A read that fails was not done. An effect that was sent and never properly
answered is ``OutcomeUnknown``: the caller looks it up before anything else.
Nothing here retries.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from types import MappingProxyType
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.pacing import Pace
from domain.errors import (
    AuthFailed,
    ConnectorError,
    ContractViolation,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    QuoteExpired,
    RateLimited,
    StateConflict,
    Unavailable,
    Unsupported,
)

MAX_RAW_CHARACTERS = 4_000
MAX_DETAIL_CHARACTERS = 200
DEFAULT_RETRY_AFTER_S = 1.0
MAX_RETRY_AFTER_S = 3_600.0

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_OURS_TO_MEND = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)

_BY_STATUS: Mapping[int, type[ConnectorError]] = MappingProxyType(
    {
        400: InvalidRequest,
        401: AuthFailed,
        403: AuthFailed,
        404: NotFound,
        405: Unsupported,
        409: StateConflict,
        410: QuoteExpired,
        413: InvalidRequest,
        415: InvalidRequest,
        422: InvalidRequest,
        501: Unsupported,
        503: Unavailable,
    }
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each part of a call may take, in seconds."""

    connect_s: float = 3.0
    read_s: float = 15.0
    write_s: float = 10.0
    pool_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, lower-case headers, the body as it was."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text, cut to what is worth keeping."""
        return self.body[:MAX_RAW_CHARACTERS].decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body as JSON; ContractViolation where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            msg = f"the answer ({self.status}) is not JSON: {error}"
            raise ContractViolation(msg, raw=self.text) from None


class HttpClient:
    """Calls to one counterpart, with timeouts, a size limit and our errors.

    Parameters
    ----------
    base_url
        Where the counterpart lives; paths are joined to it.
    secret
        Sent as a bearer token and never shown in a message.
    codes
        The counterpart's own problem codes, which say more than the status.
    timeouts
        Limits in seconds for each part of a call.
    max_body_bytes
        A longer answer breaks the contract.
    requests_per_s
        How many calls a second this client makes at most (None: any number).
    transport
        What carries the requests (None: the network).
    """

    def __init__(
        self,
        base_url: str,
        *,
        secret: SecretStr | None = None,
        codes: Mapping[str, type[ConnectorError]] | None = None,
        timeouts: Timeouts | None = None,
        max_body_bytes: int = 8_000_000,
        requests_per_s: int | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        limits = timeouts or Timeouts()
        self._secret = secret.get_secret_value() if secret else ""
        self._codes = dict(codes or {})
        self._max_body_bytes = max_body_bytes
        self._pace = Pace(requests_per_s)
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=transport,
            follow_redirects=False,
            # A proxy or .netrc of the machine must not see what we send.
            trust_env=False,
            verify=_tls(),
            headers={"Authorization": f"Bearer {self._secret}"} if secret else None,
            timeout=httpx.Timeout(
                connect=limits.connect_s,
                read=limits.read_s,
                write=limits.write_s,
                pool=limits.pool_s,
            ),
        )

    async def ask(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: Any = None,
    ) -> Answer:
        """Read something; whatever fails on the way is ``Unavailable``."""
        request = self._client.build_request(method, path, params=params, json=body)
        return await self._send(request, effect=False)

    async def act(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Answer:
        """Change something, under an idempotency key where one is given."""
        headers = {"Idempotency-Key": key} if key else None
        request = self._client.build_request(
            method, path, params=params, json=body, headers=headers
        )
        return await self._send(request, effect=True)

    async def deliver(
        self, path: str, content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        """Post bytes exactly as they were signed."""
        request = self._client.build_request(
            "POST", path, content=content, headers=dict(headers)
        )
        return await self._send(request, effect=True)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _send(self, request: httpx.Request, *, effect: bool) -> Answer:
        what = f"{request.method} {request.url.path}"
        # The loop's own time: it measures waiting and tells no time of day.
        await asyncio.sleep(self._pace.wait_s(asyncio.get_running_loop().time()))
        try:
            response = await self._client.send(request, stream=True)
            try:
                answer = await self._read(response, what)
            finally:
                await response.aclose()
        except _NEVER_SENT as error:
            msg = f"{what}: not reached ({type(error).__name__})"
            raise Unavailable(msg) from None
        except (*_OURS_TO_MEND, httpx.InvalidURL) as error:
            msg = f"{what}: the request cannot be sent ({type(error).__name__})"
            raise InvalidRequest(msg) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            lost = OutcomeUnknown if effect else Unavailable
            msg = f"{what}: sent, but no answer ({type(error).__name__})"
            raise lost(msg) from None
        if 200 <= answer.status < 300:
            return answer
        raise self._refused(what, answer, effect=effect)

    async def _read(self, response: httpx.Response, what: str) -> Answer:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > self._max_body_bytes:
                msg = f"{what}: the answer is longer than {self._max_body_bytes} bytes"
                raise ContractViolation(msg)
            parts.append(part)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, b"".join(parts))

    def _refused(self, what: str, answer: Answer, *, effect: bool) -> ConnectorError:
        code, detail = _problem(answer)
        text = f"{what}: {answer.status}"
        if code:
            text += f" {code}"
        if detail:
            text += f" ({detail})"
        message, raw = self._without_secret(text), self._without_secret(answer.text)
        if answer.status == 429:
            return RateLimited(message, retry_after_s=retry_after_s(answer), raw=raw)
        kind = self._codes.get(code) or _BY_STATUS.get(answer.status)
        if kind is None and answer.status >= 500:
            # Only a 503 promises that nothing was done.
            kind = OutcomeUnknown if effect else Unavailable
        if kind is None:
            kind = InvalidRequest if answer.status >= 400 else ContractViolation
        return kind(message, raw=raw)

    def _without_secret(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text


def retry_after_s(answer: Answer) -> float:
    """Return the seconds a counterpart asks us to wait.

    ``Retry-After`` holds seconds or an HTTP date; a date is measured against
    the answer's own ``Date``, so that our clock and theirs need not agree.
    Between 0 and one hour; one second where nothing can be read.
    """
    asked = answer.headers.get("retry-after", "").strip()
    try:
        seconds = float(asked)
    except ValueError:
        try:
            until = parsedate_to_datetime(asked)
            since = parsedate_to_datetime(answer.headers["date"])
            seconds = max(0.0, (until - since).total_seconds())
        except (KeyError, TypeError, ValueError):
            seconds = DEFAULT_RETRY_AFTER_S
    if not seconds >= 0:
        return DEFAULT_RETRY_AFTER_S
    return min(seconds, MAX_RETRY_AFTER_S)


@cache
def _tls() -> ssl.SSLContext:
    """Load the certificate authorities once: it takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def _problem(answer: Answer) -> tuple[str, str]:
    """Read code and detail of a problem document (RFC 9457), if it is one."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(document, dict):
        return "", ""
    code = document.get("code", "")
    detail = document.get("detail") or document.get("title") or ""
    return (
        code if isinstance(code, str) else "",
        str(detail)[:MAX_DETAIL_CHARACTERS],
    )
