"""Fields of somebody else's JSON, where any may be missing, null or odd; pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from domain.errors import ContractViolation
from domain.wire import raw_of


def table(document: Any) -> dict[str, Any]:
    """Return a JSON object; ContractViolation for anything else."""
    if not isinstance(document, dict):
        msg = f"expected a JSON object, got {type(document).__name__}"
        raise ContractViolation(msg, raw=raw_of(document))
    return document


def rows(found: Any) -> list[dict[str, Any]]:
    """Return the objects of what may be a list."""
    listed = found if isinstance(found, list) else []
    return [row for row in listed if isinstance(row, dict)]


def word(source: Mapping[str, Any], name: str) -> str:
    """Return a field's text; empty where it is missing, null or no text."""
    found = source.get(name)
    return found if isinstance(found, str) else ""


def instant(found: Any) -> datetime | None:
    """Read an instant; one without a zone is taken for UTC, a day for its end."""
    if not isinstance(found, str) or not found:
        return None
    try:
        if len(found) == 10:
            return datetime.combine(date.fromisoformat(found), time(23, 59), UTC)
        read = datetime.fromisoformat(found)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
