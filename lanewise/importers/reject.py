"""Rows that could not be read: what is wrong, where, and what would be right."""

import csv
from collections.abc import Iterable
from pathlib import Path

from domain.errors import LanewiseError
from domain.quantities import Value

COLUMNS = ("file", "row", "record", "field", "value", "problem", "remedy")
_VALUE_CHARS = 200


class Reject(Value):
    """One thing wrong in one row.

    ``row`` is the line of the file it starts on, the first line being 1 (0: the
    file as a whole). ``field`` is the file's own column where it has one, else
    our field. ``record`` is the id of what was rejected, where it is known.
    """

    file: str
    row: int
    field: str
    value: str
    problem: str
    remedy: str
    record: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.row}" if self.row else self.file
        return f"{where}: {self.field} {self.value!r}: {self.problem}; {self.remedy}"


class MappingError(LanewiseError):
    """The mapping does not fit the file, or is wrong in itself."""


def shown(value: object) -> str:
    """Return a value as a reject shows it: printable, and not too long."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    safe = text.encode("utf-8", "backslashreplace").decode()
    safe = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in safe)
    if len(safe) > _VALUE_CHARS:
        return f"{safe[:_VALUE_CHARS]}… ({len(text)} characters)"
    return safe


def write_rejects(path: Path, rejects: Iterable[Reject]) -> int:
    """Write rejects to a file and return how many there were.

    A name ending in ``.csv`` gives CSV, any other JSONL. An older file of that
    name is replaced, so that a clean run leaves an empty list behind.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, COLUMNS) if path.suffix == ".csv" else None
        if table is not None:
            table.writeheader()
        for reject in rejects:
            count += 1
            if table is not None:
                table.writerow(reject.model_dump())
            else:
                out.write(reject.model_dump_json() + "\n")
    return count
