"""Cells by column name, and fields read from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from lanewise.importers.convert import BadCell, Cell, convert
from lanewise.importers.mapping import FieldMap, Kind

Cells = Mapping[str, Any]

# Stands for the number of the row itself where a mapping names it as a column.
ROW = "#"

_WANTED = {
    Kind.TEXT: "fill it in",
    Kind.INTEGER: "give a whole number",
    Kind.NUMBER: "give a number",
    Kind.WEIGHT: "give a weight in {unit} above 0",
    Kind.LENGTH: "give a length in {unit} above 0",
    Kind.HOURS: "give a duration in {unit}",
    Kind.MONEY: "give an amount of money",
    Kind.INSTANT: "give a date and time",
    Kind.DATE: "give a date",
    Kind.TIME: "give a time of day",
    Kind.FLAG: "give yes or no",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in the file a field's value stands."""

    file: str
    row: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """A field's value (None: left out), or what is wrong with it."""

    origin: Origin
    value: Cell = None
    problem: str = ""
    remedy: str = ""


def columns_of(field: FieldMap) -> tuple[str, ...]:
    """List the columns a field reads."""
    if field.template is not None:
        return tuple(
            name for _, name, _, _ in Formatter().parse(field.template) if name
        )
    return field.column


def cell(cells: Cells, column: str) -> Any:
    """Return a cell, also one nested in objects under a dotted name."""
    if column in cells:
        return cells[column]
    found: Any = cells
    for part in column.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def text_of(value: Any) -> str:
    """Return a cell as text, as a CSV file would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def read_field(
    file: str, row: int, cells: Cells, field: FieldMap, blank: tuple[str, ...]
) -> Found:
    """Read one field from a row."""
    if field.const is not None:
        return Found(Origin(file, row, "", str(field.const)), field.const)
    for name in columns_of(field):
        if isinstance(found := cell(cells, name), list | dict):
            what = "a list" if isinstance(found, list) else "an object"
            origin = Origin(file, row, name, text_of(found))
            return Found(origin, None, f"it is {what}", "give a single value")
    column, text = _raw(row, cells, field, field.blank or blank)
    origin = Origin(file, row, column, text)
    if text in (field.blank or blank) or not text:
        return _blank(origin, field)
    try:
        return Found(origin, convert(text, field))
    except BadCell as bad:
        return Found(origin, None, bad.problem, bad.remedy)


def _raw(
    row: int, cells: Cells, field: FieldMap, blank: tuple[str, ...]
) -> tuple[str, str]:
    def clean(value: Any) -> str:
        text = text_of(value)
        return text.strip() if field.trim else text

    columns = columns_of(field)
    texts = {
        column: str(row) if column == ROW else clean(cell(cells, column))
        for column in columns
    }
    if field.template is not None:
        if any(text in blank for text in texts.values()):
            return columns[0], ""
        return columns[0], _filled(field.template, texts)
    for column, text in texts.items():
        if text not in blank:
            return column, text
    return columns[0], texts[columns[0]]


def _filled(template: str, texts: Mapping[str, str]) -> str:
    def parts() -> Iterator[str]:
        for literal, name, _, _ in Formatter().parse(template):
            yield literal
            yield texts[name] if name else ""

    return "".join(parts())


def _blank(origin: Origin, field: FieldMap) -> Found:
    if field.default is not None:
        return Found(origin, field.default)
    if field.optional:
        return Found(origin)
    wanted = _WANTED[field.kind].format(unit=field.unit)
    return Found(origin, None, "it is missing", wanted)
