"""Undo, in reverse order of doing, and effects that outlive a cancellation."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from temporalio import workflow

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


async def shielded(effect: Coroutine[Any, Any, T]) -> T:
    """Await an effect to its answer, even while the workflow is being cancelled.

    A cancellation that arrives meanwhile is raised after the answer is in: a
    label must not be voided before it is known to be bought.
    """
    task = asyncio.create_task(effect)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await workflow.wait([task])
        raise
