"""What a model says against a document, in words for who mends the file."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from lanewise.importers.cells import Origin
from lanewise.importers.reject import Reject, shown

Loc = tuple[str | int, ...]

_REMEDIES = {
    "missing": "fill it in",
    "greater_than": "give a value above {gt}",
    "greater_than_equal": "give {ge} or more",
    "less_than": "give a value below {lt}",
    "less_than_equal": "give {le} or less",
    "int_type": "give a whole number",
    "int_parsing": "give a whole number",
    "int_from_float": "give a whole number",
    "float_parsing": "give a number",
    "float_type": "give a number",
    "string_type": "give text",
    "string_too_short": "fill it in",
    "string_too_long": "give at most {max_length} characters",
    "string_pattern_mismatch": "give text that matches {pattern}",
    "string_unicode": "give text that is valid Unicode",
    "too_short": "give at least {min_length}",
    "too_long": "give at most {max_length}",
    "enum": "use one of {expected}",
    "bool_parsing": "give true or false",
    "timezone_aware": "give the offset too, as in 2026-01-31T13:30:00Z",
    "date_from_datetime_parsing": "give an existing date, such as 2026-01-31",
    "datetime_parsing": "give an existing time, such as 2026-01-31T13:30:00Z",
    "datetime_from_date_parsing": "give an existing time, such as 2026-01-31T13:30:00Z",
    "datetime_type": "give a time such as 2026-01-31T13:30:00Z",
}
_PROBLEMS = {
    "missing": "it is missing",
    "greater_than": "it is not above {gt}",
    "greater_than_equal": "it is less than {ge}",
    "too_short": "there are {actual_length} of them",
    "string_too_short": "it is blank",
    "string_pattern_mismatch": "it has a character or a length that is not allowed",
}


def complaints(
    error: ValidationError,
    file: str,
    row: int,
    origins: Mapping[Loc, Origin],
    known_bad: Collection[Loc] = (),
) -> Iterator[Reject]:
    """Turn a model's errors into rejects that point at the file's own cells.

    What concerns a field that is already known to be bad is left out.
    """
    errors = error.errors()
    # Where an item is bad its list is too short in turn: only the item is told.
    bad_at = {*known_bad, *(tuple(wrong["loc"]) for wrong in errors)}
    for wrong in errors:
        loc, kind = tuple(wrong["loc"]), wrong["type"]
        if loc in known_bad or any(
            bad[: len(loc)] == loc for bad in bad_at if len(bad) > len(loc)
        ):
            continue
        context = wrong.get("ctx", {})
        said = wrong["msg"].removeprefix("Value error, ")
        problem = _PROBLEMS.get(
            kind, said.replace("{", "{{").replace("}", "}}")
        ).format(**context)
        remedy = _REMEDIES.get(kind, "correct it").format(**context)
        name, value = ".".join(str(part) for part in loc), wrong["input"]
        if kind == "value_error" and ": " in problem:
            # A model's own rule names its field first: "deliver_by: … is not after".
            named, problem = problem.split(": ", 1)
            loc, name = (*loc, named), ".".join((*map(str, loc), named))
            value = value.get(named) if isinstance(value, dict) else value
            remedy = "correct it, or what it is compared with"
        origin = origins.get(loc)
        yield Reject(
            file=origin.file if origin else file,
            row=origin.row if origin else row,
            field=(origin.column if origin else "") or name or "row",
            value=shown(origin.value if origin else _plain(kind, value)),
            problem=problem,
            remedy=remedy,
        )


def _plain(kind: str, value: object) -> object:
    """Return what stood there; for what is missing, the input is its parent."""
    return "" if kind == "missing" else value


def unknown_fields(
    document: object, model: type[BaseModel], at: Loc = ()
) -> Iterator[tuple[Loc, str]]:
    """Find fields the model would silently ignore, with what may have been meant."""
    if not isinstance(document, Mapping):
        return
    for name, value in document.items():
        field = model.model_fields.get(name)
        if field is None:
            near = get_close_matches(name, model.model_fields, 1)
            hint = f"did you mean {near[0]!r}?" if near else "remove it"
            yield (*at, name), hint
            continue
        for inner in _models_in(field.annotation):
            items = value if isinstance(value, list) else [value]
            for i, item in enumerate(items):
                below = (*at, name, i) if isinstance(value, list) else (*at, name)
                yield from unknown_fields(item, inner, below)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (tuple, list, Union, UnionType) or hasattr(
        annotation, "__metadata__"
    ):
        for inner in get_args(annotation):
            yield from _models_in(inner)
