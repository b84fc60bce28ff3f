"""Somebody else's server as a program of ours: started, waited for, ended.

Real counterparts (Karrio, Tryton) are installed apart, each in a folder of its
own below ``.counterparts``: ``make test-connectors`` and the demo do so.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

HOMES = Path(__file__).parents[2] / ".counterparts"
ASK_EVERY_S = 0.2
GRACE_S = 10.0


class NotInstalled(RuntimeError):
    """A counterpart is not there; the message says how to get it."""


class NotStarted(RuntimeError):
    """A program ended, or was silent for too long, before it answered."""


def installed(name: str, program: str) -> Path:
    """Return where a counterpart's program is; NotInstalled if it is not."""
    path = HOMES / name / "bin" / program
    if not path.exists():
        msg = f"{name} is not installed; run `make .counterparts/{name}/.ready`"
        raise NotInstalled(msg)
    return path


@asynccontextmanager
async def running(
    command: Sequence[str | Path],
    answers: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
    patience_s: float = 120.0,
) -> AsyncIterator[int]:
    """Run a server until the block ends; yield its process id.

    Parameters
    ----------
    command
        The program and its arguments.
    answers
        A URL that answers, whatever it says, once the server is up.
    log
        The file that takes what the program prints.
    environment
        Variables beside those of this process.
    patience_s
        How long to wait for the first answer, in seconds.

    Raises
    ------
    NotStarted
        With the last lines of the log.
    """
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=os.environ | dict(environment or {}),
            # Its workers go with it: the whole group is told to end.
            start_new_session=True,
        )
    try:
        await _answering(process, answers, log, patience_s)
        yield process.pid
    finally:
        await _end(process)


async def _answering(
    process: asyncio.subprocess.Process, url: str, log: Path, patience_s: float
) -> None:
    waited_s = 0.0
    async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
        while process.returncode is None and waited_s < patience_s:
            with suppress(httpx.TransportError):
                await client.get(url)
                return
            await asyncio.sleep(ASK_EVERY_S)
            waited_s += ASK_EVERY_S
    msg = f"nothing answers at {url}; the log ends with: {_last_words(log)}"
    raise NotStarted(msg)


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-1_000:]


async def _end(process: asyncio.subprocess.Process) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE_S)
            return
