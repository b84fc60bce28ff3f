"""What a kit needs of an adapter under test: how to make it, what to ask of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance.mischief import Mischief
from conformance.running import NotTried
from connectors.ports import CarrierAdapter, WarehouseAdapter
from connectors.transport import wrapped
from domain.quantities import CarrierId, FcId, SkuId
from domain.shipping import Booking, BookParcel, RateRequest
from domain.warehousing import ReleaseOrder, ReserveStock

A = TypeVar("A")
_Control = TypeVar("_Control")


@dataclass(frozen=True)
class Delivery:
    """A webhook as the counterpart sends it: headers and raw body."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Bench(Generic[A]):
    """An adapter and its counterpart.

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
    """

    connect: Callable[[], A]
    run: str
    secrets: tuple[str, ...] = ()
    webhooks: Callable[[], Sequence[Delivery]] | None = None

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
    pick: Callable[[str], Awaitable[None]] | None = None


def given(control: _Control | None, what: str) -> _Control:
    """Return what the bench has for a check; ``NotTried`` where it has nothing."""
    if control is None:
        msg = f"the bench gives no {what}"
        raise NotTried(msg)
    return control
