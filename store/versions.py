"""Things published in immutable versions, one of which is in force."""

from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from domain.errors import Immutable
from domain.network import Network
from domain.segment import RuleSet
from store.statements import insert_new, upsert
from store.tables import ActiveRow, NetworkRow, RuleSetRow

Versioned = TypeVar("Versioned", Network, RuleSet)
Table = type[NetworkRow] | type[RuleSetRow]


def publish(
    session: Session, table: type[NetworkRow], value: Network, now: datetime
) -> None:
    """Keep a version and put it in force; the very same again only does the latter."""
    document = value.model_dump_json()
    row = {"version": value.version, "document": document, "published_at": now}
    insert_new(session, table, [row])
    kept = session.exec(
        select(table.document).where(col(table.version) == value.version)
    ).one()
    # By value: a document written before a field was added is still the same.
    if kept != document and type(value).model_validate_json(kept) != value:
        msg = (
            f"version: {value.version!r} is already published with other content; "
            f"publish the change under a new version"
        )
        raise Immutable(msg)
    activate(session, table, value.version, now)


def activate(session: Session, table: Table, version: str, now: datetime) -> None:
    """Put a kept version in force."""
    active = {"thing": str(table.__tablename__), "version": version, "since": now}
    upsert(session, ActiveRow, ("thing",), [active])


def active_version(session: Session, table: Table) -> str | None:
    """Return the version in force."""
    thing = str(table.__tablename__)
    return session.exec(
        select(ActiveRow.version).where(ActiveRow.thing == thing)
    ).first()


def active_since(session: Session, table: Table) -> datetime | None:
    """Return when the version in force took force."""
    thing = str(table.__tablename__)
    return session.exec(select(ActiveRow.since).where(ActiveRow.thing == thing)).first()


def read(
    session: Session, table: Table, kind: type[Versioned], version: str | None
) -> Versioned | None:
    """Return what was published as that version."""
    document = session.exec(
        select(table.document).where(col(table.version) == version)
    ).first()
    return None if document is None else kind.model_validate_json(document)
