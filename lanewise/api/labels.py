"""Labels bought twice, as the API tells them."""

import asyncio

from domain.quantities import Count, Value
from store import doubles
from store.doubles import Double
from store.engine import Store

MOST = 500


class Doubles(Value):
    """Labels bought twice: how many ever, and those that may cost money, newest first.

    At most 500 are listed; ``owed`` counts them all.
    """

    found: Count
    voided: Count
    owed: Count
    labels: tuple[Double, ...]


async def doubles_owed(store: Store) -> Doubles:
    """Say which labels were bought twice and are not surely taken back."""
    return await asyncio.to_thread(_read, store)


def _read(store: Store) -> Doubles:
    with store.reading() as session:
        counts = doubles.counts(session)
        return Doubles(**counts.model_dump(), labels=doubles.owed(session, MOST))
