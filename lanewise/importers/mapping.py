"""How a foreign file's columns become our fields, as a YAML document.

.. code-block:: yaml

    source: {path: orders.csv}
    lookups:
      customers: {path: customers.csv, on: customer_id, key: customer_id}
    fields:
      id: order_id
      placed_at: {column: bought, as: instant, format: "%m/%d/%y", zone: UTC}
      ship_to.postal_code: {column: customers.zip, pad: 5}
    children:
      lines:
        source: {path: items.csv}
        on: order_id
        key: order_id
        sum: units
        fields: {sku: product_id, units: {const: 1}}
"""

from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from domain.quantities import Edge
from lanewise.importers.document import load_yaml
from lanewise.importers.reject import MappingError

Columns = tuple[str, ...]


class Kind(StrEnum):
    """What a cell holds, and so how it is read."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    WEIGHT = "weight"
    LENGTH = "length"
    HOURS = "hours"
    MONEY = "money"
    INSTANT = "instant"
    DATE = "date"
    TIME = "time"
    FLAG = "flag"


UNITS: dict[Kind, tuple[str, ...]] = {
    Kind.WEIGHT: ("g", "kg", "lb", "oz", "t"),
    Kind.LENGTH: ("mm", "cm", "m", "in", "ft"),
    Kind.HOURS: ("h", "day", "minute"),
    Kind.MONEY: ("cents", "millicents"),
}


def _as_columns(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class FieldMap(Edge):
    """Where one field comes from and how it is read.

    Exactly one of ``column`` (several: the first one that is filled; ``"#"``: the
    number of the row), ``const`` and ``template`` (``"{product}@{order}"``).
    ``unit`` is the file's unit (for money: what one of ours is, cents or
    thousandths of a cent). ``values`` replaces the file's words by ours and
    refuses others. ``default`` stands in for a blank cell; without one a blank
    field is left out where it is ``optional`` and refused otherwise. ``format``
    is as in ``strptime``, or ``iso``; several are tried in turn. ``at`` is the
    time of day meant by a mere date. ``split`` makes a list of one cell.
    """

    column: Columns = ()
    const: str | int | float | bool | None = None
    template: str | None = None
    kind: Annotated[Kind, Field(alias="as")] = Kind.TEXT
    unit: str | None = None
    values: dict[str, str | int | float | bool] | None = None
    default: str | int | float | bool | None = None
    optional: bool = False
    blank: tuple[str, ...] | None = None
    trim: bool = True
    pad: Annotated[int, Field(ge=0, le=32)] = 0
    case: Annotated[str, Field(pattern="^(keep|upper|lower)$")] = "keep"
    decimal: Annotated[str, Field(pattern=r"^[.,]$")] = "."
    currency: str = "$"
    format: Columns = ("iso",)
    zone: str = "UTC"
    at: str = "00:00"
    split: str | None = None

    _columns = field_validator("column", "format", mode="before")(_as_columns)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        ZoneInfo(name)
        return name

    @field_validator("values", mode="before")
    @classmethod
    def _text_keys(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        # The words in the file are text, also where YAML reads numbers or truths.
        return {str(key): value for key, value in values.items()}

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [bool(self.column), self.const is not None, self.template is not None]
        if sum(origins) != 1:
            msg = "give exactly one of column, const and template"
            raise ValueError(msg)
        allowed = UNITS.get(self.kind, ())
        if self.unit is not None and self.unit not in allowed:
            msg = f"unit {self.unit!r} of {self.kind}: use one of {list(allowed)}"
            raise ValueError(msg)
        if self.unit is None and self.kind in (Kind.WEIGHT, Kind.LENGTH, Kind.HOURS):
            msg = f"a {self.kind} needs its unit, one of {list(allowed)}"
            raise ValueError(msg)
        return self


def _as_field(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _as_fields(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _as_field(field) for name, field in value.items()}


class Source(Edge):
    """A file: CSV or JSONL, by its ending unless ``format`` says otherwise."""

    path: str
    format: Annotated[str, Field(pattern="^(csv|jsonl)$")] | None = None
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    columns: Columns | None = None

    @property
    def is_csv(self) -> bool:
        if self.format is not None:
            return self.format == "csv"
        return not self.path.endswith((".jsonl", ".ndjson", ".json"))


class Lookup(Source):
    """A second file whose row with the same key adds its columns.

    They are named ``<lookup>.<column>``. ``on`` is this file's column (or
    another lookup's), ``key`` the second file's. ``optional`` lets a row
    without a match keep blanks; otherwise it is refused.
    """

    on: str
    key: str
    pad: Annotated[int, Field(ge=0, le=32)] = 0
    optional: bool = False


class Child(Edge):
    """A list inside the record: from the rows of the group or of another file.

    ``each`` names a JSON column that already holds the list, its objects' own
    names being the columns then.
    Rows of another ``source`` belong to the record whose column ``on`` equals
    their ``key``. Rows equal in all but the field ``sum`` become one, with that
    field added up. ``value`` instead of ``fields`` makes a list of plain values.
    """

    source: Source | None = None
    each: str | None = None
    on: str | None = None
    key: str | None = None
    lookups: dict[str, Lookup] = Field(default_factory=dict)
    fields: dict[str, FieldMap] = Field(default_factory=dict)
    value: FieldMap | None = None
    sum: str | None = None

    _fields = field_validator("fields", mode="before")(_as_fields)
    _value = field_validator("value", mode="before")(_as_field)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.fields) == (self.value is not None):
            msg = "give either fields or value"
            raise ValueError(msg)
        if self.source is not None and self.each is not None:
            msg = "give either source or each"
            raise ValueError(msg)
        if self.source is not None and not (self.on and self.key):
            msg = "a child with its own source needs on and key"
            raise ValueError(msg)
        return self


class Mapping(Edge):
    """How the rows of a file become records.

    Without ``group`` every row is a record. With it, rows that agree in those
    columns are one record; ``contiguous`` promises that they stand together, so
    that the file need not be held in memory. ``where`` keeps only rows whose
    column holds one of the given values; the others are not rejects. ``blank``
    lists the words that mean nothing was filled in.
    """

    source: Source
    lookups: dict[str, Lookup] = Field(default_factory=dict)
    group: Columns = ()
    contiguous: bool = False
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    blank: tuple[str, ...] = ("",)
    fields: dict[str, FieldMap]
    children: dict[str, Child] = Field(default_factory=dict)

    _group = field_validator("group", mode="before")(_as_columns)
    _fields = field_validator("fields", mode="before")(_as_fields)


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    MappingError
        When it is not YAML or does not follow the grammar; the message names
        the place, what stands there and what would be right.
    """
    return _mapping(path, _document(path))


def load_mappings(path: Path) -> dict[str, Mapping]:
    """Read a file of several mappings, each under a name of its own.

    Raises
    ------
    MappingError
        As ``load_mapping`` does.
    """
    document = _document(path)
    if not isinstance(document, dict):
        msg = f"mapping {path}: give each mapping a name"
        raise MappingError(msg)
    return {str(name): _mapping(path, each) for name, each in document.items()}


def _document(path: Path) -> Any:
    try:
        return load_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"mapping {path}: cannot be read as YAML: {error}"
        raise MappingError(msg) from error


def _mapping(path: Path, document: Any) -> Mapping:
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in e['loc']) or 'document'}: {e['msg']}"
            for e in error.errors()
        )
        msg = f"mapping {path}: {problems}"
        raise MappingError(msg) from error


def own_columns(source: Source, columns: Columns, model: type[BaseModel]) -> Mapping:
    """Map a CSV file whose columns already carry a model's field names.

    Nested fields are dotted (``ship_to.postal_code``), lists are written with
    semicolons. Where a model has ``lines``, the columns ``sku`` and ``units``
    are one line, and rows of one ``id`` are one record.
    """
    has_lines = "lines" in model.model_fields and "sku" in columns
    own = [c for c in columns if not (has_lines and c in ("sku", "units"))]
    for column in own:
        if column.split(".")[0] not in model.model_fields:
            near = get_close_matches(column, model.model_fields, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            msg = f"file {source.path}: there is no field {column!r}{hint}"
            raise MappingError(msg)
    lines = {"sku": FieldMap(column=("sku",)), "units": FieldMap(column=("units",))}
    return Mapping(
        source=source,
        group=("id",) if has_lines else (),
        fields={column: _own_column(column, model) for column in own},
        children={"lines": Child(fields=lines)} if has_lines else {},
    )


def _own_column(column: str, model: type[BaseModel]) -> FieldMap:
    field = model.model_fields.get(column)
    is_list = field is not None and "tuple[" in str(field.annotation)
    return FieldMap(column=(column,), optional=True, split=";" if is_list else None)
