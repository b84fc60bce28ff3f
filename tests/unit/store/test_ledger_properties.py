"""Whatever several connections do in whatever order, the books stay true."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from domain.errors import Immutable
from domain.quantities import OrderId
from store import stock
from store.claims import Held, Refused, Resource, Stage
from store.engine import Store
from tests.builders import MONDAY
from tests.unit.store.build import (
    HOUR,
    LAMP,
    NEWARK,
    RENO,
    a_claim,
    a_count,
    lines,
    work,
)

Act = Callable[[Session, datetime], Any]

LEDGERS = "stock_claims capacity_claims claims capacity stock shipments releases"
CELLS = [(NEWARK, LAMP), (RENO, LAMP)]
CAPACITY = 6
HELD, COMMITTED = Stage.HELD, Stage.COMMITTED

cells = st.sampled_from(CELLS)
orders = st.sampled_from([OrderId("o-1"), OrderId("o-2"), OrderId("o-3")])
revisions = st.integers(1, 2)
units = st.integers(1, 4)
keys = st.sampled_from(["parcel-1", "parcel-2"])
lifetimes = st.sampled_from([None, HOUR, 6 * HOUR])
agos = st.sampled_from([0, 0, 0, 1, 4])


@st.composite
def a_wish(draw: st.DrawFn) -> Callable[[datetime], Any]:
    order, revision, life = draw(orders), draw(revisions), draw(lifetimes)
    wants = draw(st.lists(st.tuples(cells, units), min_size=1, max_size=2))
    return lambda now: a_claim(
        order,
        *((*cell, count) for cell, count in wants),
        revision=revision,
        expires_at=None if life is None else now + life,
        capacity=(work(Resource.LINES, len(wants), CAPACITY),),
    )


@st.composite
def an_act(draw: st.DrawFn) -> Act:
    order, revision, (fc, _) = draw(orders), draw(revisions), draw(cells)
    key, count, ago = draw(keys), draw(units), draw(agos) * HOUR
    wish = draw(a_wish())
    acts: list[Act] = [
        lambda s, now: stock.hold(s, wish(now), now),
        lambda s, now: stock.swap(s, order, revision, wish(now), now),
        lambda s, now: stock.confirm(s, order, revision, now),
        lambda s, now: stock.confirm(s, order, revision, now, fc),
        lambda s, now: stock.extend(s, order, revision, now + HOUR),
        lambda s, now: stock.release(s, order, revision),
        lambda s, now: stock.release(s, order, revision, fc, lines(LAMP=count), key),
        lambda s, now: stock.ship(
            s, order, revision, fc, lines(LAMP=count), now - ago, key
        ),
        lambda s, now: stock.load(s, a_count({LAMP: count}, fc, as_of=now - ago)),
        lambda s, now: stock.reap(s, now),
    ]
    return draw(st.sampled_from(acts))


@pytest.fixture
def connections(store_url: str) -> Iterator[list[Store]]:
    stores = [Store(store_url) for _ in range(3)]
    yield stores
    for store in stores:
        store.close()


def with_examples(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


hours_passed = st.sampled_from([0, 0, 0, 1, 2])
steps = st.tuples(st.integers(0, 2), hours_passed, an_act())


@with_examples(25)
@given(st.lists(steps, min_size=5, max_size=20))
def test_any_interleaving_of_connections_keeps_the_books_true(
    connections: list[Store], steps: list[tuple[int, int, Act]]
) -> None:
    start(connections[0])
    now = MONDAY
    for connection, hours, act in steps:
        now += hours * HOUR
        perform(connections[connection], act, now)
        audit(connections[0], now)

    release_everything(connections[1])

    assert_all_is_free(connections[2], now)


@with_examples(6)
@given(st.lists(st.lists(an_act(), min_size=6, max_size=12), min_size=3, max_size=3))
def test_threads_at_work_at_once_keep_the_books_true(
    connections: list[Store], shifts: list[list[Act]]
) -> None:
    start(connections[0])
    together = threading.Barrier(len(shifts))

    def toil(store: Store, acts: list[Act]) -> None:
        together.wait()
        for act in acts:
            perform(store, act, MONDAY)

    with ThreadPoolExecutor(len(shifts)) as pool:
        list(pool.map(toil, connections, shifts))

    audit(connections[0], MONDAY)
    release_everything(connections[1])
    assert_all_is_free(connections[2], MONDAY)


def test_of_twelve_racing_for_ten_units_exactly_ten_win(
    connections: list[Store],
) -> None:
    start(connections[0], on_hand=10)
    together = threading.Barrier(12)

    def race(n: int) -> Held | Refused:
        claim = a_claim(f"o-{n}", (NEWARK, LAMP, 1), (RENO, LAMP, 1))
        together.wait()
        return connections[n % 3].write(lambda s: stock.hold(s, claim, MONDAY))

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(race, range(12)))

    assert sum(isinstance(answer, Held) for answer in answers) == 10
    audit(connections[0], MONDAY)


def test_batches_that_want_the_same_goods_crosswise_do_not_deadlock(
    connections: list[Store],
) -> None:
    start(connections[0], on_hand=100)
    together = threading.Barrier(4)

    def race(n: int) -> tuple[Held | Refused, ...]:
        cells = CELLS if n % 2 else CELLS[::-1]
        claims = tuple(a_claim(f"o-{n}-{fc}", (fc, sku, 5)) for fc, sku in cells)
        together.wait()
        with connections[n % 3].writing() as session:
            return stock.hold_all(session, claims, MONDAY)

    with ThreadPoolExecutor(4) as pool:
        answers = [answer for each in pool.map(race, range(4)) for answer in each]

    assert all(isinstance(answer, Held) for answer in answers)


def test_a_confirmation_racing_the_reaper_never_wins_what_another_took(
    connections: list[Store],
) -> None:
    start(connections[0], on_hand=1)
    late = MONDAY + 2 * HOUR
    with connections[0].writing() as session:
        stock.hold(session, a_claim("o-1"), MONDAY)
    together = threading.Barrier(2)

    def confirm() -> bool:
        together.wait()
        return connections[1].write(
            lambda s: stock.confirm(s, OrderId("o-1"), 1, MONDAY)
        )

    def take() -> bool:
        claim = a_claim("o-2", expires_at=None)
        together.wait()
        return connections[2].write(
            lambda s: isinstance(stock.hold(s, claim, late), Held)
        )

    with ThreadPoolExecutor(2) as pool:
        won = [future.result() for future in (pool.submit(confirm), pool.submit(take))]

    assert sum(won) == 1


def start(store: Store, on_hand: int = 4) -> None:
    """Empty the ledgers, then count the same in both centers."""
    with store.writing() as session:
        for table in LEDGERS.split():
            session.connection().execute(text(f"DELETE FROM {table}"))
        for fc, sku in CELLS:
            stock.load(session, a_count({sku: on_hand}, fc))


def perform(store: Store, act: Act, now: datetime) -> None:
    # Asking for other goods under a held revision is refused as a whole.
    with suppress(Immutable):
        store.write(lambda session: act(session, now))


def audit(store: Store, now: datetime) -> None:
    """Add the books up without the store's own sums."""
    with store.reading() as session:
        books, free = stock.books(session), stock.free(session, now)
        lines_done = stock.taken(session, now).lines
    for cell, on_hand in books.on_hand.items():
        here = [e for e in books.entries if (e.fc, e.sku) == cell]
        open_units = sum(e.amount for e in here if e.stage in (HELD, COMMITTED))
        assert 0 <= open_units <= on_hand
        assert free[cell] == on_hand - sum(e.amount for e in here if e.live(now))
    work_now = [
        e.amount
        for e in books.entries
        if e.resource is Resource.LINES and (e.live(now) or e.stage is Stage.SHIPPED)
    ]
    assert sum(work_now) <= CAPACITY
    assert sum(lines_done.values()) == sum(work_now)


def release_everything(store: Store) -> None:
    with store.writing() as session:
        for entry in stock.books(session).entries:
            stock.release(session, entry.order_id, entry.revision)


def assert_all_is_free(store: Store, now: datetime) -> None:
    with store.reading() as session:
        assert stock.free(session, now) == stock.books(session).on_hand
