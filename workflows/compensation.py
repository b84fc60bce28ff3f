"""Undo, in reverse order of doing, and effects that outlive a cancellation."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

Undo = Callable[[], Awaitable[Any]]


class Compensations:
    """What to undo if a shipment does not go on.

    An undo is registered *before* the effect it undoes: the effect may happen
    although its answer is lost. So every undo tolerates "never happened".
    """

    def __init__(self) -> None:
        self._undos: list[Undo] = []

    def add(self, undo: Undo) -> None:
        """Remember how to undo what is about to be done."""
        self._undos.append(undo)

    def forget(self) -> None:
        """Drop every undo: what was done can no longer be undone."""
        self._undos.clear()

    async def undo(self) -> None:
        """Undo the newest first; each is done once, however often this is called."""
        while self._undos:
            await self._undos.pop()()


async def undisturbed(step: Coroutine[Any, Any, T], on_cancel: Callable[[], None]) -> T:
    """Await a step to its end, even while the workflow is being cancelled.

    A cancellation that arrives meanwhile is told by ``on_cancel``, not raised:
    a label must not be voided before it is known to be bought, and an undo
    must not stop half-way. The step may look at what ``on_cancel`` left and
    end early.
    """
    task = asyncio.create_task(step)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            on_cancel()
    return task.result()
