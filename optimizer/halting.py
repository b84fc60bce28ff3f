"""Lets the caller's deadline cut in while one order is being looked at.

Most orders take a millisecond, so it is enough to ask between them. One of many
lines, or of hundreds of units, takes far longer; whoever works on it says how
much was done, and now and then the caller is asked whether to go on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Units of work between two questions: about a millisecond.
_ASKED_EACH = 5_000


class Interrupted(Exception):
    """The caller's time was over in the midst of an order."""


class _Asker:
    """Asks the caller once so much was done."""

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop
        self._done = 0

    def worked(self, work: int) -> None:
        self._done += work
        if self._done < _ASKED_EACH:
            return
        self._done = 0
        if self._should_stop():
            raise Interrupted


_asker: ContextVar[_Asker | None] = ContextVar("asker", default=None)


@contextmanager
def interruptible(should_stop: Callable[[], bool] | None) -> Iterator[None]:
    """Let ``worked`` ask, and interrupt what is done in here."""
    if should_stop is None:
        yield
        return
    token = _asker.set(_Asker(should_stop))
    try:
        yield
    finally:
        _asker.reset(token)


def worked(work: int) -> None:
    """Note that work was done: a unit tried in a box is one.

    Raises
    ------
    Interrupted
        When the caller's time is over.
    """
    asker = _asker.get()
    if asker is not None:
        asker.worked(work)
