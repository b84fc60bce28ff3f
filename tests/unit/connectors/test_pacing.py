"""How fast calls go, and how a counterpart that is down is left alone."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

import circuitbreaker
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.capabilities import RateLimit
from connectors.pacing import Breaker, Pace
from domain.errors import Unavailable


class _Skipping(selectors.DefaultSelector):
    """Waits in no time: what it would have waited is added to the loop's clock."""

    skipped_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        # Like any clock it also runs a little by itself.
        self.skipped_s += (timeout or 0.0) + 1e-6
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """A loop whose time is what its timers asked for."""

    def __init__(self) -> None:
        self.selector = _Skipping()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.skipped_s


def in_no_time(work: Callable[[], Awaitable[list[float]]]) -> list[float]:
    loop = Loop()
    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()


def calls(n: int, *limits: RateLimit) -> list[float]:
    """Return when each of many calls at once was let through, in seconds."""

    async def work() -> list[float]:
        pace, made = Pace(limits), []
        for _ in range(n):
            await pace.turn()
            made.append(asyncio.get_running_loop().time())
        return made

    return in_no_time(work)


def test_calls_at_once_are_spread_evenly() -> None:
    made = calls(4, RateLimit(requests=4))

    assert made == pytest.approx([0, 0.25, 0.5, 0.75], abs=0.01)


def test_without_a_limit_nobody_waits() -> None:
    assert calls(50)[-1] < 0.01


def test_a_limit_over_a_minute_lets_some_go_at_once() -> None:
    made = calls(40, RateLimit(requests=150, per_s=60))

    assert made[29] < 0.01
    assert made[39] == pytest.approx(5, abs=0.1)


@settings(deadline=None, max_examples=25)
@given(requests=st.integers(1, 40), per_s=st.sampled_from([1, 5, 10, 60]))
def test_no_span_holds_more_calls_than_its_limit(requests: int, per_s: int) -> None:
    made = calls(2 * requests + 3, RateLimit(requests=requests, per_s=per_s))

    later = made[requests:]
    assert all(b - a >= per_s - 0.01 for a, b in zip(made, later, strict=False))


class Clock:
    """The stopwatch the circuit looks at."""

    def __init__(self) -> None:
        self.at_s = 1_000.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(circuitbreaker, "monotonic", clock)
    return clock


def call(breaker: Breaker, answered: bool | None) -> None:
    breaker.leave(answered, trial=breaker.enter())


def test_a_counterpart_that_failed_in_a_row_is_left_alone(clock: Clock) -> None:
    breaker = Breaker(3, rest_s=30)
    for answered in (False, False, True, False, False):
        call(breaker, answered)
    breaker.check()
    call(breaker, False)

    with pytest.raises(Unavailable, match="3 times in a row") as turned_away:
        breaker.enter()

    assert turned_away.value.retry_after_s == 30


def test_after_its_rest_one_call_is_let_through_on_trial(clock: Clock) -> None:
    breaker = Breaker(1, rest_s=30)
    call(breaker, False)
    clock.at_s += 31

    assert breaker.enter()
    with pytest.raises(Unavailable, match="finding out"):
        breaker.enter()


@pytest.mark.parametrize(("answered", "opened"), [(True, False), (False, True)])
def test_the_trial_closes_the_circuit_or_opens_it_again(
    clock: Clock, answered: bool, opened: bool
) -> None:
    breaker = Breaker(2, rest_s=30)
    call(breaker, False)
    call(breaker, False)
    clock.at_s += 31
    call(breaker, answered)

    if opened:
        with pytest.raises(Unavailable):
            breaker.check()
    else:
        breaker.check()


def test_a_trial_that_was_cancelled_lets_the_next_one_try(clock: Clock) -> None:
    breaker = Breaker(1, rest_s=30)
    call(breaker, False)
    clock.at_s += 31

    call(breaker, None)

    assert breaker.enter()


def test_without_a_limit_on_failures_it_is_always_asked() -> None:
    breaker = Breaker(0, rest_s=30)
    for _ in range(100):
        call(breaker, False)

    breaker.check()
