"""Records out of files: rows assembled, checked by a model, and told apart.

A record with anything wrong in any of its rows is rejected whole. Equal files
give equal records in equal order, so that reading a mended file again repeats
every good record exactly.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import BaseModel, ValidationError

from lanewise.importers.assemble import Assembly, Draft
from lanewise.importers.complaints import complaints, unknown_fields
from lanewise.importers.lines import Row, Unreadable
from lanewise.importers.mapping import Mapping, Source, own_columns
from lanewise.importers.reject import Reject, shown
from lanewise.importers.rows import read_rows

T = TypeVar("T", bound=BaseModel)
Origin = Path | BinaryIO
Check = Callable[[Any, Draft], Iterator[Reject]]


def read_records(
    origin: Origin,
    mapping: Mapping | None,
    model: type[T],
    *,
    key: Callable[[T], object] | None = None,
    check: Check | None = None,
) -> Iterator[T | Reject]:
    """Read values of a model from a file, or say why not.

    Parameters
    ----------
    origin
        A file, a folder that holds the files the mapping names, or an open
        binary stream for the mapping's main file.
    mapping
        How columns become fields; None where the file is in our own words
        (JSONL, or CSV with our field names, nested ones dotted).
    model
        What each record is.
    key
        What identifies a record: a second one of the same key is a reject, and
        the first one counts even if it was rejected itself.
    check
        Further rules; yields what is wrong.

    Raises
    ------
    MappingError
        When a file cannot be opened or lacks a column that is read.
    """
    drafts = _own(origin, model) if mapping is None else _mapped(origin, mapping)
    seen: dict[object, int] = {}
    for draft in drafts:
        if isinstance(draft, Reject):
            yield draft
            continue
        rejects, value = _judged(draft, model, key, check, seen)
        name = shown(draft.document.get("id", ""))
        yield from (r.model_copy(update={"record": name}) for r in rejects)
        if value is not None and not rejects:
            yield value


def _judged(
    draft: Draft,
    model: type[T],
    key: Callable[[T], object] | None,
    check: Check | None,
    seen: dict[object, int],
) -> tuple[list[Reject], T | None]:
    rejects, value = list(draft.rejects), None
    try:
        value = model.model_validate(draft.document)
    except ValidationError as error:
        at = (draft.file, draft.row, draft.origins)
        rejects += complaints(error, *at, known_bad=draft.bad)
    identity = key(value) if key and value is not None else draft.document.get("id")
    if key is not None and identity is not None:
        first = seen.setdefault(identity, draft.row)
        if first != draft.row:
            rejects.append(_twice(draft, shown(str(identity)), first))
    if value is not None and check is not None:
        rejects += check(value, draft)
    return rejects, value


def _twice(draft: Draft, identity: str, first: int) -> Reject:
    origin = draft.origins.get(("id",))
    return Reject(
        file=draft.file,
        row=draft.row,
        field=(origin.column if origin else "") or "id",
        value=identity,
        problem=f"row {first} has the same id",
        remedy="remove one of them, or give it an id of its own",
    )


def _mapped(origin: Origin, mapping: Mapping) -> Iterator[Draft | Reject]:
    def opener(source: Source) -> Origin:
        if source is mapping.source and not _is_folder(origin):
            return origin
        if not isinstance(origin, Path):
            return Path(source.path)
        return (origin if origin.is_dir() else origin.parent) / source.path

    return Assembly(mapping, opener).drafts()


def _is_folder(origin: Origin) -> bool:
    return isinstance(origin, Path) and origin.is_dir()


def _own(origin: Origin, model: type[BaseModel]) -> Iterator[Draft | Reject]:
    """Read a file in our own words."""
    name = origin.name if isinstance(origin, Path) else "input.jsonl"
    source = Source(path=name)
    if source.is_csv:
        rows = read_rows(source, origin)
        first = next((row for row in rows if isinstance(row, Row)), None)
        columns = tuple(first.cells) if first else ()
        yield from _mapped(origin, own_columns(source, columns, model))
        return
    for row in read_rows(source, origin):
        if isinstance(row, Unreadable):
            yield row.reject
        else:
            yield _checked(Draft(row.number, row.file, dict(row.cells)), model)


def _checked(draft: Draft, model: type[BaseModel]) -> Draft:
    for loc, hint in unknown_fields(draft.document, model):
        name = ".".join(str(part) for part in loc)
        draft.rejects.append(
            Reject(
                file=draft.file,
                row=draft.row,
                field=name,
                value="",
                problem="there is no such field",
                remedy=hint,
            )
        )
    return draft
