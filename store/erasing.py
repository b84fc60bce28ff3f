"""Finds everything that is kept of one customer, and erases it.

- the mapping, the customer, events, profiles and memberships go
- orders stay as figures: their documents lose whom they were for, and where
- decisions stay: they are append-only, and name nobody but the pseudonym
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, SQLModel, col, or_, select

from domain.order import Order
from domain.outcome import Outcome
from domain.quantities import CustomerId, OrderId, Place
from domain.subject import Subject, of_order
from store import subjects
from store.people import Alias, forget
from store.statements import chunks
from store.tables import (
    ClassificationRow,
    CustomerRow,
    EventRow,
    InboxRow,
    InterestRow,
    MembershipChangeRow,
    MembershipRow,
    OrderRow,
    OutcomeRow,
    ParcelRow,
    ProfileRow,
    PseudonymRow,
    StockClaimRow,
    SubjectMembershipRow,
    SubjectStateRow,
)
from store.traces import ERASED, orders_of, subjects_of

_POSTAL_KEPT = 3

_BY_SUBJECT: tuple[type[SQLModel], ...] = (
    EventRow,
    ProfileRow,
    SubjectStateRow,
    SubjectMembershipRow,
    MembershipChangeRow,
    InterestRow,
)
_BY_ORDER: tuple[type[SQLModel], ...] = (
    ClassificationRow,
    MembershipRow,
    InterestRow,
)
_TABLES: set[type[SQLModel]] = {
    *_BY_SUBJECT,
    *_BY_ORDER,
    *(CustomerRow, InboxRow, OrderRow, OutcomeRow, ParcelRow, PseudonymRow),
}
TOUCHED = tuple(sorted(str(table.__tablename__) for table in _TABLES))

# Says a word nobody can guess, to stand where something personal stood.
Token = Callable[[], str]


def reserve(session: Session, alias: Alias) -> None:
    """Wait for whoever is about to keep something of a customer, and keep others out.

    What is read after this is all there will be; who comes later finds the
    mapping gone when this transaction has ended.
    """
    session.exec(
        select(PseudonymRow)
        .where(PseudonymRow.pseudonym == alias.pseudonym)
        .with_for_update()
    ).all()


def erase(session: Session, alias: Alias, token: Token) -> dict[str, int]:
    """Erase a customer, and count what was deleted or redacted by table.

    The caller has reserved the customer, and then made sure that no order is
    open; doing it again changes nothing.

    Parameters
    ----------
    token
        Says a random word; it replaces the sender's id of events that count
        for a SKU or a lane as well, whose figures stay.
    """
    done: Counter[str] = Counter()
    orders = [OrderId(row.id) for row in orders_of(session, alias)]
    done["events"] += _unname_events(session, alias, orders, token)
    for part in chunks(orders):
        _erase_orders(session, part, done)
    for subject in subjects_of(alias):
        _delete_subjects(session, [subject], done)
    names = (alias.pseudonym, alias.known_as)
    _delete(session, CustomerRow, col(CustomerRow.id).in_(names), done)
    done["pseudonyms"] += forget(session, alias.pseudonym)
    return {table: done[table] for table in sorted(done) if done[table]}


def redacted(order: Order) -> Order:
    """Return what may be kept of an order: goods and dates, not whom or where.

    Of the destination its country, region and at most three characters of the
    postal code are left, never all of it.
    """
    place = order.ship_to
    kept = place.postal_code[: min(_POSTAL_KEPT, len(place.postal_code) - 1)]
    return order.model_copy(
        update={
            "customer_id": CustomerId(ERASED),
            "ship_to": Place(
                country=place.country, region=place.region, postal_code=kept or "-"
            ),
            "attributes": {},
        }
    )


def _erase_orders(session: Session, part: list[OrderId], done: Counter[str]) -> None:
    _delete_inbox(session, part, done)
    for table in _BY_ORDER:
        _delete(session, table, table.order_id.in_(part), done)  # type: ignore[attr-defined]
    _delete_subjects(session, [of_order(order) for order in part], done)
    done["parcels"] += _changed(
        session,
        update(ParcelRow)
        .where(
            col(ParcelRow.order_id).in_(part), col(ParcelRow.tracking_number) != ERASED
        )
        .values(tracking_number=ERASED),
    )
    for outcome in session.exec(
        select(OutcomeRow).where(col(OutcomeRow.order_id).in_(part))
    ):
        value = Outcome.model_validate_json(outcome.document)
        outcome.document = value.model_copy(update={"reason": ""}).model_dump_json()
        done["outcomes"] += 1
    for row in session.exec(select(OrderRow).where(col(OrderRow.id).in_(part))):
        order = redacted(Order.model_validate_json(row.document))
        row.document, row.customer_id = order.model_dump_json(), ERASED
        done["orders"] += 1
    session.flush()


def _delete_subjects(
    session: Session, names: list[Subject], done: Counter[str]
) -> None:
    for table in _BY_SUBJECT:
        _delete(session, table, table.subject.in_(names), done)  # type: ignore[attr-defined]


def _unname_events(
    session: Session, alias: Alias, orders: list[OrderId], token: Token
) -> int:
    """Leave the figures of what also counts for a SKU or a lane, and no name."""
    own = subjects_of(alias)
    twin = (
        select(EventRow.event_id)
        .where(col(EventRow.subject).in_(own))
        .with_only_columns(
            col(EventRow.event_id), col(EventRow.occurred_at), col(EventRow.kind)
        )
    )
    keys = {tuple(row) for row in session.connection().execute(twin)}
    found: dict[tuple[str, str], EventRow] = {}
    for ids in chunks(sorted({str(key[0]) for key in keys})):
        found |= _others(session, own, col(EventRow.event_id).in_(ids))
    found = {
        key: row
        for key, row in found.items()
        if (row.event_id, row.occurred_at, row.kind) in keys
    }
    for part in chunks(orders):
        found |= _others(session, own, col(EventRow.order_id).in_(part))
    for subject, event_id in sorted(found.keys()):
        word = f"{ERASED}-{token()}"
        session.connection().execute(
            update(EventRow)
            .where(col(EventRow.subject) == subject, col(EventRow.event_id) == event_id)
            .values(event_id=word, digest=word, order_id=None, labels="{}")
        )
    _mark(session, found.values())
    session.expire_all()
    return len(found)


def _mark(session: Session, rows: Iterable[EventRow]) -> None:
    """Have SKUs and lanes looked at again: their events have no labels any more."""
    dirt: dict[Subject, datetime] = {}
    for row in rows:
        subject = Subject(row.subject)
        dirt[subject] = min(dirt.get(subject, row.occurred_at), row.occurred_at)
    subjects.mark(session, dirt)


def _others(
    session: Session, own: list[Subject], where: ColumnElement[bool]
) -> dict[tuple[str, str], EventRow]:
    rows = session.exec(
        select(EventRow).where(where, col(EventRow.subject).not_in(own))
    )
    return {(row.subject, row.event_id): row for row in rows}


def _delete_inbox(session: Session, part: list[OrderId], done: Counter[str]) -> None:
    """Delete what warehouses and carriers told of these orders' parcels."""
    for order in part:
        centers = session.exec(
            select(StockClaimRow.fc).where(StockClaimRow.order_id == order).distinct()
        ).all()
        parcels = session.exec(select(ParcelRow).where(ParcelRow.order_id == order))
        exact = {f"carrier/{p.carrier}/{p.tracking_number}" for p in parcels}
        starts = [f"warehouse/{fc}/{order}/" for fc in centers]
        held = col(InboxRow.subject)
        some = or_(
            held.in_([*exact, f"lost/{order}"]),
            *(held.startswith(start, autoescape=True) for start in starts),
        )
        # SQLite's LIKE takes capitals and small letters for the same.
        ids = [
            row.id
            for row in session.exec(select(InboxRow).where(some))
            if row.subject in exact
            or row.subject == f"lost/{order}"
            or row.subject.startswith(tuple(starts))
        ]
        for some_ids in chunks(ids):
            _delete(session, InboxRow, col(InboxRow.id).in_(some_ids), done)


def _delete(
    session: Session,
    table: type[SQLModel],
    where: ColumnElement[bool],
    done: Counter[str],
) -> None:
    done[str(table.__tablename__)] += _changed(session, delete(table).where(where))


def _changed(session: Session, statement: object) -> int:
    result = session.connection().execute(statement)  # type: ignore[call-overload]
    return int(result.rowcount)
