"""Files of orders: JSON Lines, JSON, or CSV with a row for each line."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from connectors.incoming import EPOCH, Fields, source_order
from domain.ordering import SourceOrder, SourceStatus

SUFFIXES = (".jsonl", ".json", ".csv")


def orders_in(
    name: str, data: bytes, fields: Fields, prefix: str
) -> tuple[SourceOrder, ...]:
    """Read a file's orders; what cannot be read is an order with a problem."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return (_unreadable(name, f"it is not UTF-8: {error.reason}"),)
    if name.endswith(".csv"):
        documents = _rows(text, fields)
        by_row = fields.model_copy(update={"lines": "rows"})
        return tuple(source_order(d, by_row, prefix) for d in documents)
    return tuple(_read(name, line, fields, prefix) for line in _documents(name, text))


def _documents(name: str, text: str) -> Iterator[Any]:
    if name.endswith(".jsonl"):
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield _json(line, f"{name}, line {number}")
        return
    whole = _json(text, name)
    yield from whole if isinstance(whole, list) else (whole,)


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return _unreadable(where, f"not JSON: {error}")


def _read(name: str, document: Any, fields: Fields, prefix: str) -> SourceOrder:
    if isinstance(document, SourceOrder):
        return document
    return source_order(document, fields, prefix)


def _rows(text: str, fields: Fields) -> list[dict[str, Any]]:
    """Gather a table's rows by order; the first row of each tells the rest."""
    orders: dict[str, dict[str, Any]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        named = (row.get(fields.source_id) or "").strip()
        order = orders.setdefault(named, {**row, "rows": []})
        order["rows"].append(row)
    return list(orders.values())


def _unreadable(where: str, why: str) -> SourceOrder:
    return SourceOrder(
        source_id=where[:200],
        changed_at=EPOCH,
        status=SourceStatus.UNKNOWN,
        problem=f"{where}: {why}",
    )
