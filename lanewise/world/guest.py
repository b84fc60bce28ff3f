"""What software that we did not write needs to play a part in the simulated world."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.registry import Connection
from domain.quantities import FcId
from lanewise.world.seed import Seeded
from lanewise.world.server import WorldServer
from store.engine import Store


@dataclass(frozen=True)
class Ground:
    """Where a guest plays: the world, a folder of its own, our API to come."""

    seeded: Seeded
    world: WorldServer
    folder: Path
    api_url: str


@dataclass(frozen=True)
class Turn:
    """What guests did when it was their turn: whether anything, and what is next."""

    moved: bool = False
    next_at: datetime | None = None


async def _idle(now: datetime) -> Turn:
    return Turn()


async def _no_books() -> Mapping[FcId, dict[str, Any]]:
    return {}


@dataclass(frozen=True)
class Guest:
    """A guest that runs.

    Parameters
    ----------
    connections
        How we reach it; they win over the world's for what they name.
    replaces
        The world's connections that nobody needs any more.
    begin
        Called once, with the loaded store, before any order comes.
    turn
        Does what is due at a business instant, whenever everybody waits for
        the world; time passes no further than to what it says is next.
    books
        Tells at the end what it thinks happened in the centers it runs, in
        the form of the world's own books.
    part
        What it plays, in a few words.
    """

    connections: tuple[Connection, ...]
    replaces: frozenset[str] = frozenset()
    begin: Callable[[Store], None] = lambda store: None
    turn: Callable[[datetime], Awaitable[Turn]] = _idle
    books: Callable[[], Awaitable[Mapping[FcId, dict[str, Any]]]] = field(
        default=_no_books
    )
    part: str = ""


Invitation = Callable[[Ground], AbstractAsyncContextManager[Guest]]
