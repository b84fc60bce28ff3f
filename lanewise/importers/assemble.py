"""Documents out of groups of rows: fields read, children listed, nothing judged yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lanewise.importers.cells import (
    ROW,
    Found,
    Origin,
    cell,
    columns_of,
    read_field,
    text_of,
)
from lanewise.importers.groups import Group, Key, gather, gather_in_stream, key_of
from lanewise.importers.join import Opener, Table, join, load_table
from lanewise.importers.lines import Row, Unreadable
from lanewise.importers.mapping import Child, FieldMap, Lookup, Mapping
from lanewise.importers.reject import Reject, shown
from lanewise.importers.rows import read_rows

Loc = tuple[str | int, ...]


@dataclass
class Draft:
    """A record as read, with where each field came from and what was wrong."""

    row: int
    file: str
    document: dict[str, Any] = field(default_factory=dict)
    origins: dict[Loc, Origin] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    bad: set[Loc] = field(default_factory=set)


@dataclass
class _Kin:
    """The rows of a child's own file, by the key of the record they belong to."""

    groups: dict[Key, Group]
    tables: tuple[Table, ...]
    used: set[Key] = field(default_factory=set)


class Assembly:
    """Reads one mapping's files; rejects of side files come first."""

    def __init__(self, mapping: Mapping, opener: Opener) -> None:
        self._mapping = mapping
        self._opener = opener
        self._tables = self._load(mapping.lookups, self._all_fields())
        self._kin: dict[str, _Kin] = {}

    def drafts(self) -> Iterator[Draft | Reject]:
        """Read record by record.

        After the last one, rows of children's files that belong to none follow.
        """
        yield from (reject for table in self._tables for reject in table.rejects)
        for name, child in self._mapping.children.items():
            if child.source is not None:
                yield from self._read_kin(name, child)
        for group in self._groups():
            if isinstance(group, Unreadable):
                yield group.reject
            elif group.rows and all(self._wanted(row) for row in group.rows):
                yield self._draft(group)
            else:
                self._use(group)
        yield from self._orphans()

    def _all_fields(self) -> list[FieldMap]:
        fields = list(self._mapping.fields.values())
        for child in self._mapping.children.values():
            if child.source is None and child.each is None:
                fields += _fields_of(child)
        return fields

    def _load(
        self, lookups: dict[str, Lookup], fields: Iterable[FieldMap]
    ) -> tuple[Table, ...]:
        read = {column for each in fields for column in columns_of(each)}
        read |= {lookup.on for lookup in lookups.values()}
        tables = []
        for name, lookup in lookups.items():
            prefix = f"{name}."
            own = sorted(c.removeprefix(prefix) for c in read if c.startswith(prefix))
            tables.append(load_table(name, lookup, tuple(own), self._opener))
        return tuple(tables)

    def _needed(self, fields: Iterable[FieldMap], more: Iterable[str]) -> list[str]:
        """List the file's own columns that are read."""
        prefixes = tuple(f"{name}." for name in self._mapping.lookups)
        columns = [column for each in fields for column in columns_of(each)]
        own = dict.fromkeys([*columns, *more])
        own.pop(ROW, None)
        return [column for column in own if not column.startswith(prefixes or "\0")]

    def _groups(self) -> Iterator[Group | Unreadable]:
        mapping = self._mapping
        needed = self._needed(
            self._all_fields(),
            [
                *mapping.group,
                *mapping.where,
                *(lookup.on for lookup in mapping.lookups.values()),
                *(child.on for child in mapping.children.values() if child.on),
                *(child.each for child in mapping.children.values() if child.each),
            ],
        )
        origin = self._opener(mapping.source)
        rows = read_rows(mapping.source, origin, needed)
        if not mapping.group:
            for row in rows:
                yield Group((), (row,)) if isinstance(row, Row) else row
        elif mapping.contiguous:
            yield from gather_in_stream(rows, mapping.group)
        else:
            yield from gather(rows, mapping.group)

    def _wanted(self, row: Row) -> bool:
        return all(
            text_of(cell(row.cells, column)).strip() in values
            for column, values in self._mapping.where.items()
        )

    def _use(self, group: Group) -> None:
        """Note whose children these are, so that they count as nobody's orphans."""
        for name, kin in self._kin.items():
            on = self._mapping.children[name].on or ""
            kin.used.update(key_of(row.cells, (on,)) for row in group.rows)

    def _read_kin(self, name: str, child: Child) -> Iterator[Reject]:
        assert child.source is not None
        tables = self._load(child.lookups, _fields_of(child))
        yield from (reject for table in tables for reject in table.rejects)
        prefixes = tuple(f"{lookup}." for lookup in child.lookups) or ("\0",)
        needed = [
            column
            for each in _fields_of(child)
            for column in columns_of(each)
            if not column.startswith(prefixes)
        ]
        columns = (child.key or "",)
        rows = read_rows(child.source, self._opener(child.source), [*needed, *columns])
        groups: dict[Key, Group] = {}
        for group in gather(rows, columns):
            if isinstance(group, Unreadable):
                yield group.reject
            else:
                groups[group.key] = group
        self._kin[name] = _Kin(groups, tables)

    def _draft(self, group: Group) -> Draft:
        self._use(group)
        first, rejects = join(group.rows[0], self._tables)
        draft = Draft(first.number, first.file, rejects=list(rejects))
        self._doubt(draft, group)
        for name, each in self._mapping.fields.items():
            self._field(draft, first, name, each, group.rows[1:])
        for name, child in self._mapping.children.items():
            if child.source is not None:
                rows = self._children(draft, name, first)
            elif child.each is not None:
                rows = _unfolded(draft, name, child.each, first)
            else:
                rows = [join(row, self._tables) for row in group.rows]
            _list(draft, name, child, rows, self._mapping.blank)
        return draft

    def _doubt(self, draft: Draft, group: Group) -> None:
        for bad in group.doubtful:
            problem = f"row {bad.number} seems to belong to it and cannot be read"
            draft.rejects.append(
                bad.reject.model_copy(
                    update={
                        "row": draft.row if group.rows else bad.number,
                        "field": "row",
                        "value": " ".join(group.key),
                        "problem": f"{problem}: {bad.reject.problem}",
                        "remedy": f"correct row {bad.number} of {bad.reject.file}",
                    }
                )
            )

    def _field(
        self, draft: Draft, row: Row, name: str, each: FieldMap, rest: tuple[Row, ...]
    ) -> None:
        found = read_field(row.file, row.number, row.cells, each, self._mapping.blank)
        _put(draft, draft.document, name, (), found)
        for other in rest:
            cells = join(other, self._tables)[0].cells
            again = read_field(
                other.file, other.number, cells, each, self._mapping.blank
            )
            if (again.value, again.problem) != (found.value, found.problem):
                problem = f"row {row.number} of the same record says {found.value!r}"
                remedy = "make the rows of one record agree"
                draft.rejects.append(_reject(again.origin, name, problem, remedy))

    def _children(
        self, draft: Draft, name: str, row: Row
    ) -> list[tuple[Row, tuple[Reject, ...]]]:
        kin = self._kin[name]
        key = key_of(row.cells, (self._mapping.children[name].on or "",))
        group = kin.groups.get(key)
        if group is None:
            return []
        self._doubt(draft, group)
        return [join(each, kin.tables) for each in group.rows]

    def _orphans(self) -> Iterator[Reject]:
        for name, kin in self._kin.items():
            child = self._mapping.children[name]
            for key, group in kin.groups.items():
                if key not in kin.used and group.rows:
                    row = group.rows[0]
                    origin = Origin(row.file, row.number, child.key or "", key[0])
                    source = self._mapping.source.path
                    problem = f"no row of {source} has it as {child.on}"
                    remedy = f"add it to {source}, or correct it here"
                    yield _reject(origin, name, problem, remedy)


def _unfolded(
    draft: Draft, name: str, column: str, row: Row
) -> list[tuple[Row, tuple[Reject, ...]]]:
    """Return the objects of a list inside a JSON row as rows of their own."""
    items = cell(row.cells, column)
    if isinstance(items, list) and all(isinstance(item, dict) for item in items):
        return [(Row(row.file, row.number, item), ()) for item in items]
    origin = Origin(row.file, row.number, column, text_of(items))
    draft.bad.add((name,))
    draft.rejects.append(
        _reject(origin, name, "it is not a list of objects", "give a JSON list")
    )
    return []


def _fields_of(child: Child) -> list[FieldMap]:
    return [*child.fields.values(), *([child.value] if child.value else [])]


def _list(
    draft: Draft,
    name: str,
    child: Child,
    rows: list[tuple[Row, tuple[Reject, ...]]],
    blank: tuple[str, ...],
) -> None:
    """List a record's children, equal ones added up where the mapping says so."""
    items: list[Any] = []
    index_of: dict[Any, int] = {}
    for row, rejects in rows:
        draft.rejects += rejects
        if child.value is not None:
            found = read_field(row.file, row.number, row.cells, child.value, blank)
            _note(draft, name, (name, len(items)), found)
            if found.value is not None:
                items.append(found.value)
            continue
        item: dict[str, Any] = {}
        for field_name, each in child.fields.items():
            found = read_field(row.file, row.number, row.cells, each, blank)
            _put(draft, item, field_name, (name, len(items)), found)
        same = repr(sorted((k, v) for k, v in item.items() if k != child.sum))
        if child.sum is None or same not in index_of:
            index_of[same] = len(items)
            items.append(item)
        elif isinstance(item.get(child.sum), int):
            before = items[index_of[same]]
            before[child.sum] = (before.get(child.sum) or 0) + item[child.sum]
    parts = name.split(".")
    _nested(draft.document, parts[:-1])[parts[-1]] = items


def _nested(document: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    for part in parts:
        document = document.setdefault(part, {})
    return document


def _put(
    draft: Draft, document: dict[str, Any], name: str, at: Loc, found: Found
) -> None:
    parts = name.split(".")
    _note(draft, name, (*at, *parts), found)
    if found.value is not None:
        _nested(document, parts[:-1])[parts[-1]] = found.value


def _note(draft: Draft, name: str, loc: Loc, found: Found) -> None:
    draft.origins[loc] = found.origin
    if found.problem:
        draft.bad.add(loc)
        draft.rejects.append(_reject(found.origin, name, found.problem, found.remedy))


def _reject(origin: Origin, name: str, problem: str, remedy: str) -> Reject:
    return Reject(
        file=origin.file,
        row=origin.row,
        field=origin.column or name,
        value=shown(origin.value),
        problem=problem,
        remedy=remedy,
    )
