"""A process that dies between an effect and its reply."""

import asyncio
import signal
import sys

from connectors.ports import Idempotency
from lanewise.world.server import WorldServer
from lanewise.world.spec import Fault, ScriptedFault
from tests.conformance.worlds import (
    CARRIER,
    a_parcel,
    neutral_bench,
    spec_in_mode,
)

MODE = Idempotency.UNIQUE_REFERENCE
BOOK = """
import asyncio, sys
from pydantic import SecretStr
from connectors.neutral.client import NeutralCarrier
from connectors.neutral.settings import NeutralSettings
from domain.shipping import BookParcel

async def book():
    settings = NeutralSettings(base_url=sys.argv[1], secret=SecretStr("OPEN-SESAME"))
    carrier = NeutralCarrier(settings, lambda: None)
    sys.stdin.readline()
    await carrier.book(BookParcel.model_validate_json(sys.argv[2]))

asyncio.run(book())
"""


async def test_what_a_killed_worker_had_bought_is_found_after_it() -> None:
    with WorldServer(spec_in_mode(MODE)) as server:
        bench = neutral_bench(server, MODE)
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            BOOK,
            server.base_url,
            a_parcel("doomed").model_dump_json(),
            stdin=asyncio.subprocess.PIPE,
        )
        server.script(ScriptedFault(operation="book", fault=Fault.KILL, pid=worker.pid))

        await worker.communicate(b"go\n")
        found = await bench.carrier.find_bookings(CARRIER, "doomed")
        again = await bench.carrier.book(a_parcel("doomed"))
        await bench.close()

    assert worker.returncode == -signal.SIGKILL
    assert [booking.id for booking in found] == [again.id]
