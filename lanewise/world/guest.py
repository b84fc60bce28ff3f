"""What software that we did not write needs to play a part in the simulated world."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from connectors.registry import Connection
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
    """

    connections: tuple[Connection, ...]
    replaces: frozenset[str] = frozenset()
    begin: Callable[[Store], None] = lambda store: None


Invitation = Callable[[Ground], AbstractAsyncContextManager[Guest]]
