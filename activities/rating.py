"""Asks carriers their own prices of the ways an order would go, before it is decided.

- the order is first planned alone by the tables, nothing is held
- the carriers of that plan and of its best rivals are asked, all at once
- what they tell in time takes the place of the tables when the order is decided;
  it is decided once, whatever they tell
- a price is for the very parcel that was asked about: packed in another way, or as
  another part of the order, it is expected to be dearer or cheaper than that as
  much as the tables say
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from temporalio import activity

from activities.decided import DecideOrder, task_of
from activities.forecasting import Forecasting
from activities.published import Published
from activities.questions import question_of
from activities.snapshot import problem_of
from connectors.ports import RateShop
from domain.network import Network, ServiceMode
from domain.plan import CostTerm, LiveRate, Parcel, Pin, Plan, Way
from domain.quantities import FcId, ServiceId
from domain.shipping import RateRequest
from domain.shopping import BY_DESIGN, Shopped, Silent
from optimizer.plan import plan as plan_jointly
from optimizer.problem import Effort, Problem
from store import stock
from store.engine import Store

D = TypeVar("D", bound=DecideOrder)

# How many ways besides the best one are worth a question.
RIVALS = 3

METRIC = "lanewise_live_prices"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What carriers are to be asked, in which network, and what the tables say."""

    network: Network
    questions: tuple[RateRequest, ...]
    table_cents: Mapping[tuple[FcId, ServiceId], int]


class Rating:
    """The carriers' own prices, for decisions.

    Parameters
    ----------
    store
        What is known.
    shop
        Asks the carriers.
    effort
        How hard to look for the ways that are worth asking about.
    weather
        Knows forecasts for cold goods; None where nobody does.
    bought_at
        Tells whether carriage is bought for what leaves a center; some warehouses
        make their own labels.
    """

    def __init__(
        self,
        store: Store,
        shop: RateShop,
        *,
        effort: Effort | None = None,
        weather: Forecasting | None = None,
        bought_at: Callable[[FcId], bool] = lambda fc: True,
    ) -> None:
        self._store = store
        self._shop = shop
        self._effort = replace(effort or Effort(), alternatives=RIVALS)
        self._weather = weather
        self._bought_at = bought_at
        self._published = Published()

    async def rated(
        self,
        command: D,
        now: datetime,
        *,
        pin: Pin | None = None,
        standing: Iterable[Pin] = (),
        replaces: Sequence[int] = (),
    ) -> D:
        """Return the question with the prices that carriers told in time.

        Prices it has already, and that still hold, are not asked again; those
        that expired are left out.

        Parameters
        ----------
        pin
            What an operator wants of the way.
        standing
            Ways that are asked about however good they are.
        replaces
            The revisions whose claims count as free.
        """
        known = tuple(rate for rate in command.rates if not rate.expired(now))
        command = command.model_copy(update={"rates": known})
        wanted = await asyncio.to_thread(
            self._wanted, command, now, pin, tuple(standing), replaces
        )
        if not wanted.questions:
            return command
        network = wanted.network
        carriers = {service.id: service.carrier for service in network.services}
        answers = await self._shop.shop(
            wanted.questions, carriers, now, network.currency
        )
        _count(answers)
        # What was told at a booking comes last: it is what that carrier takes.
        told = (*_rates(answers, wanted.table_cents), *known)
        return command.model_copy(update={"rates": told, "silent": _silent(answers)})

    def _wanted(
        self,
        command: DecideOrder,
        now: datetime,
        pin: Pin | None,
        standing: tuple[Pin, ...],
        replaces: Sequence[int],
    ) -> _Wanted:
        with self._store.reading() as session:
            network = self._published.network(session)
            own = [
                entry
                for entry in (stock.held(session, command.order.id) if replaces else ())
                if entry.revision in replaces and entry.live(now)
            ]
            task = task_of(command, pin)
            problem = problem_of(session, network, (task,), now, own)
        if self._weather is not None:
            problem = self._weather.seen(problem)
        told = {(rate.fc, rate.service) for rate in command.rates}
        parcels = [
            parcel
            for parcel in self._parcels(problem, standing)
            if (parcel.fc, parcel.service) not in told and self._bought_at(parcel.fc)
        ]
        return _Wanted(
            network,
            _questions(command, parcels, problem),
            {_lane(parcel): _carriage_cents(parcel) for parcel in parcels},
        )

    def _parcels(self, problem: Problem, standing: tuple[Pin, ...]) -> list[Parcel]:
        """Return the parcels of the best way, of its rivals, and of ways that stand."""
        (best,) = plan_jointly(problem, self._effort).answers
        if not isinstance(best, Plan):
            return []
        rivals = [
            _pin_of(*other.ways)
            for other in best.alternatives
            if other.available and len(other.ways) == 1
        ]
        found = {_lane(parcel): parcel for parcel in best.parcels}
        for pin in (*standing, *rivals):
            if (pin.fc, pin.service) in found:
                continue
            parcel = self._pinned(problem, pin)
            if parcel is not None:
                found[_lane(parcel)] = parcel
        # What shares a vehicle has no price of its own.
        alone = (parcel for parcel in found.values() if not parcel.run)
        return [parcel for parcel in alone if parcel.mode is not ServiceMode.PICKUP]

    def _pinned(self, problem: Problem, pin: Pin) -> Parcel | None:
        (task,) = problem.tasks
        alone = replace(problem, tasks=(replace(task, pin=pin),))
        unexplained = replace(self._effort, alternatives=0)
        (answer,) = plan_jointly(alone, unexplained).answers
        single = isinstance(answer, Plan) and len(answer.parcels) == 1
        return answer.parcels[0] if isinstance(answer, Plan) and single else None


def _questions(
    command: DecideOrder, parcels: list[Parcel], problem: Problem
) -> tuple[RateRequest, ...]:
    """Ask about parcels that differ in nothing but the service at once."""
    limits, order = command.policy.limits, command.order
    together: dict[RateRequest, list[RateRequest]] = {}
    for parcel in parcels:
        question = question_of(
            order,
            parcel,
            problem.network,
            problem.skus,
            insured=limits.insured,
            signature=limits.signature or order.signature,
        )
        midnight = question.ready_at.replace(hour=0, minute=0, second=0, microsecond=0)
        alike = question.model_copy(update={"services": (), "ready_at": midnight})
        together.setdefault(alike, []).append(question)
    return tuple(
        same[0].model_copy(
            update={
                "services": tuple(s for each in same for s in each.services),
                "ready_at": min(each.ready_at for each in same),
            }
        )
        for same in together.values()
    )


def _pin_of(way: Way) -> Pin:
    return Pin(fc=way.fc, service=way.service, method=way.method)


def _lane(parcel: Parcel) -> tuple[FcId, ServiceId]:
    return parcel.fc, parcel.service


def _carriage_cents(parcel: Parcel) -> int:
    terms = (CostTerm.FREIGHT, CostTerm.SURCHARGES)
    return sum(parcel.cost.get(term, 0) for term in terms)


def _rates(
    answers: Iterable[Shopped], table_cents: Mapping[tuple[FcId, ServiceId], int]
) -> tuple[LiveRate, ...]:
    return tuple(
        LiveRate(
            fc=answer.question.fc,
            service=price.service,
            cents=price.cents,
            connection=price.connection,
            expires_at=price.expires_at,
            table_cents=table_cents[answer.question.fc, price.service] or None,
        )
        for answer in answers
        for price in answer.prices
    )


def _silent(answers: Iterable[Shopped]) -> tuple[Silent, ...]:
    """Name everybody who should have told a price once, with all its services."""
    found: dict[Silent, list[ServiceId]] = {}
    for silent in (each for answer in answers for each in answer.silent):
        if silent.why not in BY_DESIGN:
            alike = silent.model_copy(update={"services": ()})
            found.setdefault(alike, []).extend(silent.services)
    return tuple(
        silent.model_copy(update={"services": tuple(dict.fromkeys(services))})
        for silent, services in found.items()
    )


def _count(answers: Iterable[Shopped]) -> None:
    """Add what was told, and why not, to the worker's metrics."""
    if not activity.in_activity():
        return
    counter = activity.metric_meter().create_counter(
        METRIC, "Carriers' own prices asked before decisions, by what became of them."
    )
    for answer in answers:
        for price in answer.prices:
            outcome = "kept" if price.cached else "told"
            counter.add(1, {"connection": price.connection, "outcome": outcome})
        for silent in answer.silent:
            why = silent.why.value
            counter.add(
                max(1, len(silent.services)),
                {"connection": silent.connection, "outcome": why},
            )
