"""Answers what would be decided, without accepting or holding anything."""

from collections.abc import Callable

from temporalio import activity

from activities.classifying import Classifier
from activities.forecasting import Forecasting, cold_ends_of
from activities.published import Published
from activities.scarcity import Scarcity
from activities.snapshot import problem_of
from connectors.ports import BusinessClock
from domain.order import Order
from domain.plan import Plan, Unplaced
from domain.quantities import Instant, Place, Value
from optimizer.plan import plan as plan_jointly
from optimizer.problem import Effort, Task
from store import people
from store.engine import Store


class EvaluateOrders(Value):
    """Decide these orders together, as if they had come in now."""

    orders: tuple[Order, ...]


class Evaluated(Value):
    """One plan or one list of reasons per order, in the orders' order."""

    as_of: Instant
    plans: tuple[Plan | Unplaced, ...]
    segments: tuple[tuple[str, ...], ...] = ()


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
    ) -> None:
        self._store = store
        self._clock = clock
        self._locate = locate
        self._effort = effort or Effort()
        self._scarcity = scarcity
        self._weather = weather
        self._published = Published()
        self._classifier = Classifier()

    @activity.defn
    async def evaluate(self, command: EvaluateOrders) -> Evaluated:
        """Say how each order would go, at what cost."""
        now = await self._clock.now()
        tasks, segments = [], []
        with self._store.reading() as session:
            network = self._published.network(session)
            # Who asks without our client names customers by the merchant's ids.
            names = people.known(session, (o.customer_id for o in command.orders))
            for order in command.orders:
                located = order.model_copy(
                    update={
                        "ship_to": self._locate(order.ship_to),
                        "customer_id": names.get(order.customer_id, order.customer_id),
                    }
                )
                classified = self._classifier.classify(session, located, now)
                tasks.append(
                    Task(order=located, lines=order.lines, policy=classified.policy)
                )
                members = classified.classification.memberships
                segments.append(tuple(dict.fromkeys(m.segment for m in members)))
            problem = problem_of(session, network, tuple(tasks), now)
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
        )
