"""Rows of one file completed by rows of others, found by key."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from lanewise.importers.cells import Cells, cell, text_of
from lanewise.importers.lines import Row, Unreadable
from lanewise.importers.mapping import Lookup, Source
from lanewise.importers.reject import Reject, shown
from lanewise.importers.rows import read_rows

Opener = Callable[[Source], Path | BinaryIO]


@dataclass
class Table:
    """One lookup file in memory, by key; only the columns that are read."""

    name: str
    lookup: Lookup
    rows: dict[str, dict[str, object]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)


def load_table(
    name: str, lookup: Lookup, columns: tuple[str, ...], opener: Opener
) -> Table:
    """Read a lookup file; the first row of a key is the one that counts."""
    table, first = Table(name, lookup), dict[str, int]()
    for row in read_rows(lookup, opener(lookup), (lookup.key, *columns)):
        if isinstance(row, Unreadable):
            table.rejects.append(row.reject)
            continue
        key = _key(row.cells, lookup.key, lookup.pad)
        if not key or key in first:
            problem = f"row {first[key]} has the same key" if key else "it is missing"
            remedy = "give every row a key of its own"
            table.rejects.append(_reject(row, lookup.key, key, problem, remedy))
            continue
        first[key] = row.number
        table.rows[key] = {column: cell(row.cells, column) for column in columns}
    return table


def join(row: Row, tables: tuple[Table, ...]) -> tuple[Row, tuple[Reject, ...]]:
    """Add the columns of every table to a row; a missing match is a reject."""
    cells, rejects = dict(row.cells), list[Reject]()
    for table in tables:
        lookup = table.lookup
        key = _key(cells, lookup.on, lookup.pad)
        match = table.rows.get(key)
        if match is None and not lookup.optional:
            problem = f"no readable row of {lookup.path} has it as {lookup.key}"
            remedy = f"add it to {lookup.path}, or correct it here"
            rejects.append(_reject(row, lookup.on, key, problem, remedy))
        for column, value in (match or {}).items():
            cells[f"{table.name}.{column}"] = value
    return Row(row.file, row.number, cells), tuple(rejects)


def _reject(row: Row, column: str, key: str, problem: str, remedy: str) -> Reject:
    return Reject(
        file=row.file,
        row=row.number,
        field=column,
        value=shown(key),
        problem=problem,
        remedy=remedy,
    )


def _key(cells: Cells, column: str, pad: int) -> str:
    text = text_of(cell(cells, column)).strip()
    return text.rjust(pad, "0") if text else ""
