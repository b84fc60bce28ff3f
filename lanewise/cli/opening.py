"""What commands open: the store, and the clock of the business."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from lanewise import wiring
from lanewise.cli.console import run
from lanewise.settings import Settings
from store.engine import Store


@contextmanager
def opened_store() -> Iterator[Store]:
    """Open the store the settings name, its tables made; close it at the end."""
    store = Store(Settings().database_url.get_secret_value())
    try:
        store.migrate()
        yield store
    finally:
        store.close()


def business_now() -> datetime:
    """Return what time it is for the business."""
    return run(_now())


async def _now() -> datetime:
    async with wiring.rooms(Settings()) as opened:
        return await opened.clock.now()
