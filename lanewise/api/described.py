"""How the API describes itself (OpenAPI 3.1): bodies it reads itself, refusals.

Bodies are read by hand, so that a refusal names field, value and remedy; their
schemas are told here, from the same models.
"""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.event import BusinessEvent
from domain.order import Order

REF = "#/components/schemas/{model}"
BODIES: tuple[type[BaseModel], ...] = (Order, BusinessEvent)
REASONS = {
    400: "It cannot be read.",
    401: "No key in force, or not signed by this connection.",
    403: "The key lacks the scope.",
    404: "Nothing is known under that name.",
    409: "Another order was accepted under this id.",
    413: "It is too large.",
    422: "A field is wrong; `errors` names each with what would be right.",
    503: "Not now: send the same again later.",
}


class WrongField(BaseModel):
    """One thing that is wrong: where, what was given, what would be right."""

    field: str
    value: str
    remedy: str


class Problem(BaseModel):
    """A refusal (RFC 9457), as application/problem+json."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[WrongField, ...] | None = None


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals an operation answers with."""
    schema = {"schema": {"$ref": REF.format(model=Problem.__name__)}}
    return {
        status: {
            "description": REASONS[status],
            "content": {"application/problem+json": schema},
        }
        for status in statuses
    }


def one(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that is one document."""
    return _body(_ref(model))


def many(model: type[BaseModel], most: int) -> dict[str, Any]:
    """Describe a body that is an array of up to so many documents."""
    return _body(_array(model, most))


def one_or_many(model: type[BaseModel], most: int) -> dict[str, Any]:
    """Describe a body that is one document, or an array of them."""
    return _body({"anyOf": [_ref(model), _array(model, most)]})


def signed() -> dict[str, Any]:
    """Describe a webhook's body: the sender's own, with the sender's signature."""
    return _body({"description": "As the connection's provider defines it."})


def describing(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return what makes the app's description, once."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(_schemas())
            app.openapi_schema = document
        return app.openapi_schema

    return description


def _schemas() -> dict[str, Any]:
    pairs = [(model, "validation") for model in (*BODIES, Problem)]
    _, document = models_json_schema(pairs, ref_template=REF)  # type: ignore[arg-type]
    found: dict[str, Any] = document["$defs"]
    return found


def _ref(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": REF.format(model=model.__name__)}


def _array(model: type[BaseModel], most: int) -> dict[str, Any]:
    told = f"At most {most:,} at once."
    return {"type": "array", "items": _ref(model), "description": told}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}
