"""Rows gathered into the groups that make one record each."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from lanewise.importers.cells import Cells, cell, text_of
from lanewise.importers.lines import Row, Unreadable

Key = tuple[str, ...]
Doubt = tuple[Unreadable, Key | None, Key | None]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one record, and unreadable rows that seem to belong to it."""

    key: Key
    rows: tuple[Row, ...]
    doubtful: tuple[Unreadable, ...] = ()


def key_of(cells: Cells, columns: tuple[str, ...]) -> Key:
    """Return the key of a row, one text per column."""
    return tuple(text_of(cell(cells, column)).strip() for column in columns)


def gather(
    rows: Iterable[Row | Unreadable],
    columns: tuple[str, ...],
    also_known: Container[Key] = (),
) -> Iterator[Group | Unreadable]:
    """Gather the rows of each key wherever they stand, in order of first rows.

    Unreadable rows come first. Each is laid to the record it names; where that
    is not sure, to both its neighbors: no record may lose a row unseen.
    """
    groups: dict[Key, list[Row]] = {}
    doubts: list[Doubt] = []
    before: Key | None = None
    waiting: list[Unreadable] = []
    for row in rows:
        if isinstance(row, Unreadable):
            yield row
            waiting.append(row)
            continue
        key = key_of(row.cells, columns)
        groups.setdefault(key, []).append(row)
        doubts += [(bad, before, key) for bad in waiting]
        before, waiting = key, []
    doubts += [(bad, before, None) for bad in waiting]
    laid: dict[Key, list[Unreadable]] = {}
    for doubt in doubts:
        for key in _suspects(doubt, columns, groups, also_known):
            laid.setdefault(key, []).append(doubt[0])
    for key in [*groups, *(key for key in laid if key not in groups)]:
        yield Group(key, tuple(groups.get(key, ())), tuple(laid.get(key, ())))


def _suspects(
    doubt: Doubt,
    columns: tuple[str, ...],
    groups: Container[Key],
    also_known: Container[Key],
) -> set[Key]:
    bad, before, after = doubt
    named = _named(bad, columns)
    sure = bad.whole or (bool(bad.cells) and columns == (next(iter(bad.cells)),))
    if named is not None and (sure or named in groups or named in also_known):
        return {named}
    return {key for key in (before, after) if key is not None}


def gather_in_stream(
    rows: Iterable[Row | Unreadable], columns: tuple[str, ...]
) -> Iterator[Group | Unreadable]:
    """Gather rows that stand together, holding one group at a time.

    An unreadable row is laid to the groups around it, unless it surely names
    one of them.
    """
    key: Key | None = None
    members: list[Row] = []
    doubtful: list[Unreadable] = []
    recent: list[Unreadable] = []
    for row in rows:
        if isinstance(row, Unreadable):
            yield row
            recent.append(row)
            continue
        new = key_of(row.cells, columns)
        if new != key:
            if key is not None:
                yield _group(key, members, doubtful + recent, columns)
            key, members, doubtful = new, [], recent
        else:
            doubtful = doubtful + recent
        members.append(row)
        recent = []
    if key is not None:
        yield _group(key, members, doubtful + recent, columns)


def _group(
    key: Key, rows: list[Row], doubtful: list[Unreadable], columns: tuple[str, ...]
) -> Group:
    def suspected(bad: Unreadable) -> bool:
        named = _named(bad, columns)
        return named is None or named == key or not bad.whole

    return Group(key, tuple(rows), tuple(bad for bad in doubtful if suspected(bad)))


def _named(bad: Unreadable, columns: tuple[str, ...]) -> Key | None:
    """Return the key that can be made out in an unreadable row, if any can."""
    if not all(column in bad.cells for column in columns):
        return None
    key = key_of(bad.cells, columns)
    clean = all(part and part.isprintable() for part in key)
    return key if clean else None
