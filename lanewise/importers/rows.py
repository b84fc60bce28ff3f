"""Rows out of CSV and JSONL files, however broken the files are.

A row that cannot be read becomes a reject and the next one is read as if
nothing had happened: an unclosed quote, a NUL or a foreign byte spoils its own
row only. Nothing but the current row is held in memory.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO

from lanewise.importers.convert import BadCell
from lanewise.importers.lines import Lines, Row, Unreadable
from lanewise.importers.mapping import Source
from lanewise.importers.reject import MappingError, shown

# A quoted cell may span lines, but a quote nobody closed must not eat the file.
_RECORD_LINES = 100
_AGAIN = "export the file again and check that it arrives whole"


def read_rows(
    source: Source, origin: Path | BinaryIO, needed: Sequence[str] = ()
) -> Iterator[Row | Unreadable]:
    """Read a file row by row.

    Parameters
    ----------
    source
        How it is written.
    origin
        The file, or an open binary stream, which stays open.
    needed
        Columns a CSV header must have.

    Raises
    ------
    MappingError
        When the file cannot be opened, or lacks a column that is needed.
    """
    if not isinstance(origin, Path):
        yield from _read(source, origin, source.path, needed)
        return
    try:
        stream = origin.open("rb")
    except OSError as error:
        msg = f"file {origin}: cannot be opened: {error.strerror or error}"
        raise MappingError(msg) from error
    with stream:
        yield from _read(source, stream, origin.name, needed)


def _read(
    source: Source, stream: BinaryIO, name: str, needed: Sequence[str]
) -> Iterator[Row | Unreadable]:
    lines = Lines(stream, source.encoding, name)
    try:
        problem = lines.whole_file_problem()
        if problem is not None:
            yield problem
        elif source.is_csv:
            yield from _csv_rows(source, lines, needed)
        else:
            yield from _json_rows(lines)
    finally:
        lines.close()


def _csv_rows(
    source: Source, lines: Lines, needed: Sequence[str]
) -> Iterator[Row | Unreadable]:
    header = source.columns or _header(lines, source.delimiter)
    _require(lines.name, header, needed)
    while (line := lines.take()) is not None:
        number = lines.number
        try:
            cells = _cells(lines, line, source.delimiter, len(header))
        except BadCell as bad:
            raw = dict(zip(header, line.split(source.delimiter), strict=False))
            yield lines.unreadable(number, "", line, bad.problem, bad.remedy, raw)
        else:
            yield _csv_row(lines, header, number, line, cells)


def _header(lines: Lines, delimiter: str) -> Sequence[str]:
    line = lines.take() or ""
    try:
        cells = _cells(lines, line, delimiter, None)
    except BadCell as bad:
        msg = f"file {lines.name}: header {shown(line)!r}: {bad.problem}"
        raise MappingError(msg) from bad
    names = [name.strip() for name in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"file {lines.name}: column {twice[0]!r} stands twice in the header"
        raise MappingError(msg)
    return names


def _require(name: str, header: Sequence[str], needed: Sequence[str]) -> None:
    for column in needed:
        if column not in header:
            near = get_close_matches(column, header, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            msg = (
                f"file {name}: the mapping reads column {column!r}, but the file "
                f"has {', '.join(repr(shown(h)) for h in header)}{hint}"
            )
            raise MappingError(msg)


def _cells(lines: Lines, line: str, delimiter: str, width: int | None) -> list[str]:
    """Return the cells of the record that starts in this line.

    Where further lines do not make a whole row of it, they are given back.
    """
    taken = [line]
    while _is_open("\n".join(taken), delimiter) and len(taken) < _RECORD_LINES:
        further = lines.take()
        if further is None:
            break
        taken.append(further)
    try:
        cells = _parsed("\n".join(taken), delimiter)
        if len(taken) > 1 and width not in (None, len(cells)):
            raise _unclosed()
    except BadCell as bad:
        lines.give_back(taken[1:])
        raise (_unclosed() if len(taken) > 1 else bad) from None
    return cells


def _unclosed() -> BadCell:
    return BadCell(
        "a quote is opened in this row and never closed",
        "close the quote; double it if it belongs to the text",
    )


def _parsed(text: str, delimiter: str) -> list[str]:
    if _is_open(text, delimiter):
        raise _unclosed()
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        if "field limit" in str(error):
            msg = f"a cell has more than {csv.field_size_limit()} characters"
            raise BadCell(msg, "shorten it") from error
        msg = f"it is no CSV: {error}"
        raise BadCell(
            msg, "quote a cell that holds quotes, and double these"
        ) from error


def _is_open(text: str, delimiter: str) -> bool:
    """Tell whether the text ends inside a quoted cell."""
    if '"' not in text:
        return False
    quoted, at_start, i = False, True, 0
    while i < len(text):
        char = text[i]
        if quoted and char == '"':
            if text[i + 1 : i + 2] == '"':
                i += 1
            else:
                quoted = False
        elif not quoted:
            quoted = at_start and char == '"'
            at_start = char == delimiter
        i += 1
    return quoted


def _csv_row(
    lines: Lines, header: Sequence[str], number: int, line: str, cells: list[str]
) -> Row | Unreadable:
    known = dict(zip(header, cells, strict=False))
    if not any(cell.strip() for cell in cells):
        return lines.unreadable(number, "", line, "the row is empty", "remove it")
    if len(cells) == len(header):
        return lines.spoiled(number, known) or Row(lines.name, number, known)
    problem = f"the row has {len(cells)} cells, the header {len(header)}"
    remedy = f"give {len(header)} cells; quote a cell that holds the delimiter"
    if len(cells) < len(header) and lines.cut_short():
        problem, remedy = f"the file ends in this row ({problem})", _AGAIN
    missing = header[len(cells)] if len(cells) < len(header) else ""
    return lines.unreadable(number, missing, line, problem, remedy, known)


def _json_rows(lines: Lines) -> Iterator[Row | Unreadable]:
    while (text := lines.take()) is not None:
        yield _json_row(lines, lines.number, text)


def _json_row(lines: Lines, number: int, text: str) -> Row | Unreadable:
    if not text.strip():
        return lines.unreadable(number, "", "", "the row is empty", "remove it")
    spoiled = (
        None
        if text.isascii() and "\0" not in text
        else _json_spoiled(lines, number, text)
    )
    if spoiled is not None:
        return spoiled
    one_object = "give one JSON object per line"
    try:
        document = json.loads(text, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        problem, remedy = f"it is not JSON: {error}", one_object
        if lines.cut_short():
            problem, remedy = f"the file ends in this row ({problem})", _AGAIN
        return lines.unreadable(number, "", text, problem, remedy)
    if not isinstance(document, dict):
        problem = f"it is a {type(document).__name__}, not an object"
        return lines.unreadable(number, "", text, problem, one_object)
    return Row(lines.name, number, document)


def _json_spoiled(lines: Lines, number: int, text: str) -> Unreadable | None:
    found = lines.spoiled(number, {"row": text})
    if found is None or "characters long" in found.reject.problem:
        return None
    return found


def _no_constant(name: str) -> Any:
    msg = f"{name} is no number"
    raise ValueError(msg)
