"""Keeps one process within what a counterpart allows, and off one that is down."""

from collections.abc import Iterable
from contextlib import suppress

from aiolimiter import AsyncLimiter
from circuitbreaker import STATE_HALF_OPEN, STATE_OPEN, CircuitBreaker

from connectors.capabilities import RateLimit
from domain.errors import Unavailable

# Where the span is this long, a fifth of it may be used up at once.
BURST_FROM_S = 10
# How soon a call turned away by a trial in flight may look again.
LOOK_AGAIN_S = 1.0


class Pace:
    """Lets calls through as fast as the limits allow, and no faster.

    Limits over less than ten seconds are kept by even spacing; longer ones let
    a fifth of their requests go at once and space the rest, so that no span
    ever holds more than its limit. Several processes each have a pace of their
    own: what they exceed together the counterpart answers with a rate limit,
    and the retry policy waits.
    """

    def __init__(self, limits: Iterable[RateLimit] = ()) -> None:
        self._limiters = [_limiter(limit) for limit in limits]

    async def turn(self) -> None:
        """Wait for the next turn."""
        for limiter in self._limiters:
            await limiter.acquire()


class Breaker:
    """Stops asking a counterpart that failed several times in a row.

    Only failures to answer count: not reached, no answer in time, a server's
    error. A refusal is an answer, and ends the row. After ``rest_s`` one call
    is let through on trial: it closes the circuit, or opens it for as long
    again. Calls that are turned away were surely not done.

    Parameters
    ----------
    failures
        How many in a row open the circuit; 0 for never.
    rest_s
        How long it stays open, in seconds.
    """

    def __init__(self, failures: int, rest_s: float) -> None:
        self._circuit = CircuitBreaker(failures or 1, rest_s) if failures else None
        self._on_trial = False

    def check(self) -> None:
        """Raise ``Unavailable`` while the counterpart is left alone."""
        circuit = self._circuit
        if circuit is None:
            return
        if circuit.state == STATE_OPEN:
            wait_s = float(max(circuit.open_remaining, 0))
            msg = (
                f"not asked: no answer {circuit.failure_count} times in a row; "
                f"tried again in {wait_s:.0f} s"
            )
            raise Unavailable(msg, retry_after_s=wait_s)
        if circuit.state == STATE_HALF_OPEN and self._on_trial:
            msg = "not asked: another call is finding out whether it answers again"
            raise Unavailable(msg, retry_after_s=LOOK_AGAIN_S)

    def enter(self) -> bool:
        """Let a call through, and tell whether it is the trial."""
        self.check()
        trial = self._circuit is not None and self._circuit.state == STATE_HALF_OPEN
        self._on_trial = self._on_trial or trial
        return trial

    def leave(self, answered: bool | None, *, trial: bool) -> None:
        """Count how a call went; None where that says nothing of the counterpart."""
        if trial:
            self._on_trial = False
        if self._circuit is None or answered is None:
            return
        if answered:
            self._circuit.reset()
            return
        with suppress(_NoAnswer), self._circuit:
            raise _NoAnswer


class _NoAnswer(Exception):
    """Tells the circuit of a failure."""


def _limiter(limit: RateLimit) -> AsyncLimiter:
    if limit.per_s < BURST_FROM_S:
        return AsyncLimiter(1, limit.per_s / limit.requests)
    burst = max(1, limit.requests // 5)
    rest = max(1, limit.requests - burst)
    return AsyncLimiter(burst, burst * limit.per_s / rest)
