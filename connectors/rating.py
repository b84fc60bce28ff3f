"""Asks prices of every connection that could carry something, all at once.

- every connection is asked about the services that would be booked through it
- all of one shop share a deadline: who is late is cancelled and told of
- who is late again and again, or says to wait, is left alone for a while
- questions alike that come together are asked once; prices told are kept
- what a connection answers wrongly is told of and not used; none stops the others
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connectors.asking import Ask, Told
from connectors.capabilities import Ability
from connectors.pacing import Breaker
from connectors.ports import CarrierAdapter
from connectors.quotes import Asked, Quotes, asked
from connectors.routing import Routes
from domain.errors import ConnectorError, Unavailable
from domain.quantities import CarrierId, ServiceId
from domain.shipping import Quote, RateRequest
from domain.shopping import LivePrice, Missing, Shopped, Silent

# How often in a row a connection may be late, and how many seconds it then rests.
LATE_IN_A_ROW, REST_S = 5, 15.0
# However long a counterpart wants to be left alone: prices are asked again then.
LONGEST_REST_S = 300.0
# Seconds a cancelled question has to say so itself.
GRACE_S = 0.05

_log = logging.getLogger(__name__)


class Shopping:
    """Every carrier connection, asked together.

    ``counts`` tells what became of questions: those of the quotes kept (``hit``,
    ``miss``, ``expired``), ``joined`` where somebody was asking already, ``told``
    by a connection, and each reason why there is no price.

    Parameters
    ----------
    carriers, routes
        The adapters by connection, and which of them serves what.
    deadline_s
        How many seconds one shop may take.
    by_tables
        Connections that are not asked though they could be.
    quotes
        Where prices are kept.
    """

    def __init__(
        self,
        carriers: Mapping[str, CarrierAdapter],
        routes: Routes,
        *,
        deadline_s: float,
        by_tables: Iterable[str] = (),
        quotes: Quotes | None = None,
    ) -> None:
        self._adapters = carriers
        self._routes = routes
        self._deadline_s = deadline_s
        self._by_tables = frozenset(by_tables)
        self._quotes = quotes or Quotes()
        self._counts: Counter[str] = Counter()
        self._flights: dict[Asked, asyncio.Task[Told]] = {}
        self._resting = {name: _Rest() for name in carriers}

    @property
    def counts(self) -> Counter[str]:
        return self._counts + self._quotes.counts

    async def shop(
        self,
        questions: Sequence[RateRequest],
        carriers: Mapping[ServiceId, CarrierId],
        now: datetime,
        currency: str,
    ) -> tuple[Shopped, ...]:
        """Ask prices, one answer per question in order; never raises for a carrier.

        Done as soon as every connection answered, and at the deadline at last.
        Prices are sorted by cents, then by arrival, then by connection and service.
        """
        until_s = asyncio.get_running_loop().time() + self._deadline_s
        answers = await asyncio.gather(
            *(self._one(each, carriers, now, currency, until_s) for each in questions)
        )
        for silent in (each for answer in answers for each in answer.silent):
            self._counts[silent.why.value] += 1
        return tuple(answers)

    def hand_out(
        self, question: RateRequest, carrier: CarrierId, now: datetime
    ) -> Quote | None:
        """Return a quote told for this very question, to buy one parcel by."""
        key = self._key(question, carrier)
        return self._quotes.hand_out(key, now) if key else None

    def told(
        self, question: RateRequest, carrier: CarrierId, quote: Quote, now: datetime
    ) -> None:
        """Hear the price of a quote that somebody else asked for, and uses."""
        key = self._key(question, carrier)
        if key is not None:
            self._quotes.keep(key, quote, now, used=True)

    async def close(self) -> None:
        """Ask nobody any more."""
        flights = set(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _key(self, question: RateRequest, carrier: CarrierId) -> Asked | None:
        name = self._routes.carrier(carrier, question.fc, question.ship_to)
        if name is None or len(question.services) != 1:
            return None
        return asked(name, question.services[0], question)

    async def _one(
        self,
        question: RateRequest,
        carriers: Mapping[ServiceId, CarrierId],
        now: datetime,
        currency: str,
        until_s: float,
    ) -> Shopped:
        services = list(dict.fromkeys(question.services))
        whose = {carriers[s] for s in services if s in carriers}
        asks = {
            name: [s for s in services if carriers.get(s) in reached]
            for name, reached in self._routes.serving(
                question.fc, question.ship_to, whose
            ).items()
        }
        found = await asyncio.gather(
            *(
                self._of(Ask(name, question, carriers, now, currency, until_s), mine)
                for name, mine in asks.items()
            )
        )
        silent = [each for told in found for each in told.silent]
        reached = {service for mine in asks.values() for service in mine}
        nobody = tuple(s for s in services if s not in reached)
        if nobody:
            none = Missing.NO_CONNECTION
            silent.append(Silent(connection="", why=none, services=nobody))
        prices = [price for told in found for price in told.prices]
        return Shopped(
            question=question,
            prices=tuple(sorted(prices, key=_rank)),
            silent=tuple(sorted(silent, key=lambda s: (s.connection, s.why))),
        )

    async def _of(self, ask: Ask, services: list[ServiceId]) -> Told:
        """Return what one connection tells of its services: kept, or asked now."""
        name = ask.connection
        abilities = self._adapters[name].capabilities().abilities
        if name in self._by_tables or Ability.RATE_SHOP not in abilities:
            return Told(silent=(ask.silent(Missing.TABLES, services),))
        prices, wanted = [], []
        flights: dict[asyncio.Task[Told], list[ServiceId]] = {}
        for service in services:
            key = ask.key(service)
            kept = self._quotes.price(key, ask.now)
            if kept is not None:
                prices.append(ask.price(kept, cached=True))
            elif key in self._flights:
                self._counts["joined"] += 1
                flights.setdefault(self._flights[key], []).append(service)
            else:
                wanted.append(service)
        if wanted:
            flights[self._depart(ask, wanted)] = wanted
        landed = await _landed(ask, flights)
        return Told(
            tuple([*prices, *(p for told in landed for p in told.prices)]),
            tuple(each for told in landed for each in told.silent),
        )

    def _depart(self, ask: Ask, services: list[ServiceId]) -> asyncio.Task[Told]:
        """Begin to ask, for whoever asks the same meanwhile."""
        flight = asyncio.create_task(self._fly(ask, services))
        keys = [ask.key(service) for service in services]
        for key in keys:
            self._flights[key] = flight

        def forget(_: object) -> None:
            for key in keys:
                self._flights.pop(key, None)

        flight.add_done_callback(forget)
        return flight

    async def _fly(self, ask: Ask, services: list[ServiceId]) -> Told:
        """Ask one connection; whatever goes wrong is told, not raised."""
        rest, answered = self._resting[ask.connection], None
        try:
            trial = rest.enter()
        except Unavailable as error:
            silent = ask.silent(Missing.RESTING, services, str(error))
            return Told(silent=(silent,))
        try:
            async with asyncio.timeout_at(ask.until_s):
                quotes = await self._adapters[ask.connection].rate_shop(
                    ask.about(services)
                )
            told, answered = self._read(ask, services, quotes), True
        except TimeoutError:
            told, answered = Told(silent=(ask.silent(Missing.LATE, services),)), False
        except ConnectorError as error:
            told = ask.failed(error, services)
            rest.wanted(error.retry_after_s)
        except Exception as error:  # one bad adapter must not stop the others
            # Its words are not ours: there may be secrets in them.
            what = type(error).__name__
            _log.warning("connection %s: %s while asking", ask.connection, what)
            told = Told(silent=(ask.silent(Missing.FAILED, services, what),))
        finally:
            rest.leave(answered, trial=trial)
        return told

    def _read(
        self, ask: Ask, services: list[ServiceId], quotes: Iterable[Quote]
    ) -> Told:
        best, silent = ask.read(services, quotes)
        for service, quote in best.items():
            self._quotes.keep(ask.key(service), quote, ask.now)
        self._counts["told"] += len(best)
        return Told(tuple(ask.price(q, cached=False) for q in best.values()), silent)


class _Rest:
    """Leaves a connection alone that is late in a row, or that asked for it."""

    def __init__(self) -> None:
        self._late = Breaker(LATE_IN_A_ROW, REST_S)
        self._until_s = float("-inf")

    def enter(self) -> bool:
        """Raise ``Unavailable`` while it rests; tell whether this is a trial."""
        left_s = self._until_s - asyncio.get_running_loop().time()
        if left_s > 0:
            msg = f"not asked: it wants to be left alone for {left_s:.0f} s more"
            raise Unavailable(msg, retry_after_s=left_s)
        return self._late.enter()

    def leave(self, answered: bool | None, *, trial: bool) -> None:
        self._late.leave(answered, trial=trial)

    def wanted(self, rest_s: float | None) -> None:
        """Hear how long it wants to be left alone."""
        if rest_s:
            now_s = asyncio.get_running_loop().time()
            self._until_s = now_s + min(rest_s, LONGEST_REST_S)


async def _landed(
    ask: Ask, flights: Mapping[asyncio.Task[Told], list[ServiceId]]
) -> list[Told]:
    """Wait for what was asked, no longer than the deadline allows."""
    if not flights:
        return []
    left_s = ask.until_s - asyncio.get_running_loop().time()
    done, _ = await asyncio.wait(flights, timeout=max(0.0, left_s) + GRACE_S)
    landed = []
    for flight, services in flights.items():
        if flight in done and not flight.cancelled():
            landed.append(flight.result().of(services))
        else:
            flight.cancel()
            landed.append(Told(silent=(ask.silent(Missing.LATE, services),)))
    return landed


def _rank(price: LivePrice) -> tuple[int, datetime, str, str]:
    return price.cents, price.p90_at, price.connection, price.service
