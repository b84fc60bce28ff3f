"""What a kit needs of an adapter under test: how to make it, what to ask of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance.mischief import Mischief
from conformance.running import NotTried
from connectors.ports import (
    Ability,
    BusinessClock,
    CarrierAdapter,
    ForecastSource,
    HazardFeed,
    OrderSource,
    TransportAdapter,
    WarehouseAdapter,
)
from connectors.transport import wrapped
from domain.forecast import AskForecast
from domain.quantities import CarrierId, FcId, SkuId
from domain.shipping import Booking, BookParcel, RateRequest
from domain.transport import TenderLoad, TenderStatus
from domain.warehousing import ReleaseOrder, ReserveStock

A = TypeVar("A")
_Control = TypeVar("_Control")

# Lets something happen at the counterpart, to what is named.
Happen = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Delivery:
    """A webhook as the counterpart sends it: headers and raw body."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Bench(Generic[A]):
    """An adapter and its counterpart.

    What a bench cannot bring about is None: the checks that need it are then
    not tried.

    Parameters
    ----------
    connect
        Makes the adapter; called anew for each check. Its client must be a
        ``connectors.http.HttpClient``: the kit reaches below it by itself.
    run
        A word no other run against this counterpart has used: references
        begin with it.
    secrets
        What must never be shown.
    webhooks
        Genuine webhooks, signed just now; None where there are none at hand.
    losing
        Loses the answers to what is done meanwhile, where nothing goes over
        HTTP (a disk that fails after it wrote).
    """

    connect: Callable[[], A]
    run: str
    secrets: tuple[str, ...] = ()
    webhooks: Callable[[], Sequence[Delivery]] | None = None
    losing: Callable[[], AbstractContextManager[object]] | None = None

    @asynccontextmanager
    async def adapter(self) -> AsyncIterator[tuple[A, Mischief]]:
        """Make an adapter over a wire that can be spoilt."""
        mischief = Mischief()
        with wrapped(mischief.wrap):
            made = self.connect()
        try:
            yield made, mischief
        finally:
            close: Callable[[], Awaitable[None]] | None = getattr(made, "close", None)
            if close is not None:
                await close()

    async def ask(self, adapter: A) -> object:
        """Ask something harmless; equal answers compare equal."""
        msg = "the bench has nothing harmless to ask"
        raise NotTried(msg)

    def key(self, name: str) -> str:
        """Return a reference of this run."""
        return f"{self.run}-{name}"


@dataclass(frozen=True, kw_only=True)
class CarrierBench(Bench[CarrierAdapter]):
    """A carrier under test.

    Parameters
    ----------
    carrier
        The carrier asked for.
    question
        Asks prices; at least one service of it is offered.
    parcel
        Makes a parcel that can be booked under a key, used as its reference.
    expire_quotes
        Lets every quote given so far expire.
    hand_over
        Lets the carrier take a parcel, so that it is too late to void it.
    """

    carrier: CarrierId
    question: RateRequest | None = None
    parcel: Callable[[str], BookParcel] | None = None
    expire_quotes: Callable[[], Awaitable[None]] | None = None
    hand_over: Callable[[Booking], Awaitable[None]] | None = None

    async def ask(self, adapter: CarrierAdapter) -> object:
        """Ask prices, without their ids and times; else an unknown reference."""
        if not adapter.capabilities().can(Ability.RATE_SHOP):
            return await adapter.find_bookings(self.carrier, self.key("never"))
        quotes = await adapter.rate_shop(given(self.question, "question"))
        return sorted(f"{q.service} {q.total_cents} {q.currency}" for q in quotes)


@dataclass(frozen=True, kw_only=True)
class WarehouseBench(Bench[WarehouseAdapter]):
    """A warehouse under test.

    Parameters
    ----------
    fc
        The center asked for.
    sku
        Goods of which at least six units are free.
    scarce
        Goods of which one to four units are free, and nobody else takes any.
    reservation
        Sets some units of goods aside under a key.
    release
        Starts picking under a key what was set aside under another.
    pick
        Lets the floor begin with what was released under a key, so that it is
        too late to cancel it.
    """

    fc: FcId
    sku: SkuId
    scarce: SkuId | None = None
    reservation: Callable[[str, SkuId, int], ReserveStock] | None = None
    release: Callable[[str, str], ReleaseOrder] | None = None
    pick: Happen | None = None

    async def ask(self, adapter: WarehouseAdapter) -> object:
        """Count some goods."""
        report = await adapter.stock(self.fc, (self.sku,))
        return sorted(report.on_hand.items())


@dataclass(frozen=True, kw_only=True)
class TransportBench(Bench[TransportAdapter]):
    """A freight carrier under test.

    Parameters
    ----------
    carrier
        The carrier asked for.
    load
        Makes a load that can be offered under a reference, which is its key.
    offers
        Counts the offers that reached the carrier under a reference.
    answer
        Lets the carrier answer an offer: accepted or declined.
    move
        Lets the carrier pick a load up, so that it is too late to cancel it.
    odd
        Lets the carrier say of a load what nobody has heard of.
    half
        Lets the carrier say half of something about a load, and break off.
    """

    carrier: CarrierId
    load: Callable[[str], TenderLoad] | None = None
    offers: Callable[[str], Awaitable[int]] | None = None
    answer: Callable[[str, TenderStatus], Awaitable[None]] | None = None
    move: Happen | None = None
    odd: Happen | None = None
    half: Happen | None = None

    async def ask(self, adapter: TransportAdapter) -> object:
        """List what carriers told."""
        return (await adapter.updates(None)).updates


@dataclass(frozen=True, kw_only=True)
class HazardsBench(Bench[HazardFeed]):
    """A feed of alerts under test; it lists one alert at least.

    Parameters
    ----------
    announce
        Lets the feed list one more alert, under a name that is part of its id.
    withdraw
        Lets the feed list it no longer.
    break_one
        Lets the feed list the alert of that name in a way nobody can read.
    """

    announce: Happen | None = None
    withdraw: Happen | None = None
    break_one: Happen | None = None

    async def ask(self, adapter: HazardFeed) -> object:
        """List the alerts."""
        reading = await adapter.poll()
        return sorted(hazard.model_dump_json() for hazard in reading.hazards)


@dataclass(frozen=True, kw_only=True)
class ForecastBench(Bench[ForecastSource]):
    """A source of forecasts under test.

    Parameters
    ----------
    question
        Asks some hours ahead at places that have coordinates.
    """

    question: AskForecast

    async def ask(self, adapter: ForecastSource) -> object:
        """Ask the temperatures of some hours."""
        told = await adapter.forecast(self.question)
        return (*told.hours, told.complete)


@dataclass(frozen=True, kw_only=True)
class OrdersBench(Bench[OrderSource]):
    """A source of orders under test; it has one order at least.

    Parameters
    ----------
    sample
        The source's id of an order that it may be told of: taken, shipped.
    order
        Lets somebody order; the name given is part of the source's id.
    broken
        Lets an order come in that nobody can read.
    taken
        Counts how often the source was told that an order was taken, and
        counted it.
    shipped
        Counts the shipments that the source knows of an order.
    """

    sample: str | None = None
    order: Happen | None = None
    broken: Happen | None = None
    taken: Callable[[str], Awaitable[int]] | None = None
    shipped: Callable[[str], Awaitable[int]] | None = None

    async def ask(self, adapter: OrderSource) -> object:
        """List the first orders."""
        page = await adapter.orders(None)
        return [one.model_dump_json() for one in page.orders]


@dataclass(frozen=True, kw_only=True)
class ClockBench(Bench[BusinessClock]):
    """A business clock under test."""

    async def ask(self, adapter: BusinessClock) -> object:
        """Ask the time, and tell only whether one was told."""
        return (await adapter.now()).tzinfo is not None


def given(control: _Control | None, what: str) -> _Control:
    """Return what the bench has for a check; ``NotTried`` where it has nothing."""
    if control is None:
        msg = f"the bench gives no {what}"
        raise NotTried(msg)
    return control
