"""What came back from a counterpart, and what it means in our words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from connectors.auth import Hidden
from connectors.patience import DEFAULT_RETRY_AFTER_S, asked_s
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
from domain.wire import MAX_RAW_CHARACTERS

MAX_DETAIL_CHARACTERS = 200

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
        429: RateLimited,
        501: Unsupported,
        503: Unavailable,
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, lower-case headers, the body as it was."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    hidden: Hidden = field(default_factory=Hidden, repr=False, compare=False)

    @property
    def text(self) -> str:
        """Return the body as text, without secrets, cut to what is worth keeping."""
        text = self.body[: 2 * MAX_RAW_CHARACTERS].decode("utf-8", "replace")
        return self.hidden.hide(text)[:MAX_RAW_CHARACTERS]

    def json(self) -> Any:
        """Return the body as JSON; ContractViolation where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            msg = f"the answer ({self.status}) is not JSON: {error}"
            raise ContractViolation(msg, raw=self.text) from None


@dataclass(frozen=True, slots=True)
class Problem:
    """What a counterpart says went wrong.

    Parameters
    ----------
    code
        Its own word for it; the client's ``codes`` say what that is in ours.
    detail
        Its sentence for people; shown with secrets taken out, cut short.
    kind
        What it is in our words, where no code says so but the reader knows.
    retry_after_s
        How long to wait, where the body and not a header says so.
    """

    code: str = ""
    detail: str = ""
    kind: type[ConnectorError] | None = None
    retry_after_s: float | None = None


class Unanswered(Exception):
    """Nothing, or nothing whole, came back; ``named`` says it in our words."""

    def __init__(self, kind: type[ConnectorError], message: str) -> None:
        super().__init__(message)
        self._kind = kind

    def named(self) -> ConnectorError:
        """Return the error of the closed set."""
        return self._kind(str(self))


def standard_problem(answer: Answer) -> Problem | None:
    """Read a problem document (RFC 9457); a 2xx is none."""
    if 200 <= answer.status < 300:
        return None
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    code = document.get("code", "")
    detail = document.get("detail") or document.get("title") or ""
    return Problem(code if isinstance(code, str) else "", str(detail))


def refusal(
    what: str,
    answer: Answer,
    problem: Problem | None,
    codes: Mapping[str, type[ConnectorError]],
    *,
    effect: bool,
) -> ConnectorError:
    """Return the error an answer stands for: its code decides, then its status.

    A server's error leaves an effect unknown; only a 503 promises that nothing
    was done. A refusal that comes with a 2xx and no known code is taken for
    our mistake.
    """
    said = problem or Problem()
    text = f"{what}: {answer.status}"
    if said.code:
        text += f" {said.code}"
    if said.detail:
        text += f" ({said.detail[:MAX_DETAIL_CHARACTERS]})"
    message, raw = answer.hidden.hide(text), answer.text
    kind = said.kind or codes.get(said.code) or _BY_STATUS.get(answer.status)
    if answer.status == 429:
        kind = RateLimited
    if kind is None and answer.status >= 500:
        kind = OutcomeUnknown if effect else Unavailable
    if kind is None:
        redirected = 300 <= answer.status < 400 or answer.status < 200
        kind = ContractViolation if redirected else InvalidRequest
    asked = said.retry_after_s
    if asked is None:
        asked = asked_s(answer.headers)
    if issubclass(kind, RateLimited):
        wait_s = DEFAULT_RETRY_AFTER_S if asked is None else asked
        return kind(message, retry_after_s=wait_s, raw=raw)
    if issubclass(kind, Unavailable):
        return kind(message, retry_after_s=asked, raw=raw)
    return kind(message, raw=raw)


def retry_after_s(answer: Answer) -> float:
    """Return the seconds a counterpart asks us to wait; 1 where it does not say."""
    asked = asked_s(answer.headers)
    return DEFAULT_RETRY_AFTER_S if asked is None else asked
