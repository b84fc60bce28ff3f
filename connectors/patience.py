"""How long a counterpart wants to be left alone, in every vendor's spelling."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

DEFAULT_RETRY_AFTER_S = 1.0
MAX_RETRY_AFTER_S = 3_600.0

# A number beyond these is no span but an instant, in seconds or milliseconds.
_EPOCH_S, _EPOCH_MS = 1e9, 1e11

_MILLISECONDS = ("retry-after-ms", "x-retry-after-ms", "x-ms-retry-after-ms")
_WAITS = (
    *("retry-after", "x-retry-after", "x-ratelimit-retry-after"),
    *("x-ratelimit-reset-after", "x-ratelimit-reset", "x-rate-limit-reset"),
    *("ratelimit-reset", "rate-limit-reset", "x-ratelimit-reset-requests"),
)
# Requests a second, as Amazon tells it: the next one is due in its inverse.
_PER_SECOND = ("x-amzn-ratelimit-limit",)
# ``limit=100, remaining=0, reset=5`` and ``"default";r=0;t=5`` (IETF drafts).
_STRUCTURED = re.compile(r"(?:\breset|;\s*t)\s*=\s*(\d+)")


def asked_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a counterpart asks us to wait; None where it does not.

    Dates and epochs are measured against the answer's own ``Date``, so that
    our clock and theirs need not agree. Between 0 and one hour.

    Parameters
    ----------
    headers
        Of the answer, names in lower case.
    """
    for wait_s in _readings(headers):
        if wait_s is not None and math.isfinite(wait_s):
            return min(max(wait_s, 0.0), MAX_RETRY_AFTER_S)
    return None


def _readings(headers: Mapping[str, str]) -> list[float | None]:
    sent = _instant(headers.get("date", ""))
    found = [_scaled(headers.get(name), 0.001) for name in _MILLISECONDS]
    found += [_span(headers.get(name, "").strip(), sent) for name in _WAITS]
    for name in _PER_SECOND:
        per_s = _number(headers.get(name, ""))
        found.append(1 / per_s if per_s else None)
    structured = _STRUCTURED.search(headers.get("ratelimit", ""))
    return [*found, float(structured[1]) if structured else None]


def _span(text: str, sent: datetime | None) -> float | None:
    number = _number(text.removesuffix("ms").removesuffix("s"))
    if number is not None:
        if number < _EPOCH_S:
            return number / 1000 if text.endswith("ms") else number
        until_s = number / 1000 if number >= _EPOCH_MS else number
        return until_s - sent.timestamp() if sent else None
    until = _instant(text)
    return (until - sent).total_seconds() if until and sent else None


def _instant(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            instant = read(text.strip())
        except (TypeError, ValueError):
            continue
        return instant if instant.tzinfo else None
    return None


def _scaled(text: str | None, scale: float) -> float | None:
    number = _number(text or "")
    return None if number is None else number * scale


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number >= 0 and math.isfinite(number) else None
