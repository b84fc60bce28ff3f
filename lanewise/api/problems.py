"""How the API says no: problem documents (RFC 9457), in words that help."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

MAX_SHOWN = 120


class Refusal(Exception):
    """A refusal that the caller gets as a problem document."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        errors: tuple[dict[str, Any], ...] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(detail)
        self.headers = headers
        self.status = status
        self.title = title
        self.errors = errors

    def answer(self) -> JSONResponse:
        """Return the problem document."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": str(self),
        }
        if self.errors:
            document["errors"] = self.errors
        return JSONResponse(
            document, self.status, self.headers, "application/problem+json"
        )


def invalid(title: str, error: ValidationError) -> Refusal:
    """Turn what is wrong with a document into a refusal, field by field."""
    return first_of(title, errors_of(error))


def errors_of(error: ValidationError) -> tuple[dict[str, Any], ...]:
    """List what is wrong with a document: field, value, and what would be right."""
    found = error.errors(include_url=False, include_context=False)
    inner = {each["loc"][:n] for each in found for n in range(1, len(each["loc"]))}
    return tuple(
        {
            "field": ".".join(str(part) for part in each["loc"]) or "(document)",
            "value": _shown(each["input"]),
            "remedy": each["msg"].removeprefix("Value error, "),
        }
        for each in found
        # A list short of the element that was wrong is no error of its own.
        if each["loc"] not in inner
    )


def unknown_fields(title: str, document: Any, value: BaseModel) -> Refusal | None:
    """Refuse fields that the value does not have, at any depth."""
    errors = tuple(_unknown(document, value, ""))
    return first_of(title, errors) if errors else None


def first_of(title: str, errors: tuple[dict[str, Any], ...]) -> Refusal:
    """Refuse for several errors, the first of them in words."""
    first = errors[0]
    detail = f"{first['field']}: {first['value']}: {first['remedy']}"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Refusal(422, title, detail + more, errors)


def _unknown(document: Any, value: Any, where: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, tuple) and isinstance(document, list):
        for n, (part, element) in enumerate(zip(document, value, strict=True)):
            yield from _unknown(part, element, f"{where}{n}.")
    if not isinstance(value, BaseModel) or not isinstance(document, dict):
        return
    known = type(value).model_fields
    for name, part in document.items():
        if name in known:
            yield from _unknown(part, getattr(value, name), f"{where}{name}.")
            continue
        close = get_close_matches(name, known, n=1)
        remedy = (
            f"did you mean {close[0]!r}?" if close else "no such field; leave it out"
        )
        yield {"field": f"{where}{name}", "value": _shown(part), "remedy": remedy}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
