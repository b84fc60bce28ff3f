"""Gathers requests that arrive together, so that they are answered jointly."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class Batcher(Generic[Ask, Answer]):
    """Answer many callers by one call.

    Requests wait at most ``window_s`` seconds for company, and longer only
    while an earlier batch is being answered; a batch holds up to ``most``.
    ``answer`` runs in a thread, one batch at a time, and returns one answer or
    exception per request, in order. If it raises, every caller of that batch
    gets the exception. ``after`` runs in a thread once a batch has its answers,
    before the next one begins; it must not raise.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Ask]], Sequence[Answer | Exception]],
        *,
        window_s: float,
        most: int,
        after: Callable[[], None] | None = None,
    ) -> None:
        self._answer = answer
        self._after = after
        self._window_s = window_s
        self._most = most
        self._waiting: list[tuple[Ask, asyncio.Future[Answer]]] = []
        self._full = asyncio.Event()
        self._drainer: asyncio.Task[None] | None = None

    async def ask(self, request: Ask) -> Answer:
        """Return the answer to this request, decided together with its neighbors."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if len(self._waiting) >= self._most:
            self._full.set()
        if self._drainer is None or self._drainer.done():
            self._drainer = asyncio.create_task(self._drain())
        return await future

    async def settled(self) -> None:
        """Wait until everybody is answered, and what comes after is done."""
        if self._drainer is not None:
            await self._drainer

    async def _drain(self) -> None:
        while self._waiting:
            await self._company()
            batch, self._waiting = (
                self._waiting[: self._most],
                self._waiting[self._most :],
            )
            self._full.clear()
            await self._settle(batch)
            if self._after is not None:
                await asyncio.to_thread(self._after)

    async def _company(self) -> None:
        if len(self._waiting) < self._most:
            try:
                await asyncio.wait_for(self._full.wait(), self._window_s)
            except TimeoutError:
                return

    async def _settle(self, batch: list[tuple[Ask, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await asyncio.to_thread(self._answer, [ask for ask, _ in batch])
            if len(answers) != len(batch):
                msg = f"{len(answers)} answers to {len(batch)} requests"
                raise ValueError(msg)
        except Exception as error:  # every caller must hear of it
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
