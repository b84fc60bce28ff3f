"""How a counterpart says no: problem documents (RFC 9457) with a code."""

from typing import Any

from fastapi.responses import JSONResponse


class Refused(Exception):
    """A refusal that the caller gets as a problem document."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Make the answer of a refusal."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": code.replace("-", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    return JSONResponse(
        document, status, headers, media_type="application/problem+json"
    )
