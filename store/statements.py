"""Statements both databases know under the same name, but not the same module."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Item = TypeVar("Item")

# SQLite takes at most 32,766 parameters in one statement.
CHUNK = 1_000


def insert_new(
    session: Session, table: type[SQLModel], rows: Sequence[dict[str, Any]]
) -> int:
    """Insert the rows whose keys are not there yet and count them.

    All rows name the same columns.
    """
    if not rows:
        return 0
    # Rows beside the statement, not in it: so it is made once, and not for every
    # number of rows again. The row count of an insert is not known to every driver.
    statement = insert(session, table).on_conflict_do_nothing()
    statement = statement.returning(literal_column("1"))
    return len(session.connection().execute(statement, rows).all())


def add_new(
    session: Session, table: type[SQLModel], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert the rows whose keys are not there yet, and do not ask which.

    For few rows many times: the statement is the same however many they are,
    and so made only once.
    """
    if rows:
        statement = insert(session, table).on_conflict_do_nothing()
        session.connection().execute(statement, rows)


def upsert(
    session: Session,
    table: type[SQLModel],
    keys: tuple[str, ...],
    rows: Sequence[dict[str, Any]],
) -> None:
    """Insert rows; where the key exists, replace every other given column."""
    for part in chunks(rows):
        new = insert(session, table).values(part)
        rest = {name: new.excluded[name] for name in part[0] if name not in keys}
        statement = new.on_conflict_do_update(index_elements=keys, set_=rest)
        session.connection().execute(statement)


def insert(session: Session, table: type[SQLModel]) -> Any:
    """Begin an insert in the words of the session's database."""
    if session.connection().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Cut items into lists of at most ``size``."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
