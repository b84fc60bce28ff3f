"""Long work stays with its worker as long as that is alive."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.beating import Heartbeats
from lanewise.world.temporal_server import temporal_server

SILENCE_S, WORK_S = 1, 1.8


@activity.defn
async def wait_for_an_answer() -> int:
    await asyncio.sleep(WORK_S)
    return activity.info().attempt


@activity.defn
def read_a_large_store() -> int:
    time.sleep(WORK_S)
    return activity.info().attempt


@workflow.defn
class LongWork:
    @workflow.run
    async def run(self, name: str) -> int:
        attempt: int = await workflow.execute_activity(
            name,
            start_to_close_timeout=timedelta(seconds=30),
            heartbeat_timeout=timedelta(seconds=SILENCE_S),
        )
        return attempt


@pytest.mark.parametrize("work", [wait_for_an_answer, read_a_large_store])
async def test_work_longer_than_the_silence_allowed_is_done_once(
    work: Callable[[], Any],
) -> None:
    async with (
        temporal_server(ui=False) as server,
        Worker(
            server.client,
            task_queue="long",
            workflows=[LongWork],
            activities=[wait_for_an_answer, read_a_large_store],
            activity_executor=ThreadPoolExecutor(2),
            workflow_runner=UnsandboxedWorkflowRunner(),
            interceptors=[Heartbeats()],
        ),
    ):
        attempt = await server.client.execute_workflow(
            LongWork.run, work.__name__, id=work.__name__, task_queue="long"
        )

    assert attempt == 1
