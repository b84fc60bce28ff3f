"""Finds what is kept of one customer, and what still holds a word."""

import json
from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, String, func
from sqlalchemy import select as columns
from sqlmodel import AutoString, Session, SQLModel, col, select

from domain.order import FINAL, Order, OrderStatus
from domain.quantities import OrderId, Value
from domain.subject import Subject, of_customer
from store.people import Alias
from store.statements import chunks
from store.tables import DecisionRow, EventRow, OrderRow, ParcelRow

ERASED = "erased"
# Shorter strings are found in anybody's data.
TELLING = 6


class Traces(Value):
    """What is kept of a customer.

    ``telling`` are strings of their orders and events that only they are likely
    to have: destinations, attributes, tracking numbers, the senders' event ids.
    """

    orders: dict[OrderId, OrderStatus]
    events: int = 0
    decisions: int = 0
    telling: tuple[str, ...] = ()

    @property
    def open(self) -> dict[OrderId, OrderStatus]:
        return {o: status for o, status in self.orders.items() if status not in FINAL}


def find(session: Session, alias: Alias) -> Traces:
    """Say what is kept of a customer; nothing is changed."""
    orders = {
        OrderId(row.id): OrderStatus(row.status) for row in orders_of(session, alias)
    }
    events = [
        event
        for subject in subjects_of(alias)
        for event in session.exec(
            select(EventRow.event_id).where(EventRow.subject == subject)
        )
    ]
    decisions = sum(
        _count(session, DecisionRow, col(DecisionRow.order_id).in_(part))
        for part in chunks(orders)
    )
    telling = {word for word in _telling(session, alias) if len(word) >= TELLING}
    return Traces(
        orders=orders,
        events=len(events),
        decisions=decisions,
        telling=tuple(sorted(telling | {e for e in events if len(e) >= TELLING})),
    )


def live(session: Session, word: str) -> Iterator[tuple[str, str]]:
    """Yield every text that holds the word, with the table and column it is in."""
    position = (
        func.strpos if session.connection().dialect.name == "postgresql" else func.instr
    )
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, String | AutoString):
                continue
            found = columns(column).where(position(column, word) > 0)
            for (text,) in session.connection().execute(found):
                yield f"{table.name}.{column.name}", text


def unknown_orders(session: Session, ids: Iterable[OrderId]) -> set[OrderId]:
    """Return those of the ids under which no order was accepted."""
    unknown = set(ids)
    for part in chunks(sorted(unknown)):
        kept = session.exec(select(OrderRow.id).where(col(OrderRow.id).in_(part)))
        unknown -= {OrderId(found) for found in kept}
    return unknown


def orders_of(session: Session, alias: Alias) -> list[OrderRow]:
    """Return the rows of a customer's orders, by id."""
    # Somebody may be called as those are who are nobody any more.
    names = {alias.pseudonym, alias.known_as} - {ERASED}
    statement = select(OrderRow).where(col(OrderRow.customer_id).in_(sorted(names)))
    return list(session.exec(statement.order_by(col(OrderRow.id))))


def subjects_of(alias: Alias) -> list[Subject]:
    """Return the subjects that are the customer, by either name."""
    return [of_customer(alias.pseudonym), of_customer(alias.known_as)]


def _telling(session: Session, alias: Alias) -> Iterator[str]:
    ids = []
    for row in orders_of(session, alias):
        ids.append(row.id)
        order = Order.model_validate_json(row.document)
        yield from order.attributes.values()
        place = order.ship_to
        if place.city or place.located:
            yield place.model_dump_json()
        if place.located:
            yield f'"latitude":{json.dumps(place.latitude)}'
            yield f'"longitude":{json.dumps(place.longitude)}'
    for part in chunks(ids):
        numbers = select(ParcelRow.tracking_number).where(
            col(ParcelRow.order_id).in_(part), col(ParcelRow.tracking_number) != ERASED
        )
        yield from session.exec(numbers)


def _count(session: Session, table: type[SQLModel], where: ColumnElement[bool]) -> int:
    statement = columns(func.count()).select_from(table).where(where)
    return int(session.connection().execute(statement).scalar_one())
