"""Resolves the samples' dates: ``date:now +N seconds``, ``date:today 16:00:-5``."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

_NOW = re.compile(r"date:now\s*([+-]?\d+)?\s*(second|minute|hour|day)?s?")
_TODAY = re.compile(
    r"date:today (\d+):(\d+):([+-]\d+)\s*([+-]\d+)?\s*(second|minute|hour|day)?s?"
)


def resolved(value: Any, now: datetime) -> Any:
    """Return the document with every template as an instant around ``now``."""
    if isinstance(value, dict):
        return {name: resolved(item, now) for name, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, now) for item in value]
    if not isinstance(value, str) or not value.startswith("date:"):
        return value
    if found := _NOW.fullmatch(value):
        return (now + _span(found[1], found[2])).isoformat()
    today = _TODAY.fullmatch(value)
    assert today is not None, value
    zone = timezone(timedelta(hours=int(today[3])))
    at = now.astimezone(zone).replace(hour=int(today[1]), minute=int(today[2]))
    return (at + _span(today[4], today[5])).isoformat()


def _span(amount: str | None, unit: str | None) -> timedelta:
    return timedelta(**{f"{unit or 'second'}s": int(amount or 0)})
