"""Writes down what happened: status, goods that left, how an order ended."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from temporalio import activity

from activities import telling
from domain.order import Line, OrderStatus
from domain.outcome import Outcome, ParcelOutcome
from domain.quantities import FcId, Instant, OrderId, SkuId, Value
from domain.sku import Sku
from store import events, interests, orders, outcomes, stock
from store import network as network_store
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
    """The store's own books.

    ``news`` is called where something was told that segments may count.
    """

    def __init__(
        self,
        store: Store,
        *,
        review_hold_for: timedelta = timedelta(hours=48),
        news: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._review_hold_for = review_hold_for
        self._news = news

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
                short = [(line.sku, line.units) for line in command.short]
                told = telling.of_shortage(
                    command.order_id, command.fc, command.key, short, command.as_of
                )
                events.ingest(session, told, command.as_of)
            if command.status is not None:
                orders.set_status(
                    session, command.order_id, command.status, command.as_of
                )

    @activity.defn
    def record_outcome(self, outcome: Outcome) -> None:
        """Join how the order ended to how it was decided, and see what spoiled."""
        with self._store.writing() as session:
            ids = {line.sku for parcel in outcome.parcels for line in parcel.lines}
            skus = network_store.skus(session, ids)
            parcels = tuple(_with_spoiled(parcel, skus) for parcel in outcome.parcels)
            outcomes.record(session, outcome.model_copy(update={"parcels": parcels}))
            orders.set_status(
                session, outcome.order_id, outcome.status, outcome.ended_at
            )
            kept = orders.get(session, outcome.order_id)
            if kept is not None:
                ordered = [line.sku for line in kept.order.lines]
                goods = network_store.skus(session, ordered)
                told = telling.of_outcome(kept.order, outcome, goods)
                events.ingest(session, told, outcome.ended_at)
                interests.forget(session, outcome.order_id)
        self._news()


def _with_spoiled(parcel: ParcelOutcome, skus: Mapping[SkuId, Sku]) -> ParcelOutcome:
    hours = parcel.transit_h
    if hours is None:
        return parcel
    spoiled = sum(
        line.units
        for line in parcel.lines
        if (sku := skus.get(line.sku)) is not None
        and sku.shelf_life_h is not None
        and hours > sku.shelf_life_h
    )
    return parcel.model_copy(update={"spoiled_units": spoiled})
