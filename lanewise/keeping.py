"""Sees to it that the keeper and the watch run, and that the keeper hears of news."""

import asyncio
import logging
from contextlib import suppress

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from workflows import names
from workflows.disruption import WATCH, DisruptionWatch
from workflows.keeper import KEEPER, KeepOn, SegmentKeeper

log = logging.getLogger(__name__)

# News within this time are one: the keeper's history does not grow with traffic.
PAUSE_S = 0.25
# How long to wait where Temporal does not answer, and for the last ring.
AWAY_S = 5.0
CLOSING_S = 2.0


async def ensure_keeper(client: Client, task_queue: str = names.TASK_QUEUE) -> None:
    """Start the keeper, or wake the one that runs; it looks whether there is news."""
    await client.start_workflow(
        SegmentKeeper.run,
        KeepOn(),
        id=KEEPER,
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="news",
        static_summary="Keeps customers, SKUs and lanes in their segments",
    )


async def ensure_watch(client: Client, task_queue: str = names.TASK_QUEUE) -> None:
    """Start the watch over weather, carriers and centers, if it does not run."""
    await client.start_workflow(
        DisruptionWatch.run,
        id=WATCH,
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="Asks the feeds for alerts, and sees how carriers do",
    )


class KeeperBell:
    """Wakes the keeper soon after it was rung, once for many rings.

    It may be rung from any thread. What was rung for and not passed on when a
    process dies is seen at the next ring, or when a worker starts: the news
    themselves are in the store.
    """

    def __init__(self, client: Client, task_queue: str = names.TASK_QUEUE) -> None:
        self._client = client
        self._task_queue = task_queue
        self._loop = asyncio.get_running_loop()
        self._rung = False
        self._passing: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Let the keeper be woken soon."""
        with suppress(RuntimeError):
            # The loop is closed when the process ends: who starts next will look.
            self._loop.call_soon_threadsafe(self._pass_on)

    async def close(self) -> None:
        """Pass on what was rung for, if that is soon done."""
        if self._passing is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._passing, CLOSING_S)

    def _pass_on(self) -> None:
        self._rung = True
        if self._passing is None or self._passing.done():
            self._passing = self._loop.create_task(self._wake(), name="keeper's bell")

    async def _wake(self) -> None:
        pause_s = PAUSE_S
        while self._rung:
            await asyncio.sleep(pause_s)
            # Before the keeper is woken: a ring after that is for the next time.
            self._rung = False
            try:
                await ensure_keeper(self._client, self._task_queue)
            except RPCError as error:
                log.warning("the segment keeper was not reached: %s", error)
                self._rung, pause_s = True, AWAY_S
