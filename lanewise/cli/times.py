"""Instants and spans as people type them: ``2026-03-02T12:00Z``, ``6h``."""

import re
from datetime import UTC, datetime, timedelta

import typer

_SPAN = re.compile(r"([1-9]\d{0,5})(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def instant(text: str) -> datetime:
    """Read an instant with its offset from UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is not an instant such as 2026-03-02T12:00Z"
        raise typer.BadParameter(msg) from None
    if found.tzinfo is None:
        msg = f"{text!r} has no offset; write {text}Z for UTC, or {text}-06:00"
        raise typer.BadParameter(msg)
    return found.astimezone(UTC)


def span(text: str) -> timedelta:
    """Read a span: a whole number and s, m, h, d or w."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        msg = f"{text!r} is not a span such as 90m, 6h, 2d or 1w"
        raise typer.BadParameter(msg)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
