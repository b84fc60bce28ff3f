"""Answers what would be decided, without accepting or holding anything."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from temporalio import activity

from activities.classifying import Classifier
from activities.decided import DecideOrder, task_of
from activities.forecasting import Forecasting, cold_ends_of
from activities.published import Published
from activities.rating import Rating
from activities.scarcity import Scarcity
from activities.snapshot import problem_of
from connectors.ports import BusinessClock
from domain.order import Order
from domain.plan import LiveRate, Plan, Unplaced
from domain.quantities import Instant, Place, Value
from domain.shopping import Silent
from optimizer.plan import plan as plan_jointly
from optimizer.problem import Effort
from store import people
from store.engine import Store

# Beyond so many orders carriers would only say that they are asked too often.
MOST_ASKED = 16


class EvaluateOrders(Value):
    """Decide these orders together, as if they had come in now."""

    orders: tuple[Order, ...]


class Evaluated(Value):
    """One plan or one list of reasons per order, in the orders' order.

    ``rates`` are the carriers' own prices each was decided with, ``silent`` who
    was asked and told none; empty where tables decide.
    """

    as_of: Instant
    plans: tuple[Plan | Unplaced, ...]
    segments: tuple[tuple[str, ...], ...] = ()
    rates: tuple[tuple[LiveRate, ...], ...] = ()
    silent: tuple[tuple[Silent, ...], ...] = ()


class Evaluating:
    """The same facts, rules and optimizer as production, committing nothing."""

    def __init__(
        self,
        store: Store,
        clock: BusinessClock,
        locate: Callable[[Place], Place] = lambda place: place,
        *,
        effort: Effort | None = None,
        scarcity: Scarcity | None = None,
        weather: Forecasting | None = None,
        rating: Rating | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._locate = locate
        self._effort = effort or Effort()
        self._scarcity = scarcity
        self._weather = weather
        self._rating = rating
        self._published = Published()
        self._classifier = Classifier()

    @activity.defn
    async def evaluate(self, command: EvaluateOrders) -> Evaluated:
        """Say how each order would go, at what cost."""
        now = await self._clock.now()
        asks, segments = self._asks(command.orders, now)
        live = self._rating is not None and len(asks) <= MOST_ASKED
        if self._rating is not None and live:
            rated = (self._rating.rated(ask, now) for ask in asks)
            asks = list(await asyncio.gather(*rated))
        with self._store.reading() as session:
            network = self._published.network(session)
            tasks = tuple(task_of(ask) for ask in asks)
            problem = problem_of(session, network, tasks, now)
        if self._weather is not None:
            await self._weather.ask(cold_ends_of(problem), now)
            problem = self._weather.seen(problem)
        effort = self._effort
        if self._scarcity is not None:
            known = self._scarcity.known(problem)
            effort = self._scarcity.effort(effort, known, len(tasks))
        result = plan_jointly(problem, effort)
        return Evaluated(
            as_of=now,
            plans=tuple(
                answer.brief() if isinstance(answer, Plan) else answer
                for answer in result.answers
            ),
            segments=tuple(segments),
            rates=tuple(ask.rates for ask in asks) if live else (),
            silent=tuple(ask.silent for ask in asks) if live else (),
        )

    def _asks(
        self, orders: tuple[Order, ...], now: datetime
    ) -> tuple[list[DecideOrder], list[tuple[str, ...]]]:
        """Locate and classify the orders, as if they had come in now."""
        asks: list[DecideOrder] = []
        segments: list[tuple[str, ...]] = []
        with self._store.reading() as session:
            # Who asks without our client names customers by the merchant's ids.
            names = people.known(session, (o.customer_id for o in orders))
            for order in orders:
                located = order.model_copy(
                    update={
                        "ship_to": self._locate(order.ship_to),
                        "customer_id": names.get(order.customer_id, order.customer_id),
                    }
                )
                classified = self._classifier.classify(session, located, now)
                asks.append(
                    DecideOrder(
                        order=located,
                        lines=order.lines,
                        revision=1,
                        policy=classified.policy,
                    )
                )
                members = classified.classification.memberships
                segments.append(tuple(dict.fromkeys(m.segment for m in members)))
        return asks, segments
