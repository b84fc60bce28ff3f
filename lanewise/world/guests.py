"""Who may play a part in the demo, by the name people ask for them with."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from connectors.registry import Connection
from lanewise.world.guest import Ground, Guest, Invitation
from lanewise.world.karrio_carriers import karrio_carriers
from lanewise.world.tryton_center import tryton_center

GUESTS: Mapping[str, Invitation] = {
    "karrio": karrio_carriers,
    "tryton": tryton_center,
}


def named(text: str) -> tuple[str, ...]:
    """Read names apart by commas.

    Raises
    ------
    ValueError
        Naming the one that is unknown, and those there are.
    """
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part))
    for name in names:
        if name not in GUESTS:
            msg = f"{name!r} is nobody we know; there is {', '.join(sorted(GUESTS))}"
            raise ValueError(msg)
    return names


async def invite(
    stack: AsyncExitStack, names: tuple[str, ...], ground: Ground
) -> tuple[Guest, ...]:
    """Bring guests up, one after the other; the stack takes them down again."""
    return tuple(
        [await stack.enter_async_context(GUESTS[name](ground)) for name in names]
    )


def write_connections(
    path: Path, simulated: tuple[Connection, ...], guests: tuple[Guest, ...]
) -> None:
    """Write a connections file for a run of one's own, secrets and all."""
    gone = {name for guest in guests for name in guest.replaces}
    kept = [connection for connection in simulated if connection.name not in gone]
    added = [connection for guest in guests for connection in guest.connections]
    documents = [_document(connection) for connection in (*kept, *added)]
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(documents, sort_keys=False))


def _document(connection: Connection) -> dict[str, Any]:
    plain = connection.model_dump(mode="json", exclude_none=True)
    shown = {name: _shown(getattr(connection, name)) for name in plain}
    return plain | {name: value for name, value in shown.items() if value is not None}


def _shown(value: Any) -> Any:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case dict() if any(isinstance(each, SecretStr) for each in value.values()):
            return {name: _shown(each) for name, each in value.items()}
    return None
