"""Workers in processes of their own: hired, killed, replaced."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from lanewise.settings import Settings
from lanewise.world.seed import Seeded
from lanewise.world.spec import FaultSpec, WebhookSpec
from lanewise.world.stage import Stage, environment, staged

PATIENCE_S = 240
POLL_S = 0.1
CALM = FaultSpec()
PROMPT = WebhookSpec()
# Few instants at which something happens, so that the days pass quickly.
TICK_MIN = 240


async def until(true: Callable[[], bool]) -> None:
    """Look again and again, until it is so."""
    while not true():  # noqa: ASYNC110  it becomes so in other processes
        await asyncio.sleep(POLL_S)


class Crew:
    """The workers of one stage.

    They are forked from a process that has imported everything, because a
    worker that dies in a test must be replaced at once.
    """

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._processes: dict[int, ForkServerProcess] = {}
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(["lanewise.cli.main", "pytest"])

    @property
    def pids(self) -> list[int]:
        """List the process ids of everybody ever hired."""
        return list(self._processes)

    def hire(self) -> int:
        """Start a worker and return its process id."""
        arguments = (environment(self._settings), str(self._log))
        process = self._context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        assert process.pid is not None
        self._processes[process.pid] = process
        return process.pid

    async def ready(self) -> None:
        """Wait until every worker hired so far has begun to work."""
        async with asyncio.timeout(PATIENCE_S):
            await until(lambda: self._begun() == len(self._processes))

    async def exit_code(self, pid: int) -> int | None:
        """Wait for a worker's end; None if it does not end."""
        process = self._processes[pid]
        await asyncio.to_thread(process.join, PATIENCE_S)
        return process.exitcode

    def dismiss(self) -> None:
        """Tell every worker to stop, and wait until it has."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.join(PATIENCE_S)

    def _begun(self) -> int:
        if not self._log.exists():
            return 0
        return self._log.read_text("utf-8").count("The worker is working")


@asynccontextmanager
async def running(
    seeded: Seeded,
    folder: Path,
    *,
    workers: int = 1,
    faults: FaultSpec = CALM,
    webhooks: WebhookSpec = PROMPT,
) -> AsyncIterator[tuple[Stage, Crew]]:
    """Bring up a whole stage with its workers."""
    async with staged(seeded, folder, faults, webhooks, tick_min=TICK_MIN) as stage:
        crew = Crew(stage.settings, folder / "worker.log")
        try:
            for _ in range(workers):
                crew.hire()
            await crew.ready()
            yield stage, crew
        finally:
            await asyncio.to_thread(crew.dismiss)


def _work(variables: dict[str, str], log: str) -> None:
    os.environ.update(variables)
    with Path(log).open("ab") as out:
        os.dup2(out.fileno(), sys.stdout.fileno())
        os.dup2(out.fileno(), sys.stderr.fileno())
    sys.argv = ["lanewise", "worker"]
    from lanewise.cli.main import main

    main()
