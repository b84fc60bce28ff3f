"""What commands open: the store, the clock of the business, the keeper's ear."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from lanewise import wiring
from lanewise.cli.console import run
from lanewise.keeping import ensure_keeper
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


async def keeper_woken() -> bool:
    """Have the keeper look for news; False where Temporal is not reached."""
    settings = Settings()
    try:
        client = await wiring.temporal(settings)
        await ensure_keeper(client, settings.task_queue)
    except (RuntimeError, OSError):
        return False
    return True


async def _now() -> datetime:
    async with wiring.rooms(Settings()) as opened:
        return await opened.clock.now()
