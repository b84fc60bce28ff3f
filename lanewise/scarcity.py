"""What is scarce now, for people and for whoever asks over HTTP."""

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

from activities.scarcity import LIVES, in_force
from connectors.ports import BusinessClock
from domain.scarcity import Scarce
from lanewise.settings import Settings
from store import network, scarcity
from store.engine import Store


class ScarceNow(Scarce):
    """Something scarce in words, with what one more is worth in whole cents."""

    what: str
    cents: int


class Opened(Protocol):
    """What is needed of the process: its store, clock and settings."""

    @property
    def store(self) -> Store: ...

    @property
    def clock(self) -> BusinessClock: ...

    @property
    def settings(self) -> Settings: ...


async def scarce_now(opened: Opened) -> tuple[Scarce, ...]:
    """Return what is scarce now at today's prices, the dearest first."""
    now = await opened.clock.now()
    half_life = timedelta(minutes=opened.settings.price_half_life_minutes)
    if not half_life:
        return ()
    return await asyncio.to_thread(_read, opened.store, now, half_life)


def priced(scarce: Scarce) -> ScarceNow:
    """Return a price with its words and cents."""
    told = {"what": scarce.words, "cents": cents(scarce)}
    return ScarceNow(**told, **dict(scarce))


def cents(scarce: Scarce) -> int:
    """Return what one more is worth to who must stay within all limits."""
    return round((scarce.millicents + scarce.strict_millicents) / 1_000)


def _read(store: Store, now: datetime, half_life: timedelta) -> tuple[Scarce, ...]:
    with store.reading() as session:
        version = network.active_version(session) or ""
        known = scarcity.known(session, version, now - LIVES * half_life)
    return tuple(
        sorted(
            in_force(known, now, half_life),
            key=lambda scarce: (-cents(scarce), scarce.words),
        )
    )
