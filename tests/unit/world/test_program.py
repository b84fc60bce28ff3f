"""Programs of others are started, waited for, and ended with all they started."""

import os
import sys
from pathlib import Path

import pytest

from lanewise.world.program import NotInstalled, NotStarted, installed, running
from lanewise.world.temporal_server import free_port

SERVE = """
import http.server, sys
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]))
"""


async def test_a_server_is_there_while_the_block_lasts_and_gone_after(
    tmp_path: Path,
) -> None:
    port = free_port()
    command = (sys.executable, "-c", SERVE, str(port))

    async with running(command, f"http://127.0.0.1:{port}/", tmp_path / "log") as pid:
        os.kill(pid, 0)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_program_that_ends_at_once_is_told_with_its_last_words(
    tmp_path: Path,
) -> None:
    command = (sys.executable, "-c", "raise SystemExit('no database')")

    with pytest.raises(NotStarted, match="no database"):
        async with running(command, "http://127.0.0.1:9/", tmp_path / "log"):
            pass


def test_a_missing_counterpart_says_how_to_get_it() -> None:
    with pytest.raises(NotInstalled, match=r"make \.counterparts/nobody/\.ready"):
        installed("nobody", "serve")
