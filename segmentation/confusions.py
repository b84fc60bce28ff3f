"""Finds values of the wrong type that would pass for right ones in a rule set's file.

YAML's ``true`` is not the number 1, a quoted ``"72"`` is a text, and 0 is not
``false``: what converts silently is refused instead.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from segmentation.document import Document, Path, Problem, spell

MOST = 1_000_000_000
MOST_HOURS = 87_600


def confused(
    document: Document, path: Path, data: object, model: type[BaseModel]
) -> Iterator[Problem]:
    """Tell the fields of one object in a file whose values are of another type."""
    if not isinstance(data, dict):
        return
    expected = _types(model)
    for name, value in data.items():
        types = expected.get(name, frozenset())
        said = _instead(types, value) or _too_much(name, value)
        if said:
            where = (*path, name)
            line, column = document.inside(where, 0)
            yield Problem(line, column, f"{said}, not {_shown(value)}", spell(where))


def _instead(types: frozenset[type], value: object) -> str:
    if bool in types:
        return "" if isinstance(value, bool | None) else "it is true or false"
    if int in types and isinstance(value, bool | str):
        return "it needs a number"
    if AwareDatetime in types and _is_number(value):
        return "it needs an instant such as 2026-03-01T00:00:00Z"
    return ""


def _is_number(value: object) -> bool:
    """Tell what would be read as seconds since 1970."""
    if isinstance(value, str):
        return value.strip().lstrip("+-").replace(".", "", 1).isdigit()
    return isinstance(value, int | float)


def _too_much(name: str, value: object) -> str:
    """Tell numbers that no clock and no ledger could take."""
    if not isinstance(value, int) or isinstance(value, bool):
        return ""
    if name.endswith("_h") and "_per_" not in name:
        most, what = MOST_HOURS, f"it is {MOST_HOURS:,} hours (ten years) at most"
    else:
        most, what = MOST, f"it is {MOST:,} at most"
    return what if abs(value) > most else ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"the text {value[:60]!r}" if isinstance(value, str) else repr(value)[:60]


@cache
def _types(model: type[BaseModel]) -> Mapping[str, frozenset[type]]:
    fields = model.model_fields.items()
    return {name: frozenset(_plain(field.annotation)) for name, field in fields}


def _plain(annotation: Any) -> Iterator[type]:
    if get_origin(annotation) is Annotated:
        yield from _plain(get_args(annotation)[0])
    elif get_origin(annotation) is tuple:
        yield tuple
    elif get_args(annotation):
        for one in get_args(annotation):
            yield from _plain(one)
    elif isinstance(annotation, type):
        yield annotation
