"""Writes down what happened: status, goods that left, how an order ended."""

from datetime import timedelta

from temporalio import activity

from domain.order import Line, OrderStatus
from domain.outcome import Outcome
from domain.quantities import FcId, Instant, OrderId, Value
from store import orders, outcomes, stock
from store.engine import Store


class NoteStatus(Value):
    """Keep where the order stands, while a person thinks.

    What the ``revisions`` hold stays held for that long.
    """

    order_id: OrderId
    status: OrderStatus
    revisions: tuple[int, ...] = ()
    as_of: Instant


class ShipConfirmed(Value):
    """Goods left a center: lower on hand and the commitment together.

    ``short`` was committed but never found; it is freed. ``key`` names this
    confirmation, so that a repetition changes nothing.
    """

    order_id: OrderId
    revision: int
    fc: FcId
    key: str
    shipped: tuple[Line, ...]
    short: tuple[Line, ...] = ()
    status: OrderStatus | None = None
    as_of: Instant


class Recording:
    """The store's own books."""

    def __init__(
        self, store: Store, *, review_hold_for: timedelta = timedelta(hours=48)
    ) -> None:
        self._store = store
        self._review_hold_for = review_hold_for

    @activity.defn
    def note_status(self, command: NoteStatus) -> None:
        """Keep a status the order may rest in, and its holds as long as that."""
        expires_at = command.as_of + self._review_hold_for
        with self._store.writing() as session:
            for revision in command.revisions:
                stock.extend(session, command.order_id, revision, expires_at)
            orders.set_status(session, command.order_id, command.status, command.as_of)

    @activity.defn
    def confirm_shipped(self, command: ShipConfirmed) -> None:
        """Take shipped units off the books, and free what came up short."""
        with self._store.writing() as session:
            stock.ship(
                session,
                command.order_id,
                command.revision,
                command.fc,
                command.shipped,
                command.as_of,
                key=command.key,
            )
            if command.short:
                stock.release(
                    session,
                    command.order_id,
                    command.revision,
                    command.fc,
                    command.short,
                    key=f"{command.key}/short",
                )
            if command.status is not None:
                orders.set_status(
                    session, command.order_id, command.status, command.as_of
                )

    @activity.defn
    def record_outcome(self, outcome: Outcome) -> None:
        """Join how the order ended to how it was decided."""
        with self._store.writing() as session:
            outcomes.record(session, outcome)
            orders.set_status(
                session, outcome.order_id, outcome.status, outcome.ended_at
            )
