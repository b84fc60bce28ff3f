"""Keeps prices of what is scarce warm: from batch to batch, and between workers.

A batch's prices are kept by the thing they are of, fade by halves as time goes,
and are gone with the network they were found on. The next batch begins its
search there. An order that is decided alone has nobody to compete with; it may be
decided under them, as if what it takes had to be paid for to those who come later.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.order import Line
from domain.scarcity import Scarce, ScarceKind
from optimizer.prices import Prices
from optimizer.problem import Effort, Problem, Result
from optimizer.resources import Kind, Resource
from store import scarcity
from store.engine import Store

# After so many half-lives nothing is left of a price, for all it matters.
LIVES = 12
_KINDS = {
    Kind.STOCK: ScarceKind.STOCK,
    Kind.FC_LINES: ScarceKind.FC_LINES,
    Kind.FC_ORDERS: ScarceKind.FC_ORDERS,
    Kind.PARCELS: ScarceKind.PARCELS,
}
_SCARCE = {scarce: kind for kind, scarce in _KINDS.items()}


class Scarcity:
    """What the latest batches found scarce, and how the next ones use it.

    Parameters
    ----------
    store
        Where prices are kept, for all workers.
    half_life
        How long until a price counts for half. Zero: none is kept or used.
    alone
        Whether an order decided alone is decided under them.
    """

    def __init__(self, store: Store, half_life: timedelta, *, alone: bool) -> None:
        self._store = store
        self._half_life = half_life
        self._alone = alone

    def known(self, problem: Problem) -> tuple[Scarce, ...]:
        """Return today's prices of what the problem's orders may want."""
        if not self._half_life:
            return ()
        skus = sorted({line.sku for task in problem.tasks for line in task.lines})
        with self._store.reading() as session:
            return in_force(
                scarcity.known(
                    session,
                    problem.network.version,
                    problem.as_of - LIVES * self._half_life,
                    skus,
                ),
                problem.as_of,
                self._half_life,
            )

    def effort(self, effort: Effort, known: Iterable[Scarce], orders: int) -> Effort:
        """Return the effort that makes use of prices for so many orders."""
        prices = as_prices(known)
        if not prices:
            return effort
        return replace(effort, prices=prices, under_prices=self._alone and orders == 1)

    def learn(self, problem: Problem, result: Result) -> None:
        """Keep the prices a batch found for what its orders competed for."""
        if not self._half_life or not result.prices:
            return
        found = as_scarce(result.prices, problem.as_of)
        version = problem.network.version
        faded = problem.as_of - LIVES * self._half_life

        def work(session: Session) -> None:
            scarcity.keep(session, found, version)
            scarcity.forget(session, version, faded)

        self._store.write(work)


def in_force(
    known: Iterable[Scarce], now: datetime, half_life: timedelta
) -> tuple[Scarce, ...]:
    """Return prices as they count now; what faded to nothing is left out.

    So is the work of days that are over.
    """
    today = [each.at(now, half_life) for each in known]
    return tuple(
        each
        for each in today
        if (each.millicents or each.strict_millicents)
        # A center's day may lag behind UTC's by one.
        and (each.day is None or each.day >= (now - timedelta(days=1)).date())
    )


def concerning(lines: Iterable[Line], known: Iterable[Scarce]) -> tuple[Scarce, ...]:
    """Return the prices that an order of these lines could meet."""
    skus = {None, *(line.sku for line in lines)}
    return tuple(scarce for scarce in known if scarce.sku in skus)


def as_prices(known: Iterable[Scarce]) -> Prices:
    """Return what is known in the optimizer's words."""
    each = [(_resource(scarce), scarce) for scarce in known]
    return Prices(
        {resource: s.millicents for resource, s in each if s.millicents},
        {resource: s.strict_millicents for resource, s in each if s.strict_millicents},
    )


def as_scarce(prices: Prices, now: datetime) -> tuple[Scarce, ...]:
    """Return a batch's prices as they are kept, by kind and place."""
    everything = {*prices.millicents, *prices.strict_millicents}
    return tuple(
        Scarce(
            kind=_KINDS[resource.kind],
            fc=resource.fc,
            sku=resource.sku,
            carrier=resource.carrier,
            day=resource.day,
            millicents=prices.millicents.get(resource, 0),
            strict_millicents=prices.strict_millicents.get(resource, 0),
            found_at=now,
        )
        for resource in sorted(everything, key=str)
    )


def _resource(scarce: Scarce) -> Resource:
    return Resource(
        _SCARCE[scarce.kind], scarce.fc, scarce.sku, scarce.carrier, scarce.day
    )
