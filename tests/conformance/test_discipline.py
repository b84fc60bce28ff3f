"""Look up before repeating: one effect each, however badly the calls go."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from connectors.ports import Idempotency
from domain.errors import OutcomeUnknown, RateLimited, Unavailable
from domain.shipping import Booking
from domain.warehousing import Reservation, WarehouseOrder
from lanewise.world.books import audit
from lanewise.world.desk import Advance
from lanewise.world.server import WorldServer
from lanewise.world.spec import Fault, FaultSpec
from tests.conformance.worlds import (
    CARRIER,
    FC,
    Bench,
    a_parcel,
    a_release,
    a_reservation,
    neutral_bench,
    spec_in_mode,
)

T = TypeVar("T")
ORDERS = 25
MISERY = FaultSpec(
    permille={
        Fault.ERROR_BEFORE: 80,
        Fault.ERROR_AFTER: 80,
        Fault.BUSY: 60,
        Fault.RATE_LIMIT: 60,
        Fault.DROP: 80,
        Fault.TRUNCATE: 60,
    }
)


async def surely(
    find: Callable[[], Awaitable[T | None]], act: Callable[[], Awaitable[T]]
) -> T:
    """Do something once: after any failure, look it up before anything else."""
    for _ in range(100):
        try:
            found = await find()
            return await act() if found is None else found
        except (OutcomeUnknown, Unavailable, RateLimited):
            continue
    pytest.fail("it never came through")


async def reserve(bench: Bench, key: str) -> Reservation:
    return await surely(
        lambda: bench.warehouse.find_reservation(FC, key),
        lambda: bench.warehouse.reserve(a_reservation(key)),
    )


async def book(bench: Bench, key: str) -> Booking:
    async def find() -> Booking | None:
        found = await bench.carrier.find_bookings(CARRIER, key)
        return found[0] if found else None

    return await surely(find, lambda: bench.carrier.book(a_parcel(key)))


async def release(bench: Bench, key: str, number: str) -> WarehouseOrder:
    wish = a_release(key, f"{key}/r").model_copy(update={"tracking_number": number})
    return await surely(
        lambda: bench.warehouse.find_order(FC, key),
        lambda: bench.warehouse.release_order(wish),
    )


@pytest.mark.parametrize(
    "mode",
    [Idempotency.KEY_HEADER, Idempotency.UNIQUE_REFERENCE, Idempotency.LOOK_UP],
    ids=str,
)
async def test_nothing_is_done_twice_and_nothing_is_lost(mode: Idempotency) -> None:
    spec = spec_in_mode(mode, stock={FC: {"MUG": 2 * ORDERS}})
    with WorldServer(spec.model_copy(update={"faults": MISERY})) as server:
        bench = neutral_bench(server, mode)
        for number in range(ORDERS):
            await reserve(bench, f"order-{number}/r")
            booking = await book(bench, f"order-{number}")
            await release(bench, f"order-{number}", booking.tracking_number)
        while server.advance(Advance())["state"] != "idle":
            pass
        books = server.books()
        await bench.close()

    bookings = books["carriers"][CARRIER]["bookings"]
    assert audit(books) == []
    assert sum(n for hits in books["faults"].values() for n in hits.values()) > ORDERS
    assert [b["status"] for b in bookings] == ["delivered"] * ORDERS
    assert books["warehouses"][FC]["on_hand"]["MUG"] == 0
