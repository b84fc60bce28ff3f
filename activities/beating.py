"""Lets Temporal notice within seconds that a worker died in the middle of work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from temporalio import activity
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

# Beats per heartbeat timeout: one that is late is no death yet.
BEATS = 3


class Heartbeats(Interceptor):
    """Beats for every activity that has a heartbeat timeout, while it runs.

    So an attempt may take as long as its start-to-close timeout allows, and one
    whose worker is gone is tried again much earlier. Short work never beats.
    """

    def intercept_activity(
        self, next: ActivityInboundInterceptor
    ) -> ActivityInboundInterceptor:
        """Put a heart into the activity."""
        return _Beating(next)


class _Beating(ActivityInboundInterceptor):
    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        self._outbound = outbound
        super().init(outbound)

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        async with self._beating():
            return await super().execute_activity(input)

    @asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        timeout = activity.info().heartbeat_timeout
        if timeout is None:
            yield
            return
        heart = asyncio.create_task(self._beat(timeout.total_seconds() / BEATS))
        try:
            yield
        finally:
            heart.cancel()
            with suppress(asyncio.CancelledError):
                await heart

    async def _beat(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            self._outbound.heartbeat()
