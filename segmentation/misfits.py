"""Says in a few words why a value of a rule set's file does not fit its field."""

from typing import Any

_AN_INSTANT = "it is an instant with its offset: 2026-03-01T00:00:00Z"
_QUOTES = "write it in quotes"

# What pydantic finds, and what a person who writes YAML is told.
_SAID = {
    "tuple_type": ("it needs a list", "write [one, two]"),
    "dict_type": ("it needs names with values", "write {name: value}"),
    "model_type": ("it needs names with values", "write {name: value}"),
    "string_type": ("it needs a text", _QUOTES),
    "string_too_short": ("it is empty", ""),
    "string_too_long": ("it has more than {max_length} characters", ""),
    "int_type": ("it needs a whole number", ""),
    "int_parsing": ("it needs a whole number", "digits alone, without a unit"),
    "int_from_float": ("it needs a whole number", "choose the smaller unit"),
    "bool_type": ("it is true or false", ""),
    "bool_parsing": ("it is true or false", ""),
    "greater_than": ("it is more than {gt}", ""),
    "greater_than_equal": ("it is {ge} at least", ""),
    "less_than_equal": ("it is {le} at most", ""),
    "enum": ("it is {expected}", ""),
    "timezone_aware": ("it has no offset from UTC", _AN_INSTANT),
    "datetime_type": ("it needs an instant", _AN_INSTANT),
    "datetime_parsing": ("it needs an instant", _AN_INSTANT),
    "datetime_from_date_parsing": ("it needs an instant", _AN_INSTANT),
}


def plainly(error: Any) -> tuple[str, str]:
    """Return what is wrong by one of pydantic's errors, and a hint (or none).

    Parameters
    ----------
    error
        One of ``ValidationError.errors()``.
    """
    said, hint = _SAID.get(error["type"], (error["msg"], ""))
    if error["type"] in _SAID:
        said = said.format(**error.get("ctx", {}))
    given = error["input"]
    if isinstance(given, bool):
        said = f"{said}, not {str(given).lower()}"
    elif isinstance(given, str | int | float) and given != "":
        said = f"{said}, not {str(given)[:60]!r}"
    return said.removeprefix("Value error, "), hint
