"""Takes an order in and gathers the facts that decisions about it rest on."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.knowing import subjects_of
from connectors.ports import BusinessClock, HazardFeed
from domain.errors import ConnectorError
from domain.order import FINAL, Order, OrderStatus
from domain.quantities import Instant, Place, SkuId, Value
from domain.segment import Fact
from domain.sku import Sku
from segmentation.schema import FactSource
from store import hazards as hazard_store
from store import heard, interests
from store import network as network_store
from store import orders as order_store
from store.engine import Store

HAZARDS_FRESH_FOR = timedelta(minutes=5)


class GatherFacts(Value):
    """Accept this order and say what is known about it."""

    order: Order


class Gathered(Value):
    """What is known of an order at an instant.

    ``again`` is the status of the very same order accepted before, None for a
    new one. ``order`` is the order with its destination located, if possible.
    ``facts`` are told when it is classified; older workflows had them here.
    """

    as_of: Instant
    order: Order
    facts: dict[str, Fact] = {}  # noqa: RUF012  pydantic copies defaults
    again: OrderStatus | None = None


# Gives an order's customer a pseudonym, within the transaction that accepts it.
Naming = Callable[[Session, Order, datetime], Order]


def as_named(session: Session, order: Order, now: datetime) -> Order:
    """Take the customer's id as it is given."""
    return order


class Gathering:
    """Facts from the store, the hazard feed and the map."""

    def __init__(
        self,
        store: Store,
        clock: BusinessClock,
        hazards: HazardFeed | None = None,
        locate: Callable[[Place], Place] = lambda place: place,
        name: Naming = as_named,
    ) -> None:
        self._store = store
        self._clock = clock
        self._hazards = hazards
        self._locate = locate
        self._name = name
        self._polled_at: datetime | None = None

    @activity.defn
    async def gather(self, command: GatherFacts) -> Gathered:
        """Accept the order, unless it is another one under a known id."""
        now = await self._clock.now()
        await self._refresh_hazards(now)
        return self._accept(command.order, now)

    def _accept(self, given: Order, now: datetime) -> Gathered:
        with self._store.writing() as session:
            order = self._name(session, given, now)
            skus = network_store.skus(session, [line.sku for line in order.lines])
            _check_skus(order, skus)
            admission = order_store.admit(session, order, now)
            if admission.verdict == "conflict":
                raise _refused(
                    f"order id {order.id!r} already belongs to another order: "
                    f"version {admission.digest} placed "
                    f"{admission.placed_at:%Y-%m-%d %H:%M} UTC was accepted, "
                    f"version {order.digest()} placed "
                    f"{order.placed_at:%Y-%m-%d %H:%M} UTC is refused",
                    kind="OrderConflict",
                )
            if admission.status not in FINAL:
                interests.care(session, order.id, subjects_of(order))
        return Gathered(
            as_of=now,
            order=order.model_copy(update={"ship_to": self._locate(order.ship_to)}),
            again=admission.status if admission.verdict == "same" else None,
        )

    async def _refresh_hazards(self, now: datetime) -> None:
        if self._hazards is None:
            return
        if self._polled_at and now - self._polled_at < HAZARDS_FRESH_FOR:
            return
        try:
            hazards = await self._hazards.poll()
        except ConnectorError as error:
            # Yesterday's alerts beat none; an order does not wait for weather.
            activity.logger.warning("hazard feed not read: %s", error)
            return
        with self._store.writing() as session:
            hazard_store.reconcile(session, "hazards", hazards, now)
            heard.note(session, FactSource.HAZARD, now)
        self._polled_at = now


def _check_skus(order: Order, skus: dict[SkuId, Sku]) -> None:
    for number, line in enumerate(order.lines):
        if line.sku not in skus:
            raise _refused(
                f"lines[{number}].sku: {line.sku!r} is not in the catalog; "
                "add it or correct the order"
            )


def _refused(message: str, kind: str = "OrderRefused") -> ApplicationError:
    return ApplicationError(message, type=kind, non_retryable=True)
