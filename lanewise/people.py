"""The one place where a merchant's ids of customers become pseudonyms.

Every edge asks here before anything is stored or sent on: the client, the
shell, the HTTP API, the loading of networks. An order that reaches a worker
by another way is translated by the gathering activity, with ``order_in``.
"""

import base64
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sqlmodel import Session

from domain.customer import Customer
from domain.event import BusinessEvent
from domain.network import Network
from domain.order import Order
from domain.quantities import CustomerId
from store import people
from store.engine import Store
from store.people import Alias

LETTERS = 20


def draw() -> CustomerId:
    """Draw a pseudonym: 100 bits that nobody can guess."""
    text = base64.b32encode(secrets.token_bytes(LETTERS)).decode().lower()
    return CustomerId(f"c-{text[:LETTERS]}")


def order_in(session: Session, order: Order, now: datetime) -> Order:
    """Return the order under its customer's pseudonym, within a transaction.

    An order that names a pseudonym already is returned as it is: an order
    translated twice is the order translated once, and has its digest.

    Raises
    ------
    Forgotten
        When it names the pseudonym of somebody who was erased.
    """
    return _renamed(order, people.pseudonym_of(session, order.customer_id, now, draw))


def events_in(
    session: Session, events: Iterable[BusinessEvent], now: datetime
) -> tuple[BusinessEvent, ...]:
    """Return events under their customers' pseudonyms, within a transaction.

    Kept in the same transaction they cannot outlive a customer who is erased
    meanwhile.

    Raises
    ------
    Forgotten
        When one names the pseudonym of somebody who was erased.
    """
    given = tuple(events)
    ids = {event.customer_id for event in given if event.customer_id}
    return _renamed_events(given, people.pseudonyms_of(session, ids, now, draw))


class Pseudonyms:
    """Translates values on their way in, in a transaction of its own each time.

    Nothing is remembered between calls: a customer may be erased by another
    process, and must not come back by what this one remembers.

    Parameters
    ----------
    store
        Where pseudonyms are kept.
    now
        Tells when a pseudonym is made; it is no business time.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._now = now

    def order(self, order: Order) -> Order:
        """Return the order under its customer's pseudonym."""
        return self.orders([order])[0]

    def orders(self, orders: Iterable[Order]) -> tuple[Order, ...]:
        """Return many orders under their customers' pseudonyms."""
        given = tuple(orders)
        names = self._names(order.customer_id for order in given)
        return tuple(_renamed(order, names[order.customer_id]) for order in given)

    def customer(self, customer: Customer) -> Customer:
        """Return the customer under a pseudonym."""
        return self.customers([customer])[0]

    def customers(self, customers: Iterable[Customer]) -> tuple[Customer, ...]:
        """Return many customers under their pseudonyms."""
        given = tuple(customers)
        names = self._names(customer.id for customer in given)
        return tuple(
            customer.model_copy(update={"id": names[customer.id]}) for customer in given
        )

    def event(self, event: BusinessEvent) -> BusinessEvent:
        """Return the event under its customer's pseudonym, if it has one."""
        return self.events([event])[0]

    def events(self, events: Iterable[BusinessEvent]) -> tuple[BusinessEvent, ...]:
        """Return many events under their customers' pseudonyms."""
        given = tuple(events)
        names = self._names(e.customer_id for e in given if e.customer_id)
        return _renamed_events(given, names)

    def network(self, network: Network) -> Network:
        """Return the network with the customers its centers name under pseudonyms."""
        named = {name for c in network.centers for name in c.only_customers or ()}
        return _renamed_network(network, self._names(named)) if named else network

    def known(self, orders: Iterable[Order]) -> tuple[Order, ...]:
        """Translate customers met before, and keep nothing of the others.

        For questions that are asked in passing, and may leave no trace.
        """
        given = tuple(orders)
        with self._store.reading() as session:
            names = people.known(session, (order.customer_id for order in given))
        return tuple(
            _renamed(order, names.get(order.customer_id, order.customer_id))
            for order in given
        )

    def find(self, name: str) -> Alias | None:
        """Return a customer by the merchant's id or by the pseudonym."""
        with self._store.reading() as session:
            return people.find(session, CustomerId(name))

    def _names(self, ids: Iterable[CustomerId]) -> dict[CustomerId, CustomerId]:
        wanted = set(ids)
        with self._store.reading() as session:
            found = people.known(session, wanted)
        if wanted <= found.keys():
            return found
        now = self._now()
        return self._store.write(
            lambda session: people.pseudonyms_of(session, wanted, now, draw)
        )


def _renamed(order: Order, name: CustomerId) -> Order:
    if order.customer_id == name:
        return order
    return order.model_copy(update={"customer_id": name})


def _renamed_events(
    events: tuple[BusinessEvent, ...], names: dict[CustomerId, CustomerId]
) -> tuple[BusinessEvent, ...]:
    return tuple(
        event.model_copy(update={"customer_id": names[event.customer_id]})
        if event.customer_id
        else event
        for event in events
    )


def _renamed_network(network: Network, names: dict[CustomerId, CustomerId]) -> Network:
    centers = tuple(
        center
        if center.only_customers is None
        else center.model_copy(
            update={"only_customers": tuple(names[c] for c in center.only_customers)}
        )
        for center in network.centers
    )
    return network.model_copy(update={"centers": centers})
