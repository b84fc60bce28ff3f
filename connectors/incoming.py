"""Orders of others made into ours: where each field is, and what is wrong.

Fields are found by dotted paths (``ship_to.zip``, ``items``, ``items.0.sku``).
An order that cannot be read is a problem of its own: one sentence that names
field, value and what would be right; the others are not kept back.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, ValidationError

from domain.order import Order
from domain.ordering import SourceOrder, SourceStatus
from domain.quantities import Edge
from domain.wire import raw_of

NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9._:-]+")
LONGEST_ID = 80
EPOCH = datetime.fromtimestamp(0, UTC)
SHOWN = 80
ATTRIBUTE = "attributes."
NUMBERS = frozenset({"weight_g", "ship_to.latitude", "ship_to.longitude"})

Path = Annotated[str, Field(min_length=1, max_length=200)]


class Fields(Edge):
    """Where a source keeps what an order needs.

    ``order`` maps our fields (``id``, ``ship_to.postal_code``,
    ``attributes.gift_note``) to the source's paths. ``lines`` is the path of
    the list of lines (empty: the document is one line, as in a row of CSV),
    ``line`` maps ``sku`` and ``units`` in each. ``values`` replaces the
    source's words for a field by ours; a word it lacks is kept as it is.
    """

    source_id: Path = "id"
    changed_at: Path = "updated_at"
    status: Path | None = None
    statuses: dict[str, SourceStatus] = Field(default_factory=dict)
    order: dict[str, Path] = Field(default_factory=dict)
    constants: dict[str, str | int | bool] = Field(default_factory=dict)
    lines: str = "lines"
    line: dict[str, Path] = Field(
        default_factory=lambda: {"sku": "sku", "units": "units"}
    )
    values: dict[str, dict[str, Any]] = Field(default_factory=dict)


USUAL_ORDER = {
    "id": "id",
    "customer_id": "customer_id",
    "placed_at": "placed_at",
    "ship_to": "ship_to",
}


def source_order(document: Any, fields: Fields, prefix: str = "") -> SourceOrder:
    """Read one order of a source.

    Parameters
    ----------
    document
        What the source says of one order.
    prefix
        Put before the source's id to make ours, so that two shops do not meet.
    """
    raw = raw_of(document)
    named = found(document, fields.source_id)
    source_id = str(named) if named not in (None, "") else ""
    changed = _instant(found(document, fields.changed_at))
    status = _status(document, fields)
    if not source_id:
        return SourceOrder(
            source_id="?",
            changed_at=changed or EPOCH,
            status=status,
            problem=f"{fields.source_id}: it is missing; an order has to be named",
            raw=raw,
        )
    built = _document(document, fields) | {"id": order_id(prefix, source_id)}
    order, problem = read_order(built)
    return SourceOrder(
        source_id=source_id[:200],
        changed_at=changed or (order.placed_at if order else EPOCH),
        status=status,
        order=order,
        problem=problem,
        raw=raw,
    )


def read_order(document: Mapping[str, Any]) -> tuple[Order | None, str]:
    """Return an order, or why it is none, in one sentence."""
    try:
        return Order.model_validate(document, strict=False), ""
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "order"
        said = first["msg"].removeprefix("Value error, ")
        return None, f"{where}: {repr(first['input'])[:SHOWN]}: {said}"


def order_id(prefix: str, source_id: str) -> str:
    """Return our id of a source's order: the same for the same, always."""
    plain = NOT_IN_AN_ID.sub("-", source_id).strip("-._:")
    return f"{prefix}{plain}"[:LONGEST_ID]


def found(document: Any, path: str) -> Any:
    """Return what is at a dotted path; None where there is nothing."""
    for part in path.split("."):
        if isinstance(document, Mapping):
            document = document.get(part)
        elif (
            isinstance(document, list) and part.isdigit() and int(part) < len(document)
        ):
            document = document[int(part)]
        else:
            return None
    return document


def added_up(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the units of lines of one SKU together: ours name a SKU once."""
    units: dict[str, Any] = {}
    odd: list[dict[str, Any]] = []
    for line in lines:
        sku, count = line.get("sku"), line.get("units")
        sku = str(sku) if _is_number(sku) else sku
        if isinstance(count, str) and count.strip().isdigit():
            count = int(count)
        if not isinstance(sku, str):
            # No name of goods: kept as it is, so that the order says so.
            odd.append({"sku": sku, "units": count})
            continue
        known = units.get(sku)
        units[sku] = (
            known + count
            if isinstance(known, int) and isinstance(count, int)
            else count
        )
    return [{"sku": sku, "units": count} for sku, count in units.items()] + odd


def _document(document: Any, fields: Fields) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for ours, path in (USUAL_ORDER | fields.order).items():
        value = found(document, path)
        if isinstance(value, str) and value in fields.values.get(ours, {}):
            value = fields.values[ours][value]
        if value not in (None, ""):
            _put(built, ours, value)
    for ours, value in fields.constants.items():
        _put(built, ours, value)
    listed = found(document, fields.lines) if fields.lines else [document]
    if isinstance(listed, list):
        read = [
            {ours: found(line, path) for ours, path in fields.line.items()}
            for line in listed
        ]
        built["lines"] = added_up(read)
    return built


def _put(built: dict[str, Any], ours: str, value: Any) -> None:
    parent, _, name = ours.rpartition(".")
    if ours.startswith(ATTRIBUTE):
        # An attribute's own name may have dots in it.
        parent, name = ATTRIBUTE.removesuffix("."), ours.removeprefix(ATTRIBUTE)
    for part in filter(None, parent.split(".")):
        within = built.setdefault(part, {})
        if not isinstance(within, dict):
            return
        built = within
    # Shops number what is text to us: customers, postal codes.
    as_text = parent == "attributes" or (_is_number(value) and ours not in NUMBERS)
    built[name] = str(value) if as_text else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _status(document: Any, fields: Fields) -> SourceStatus:
    if fields.status is None:
        return SourceStatus.OPEN
    word = found(document, fields.status)
    if str(word) in fields.statuses:
        return fields.statuses[str(word)]
    known = {str(status): status for status in SourceStatus}
    return known.get(str(word).casefold(), SourceStatus.UNKNOWN)


def _instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
