"""``lanewise keys …``: who may use the HTTP API, and for what."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from lanewise import wiring
from lanewise.api.gate import Scope, make_key
from lanewise.cli.console import Exit, emit, err, fail, out, run
from lanewise.settings import Settings
from store import keys
from store.keys import ApiKey

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def main() -> None:
    """Make, list and revoke keys of the HTTP API."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Who will use it, for people to read.")],
    scope: Annotated[list[Scope], typer.Option(help="What it opens; may be repeated.")],
    as_json: Json = False,
) -> None:
    """Make a key and print it: it is never shown again."""
    key = run(_add(name, tuple(dict.fromkeys(scope))))
    if as_json:
        emit({"key": key})
    else:
        out.print(key, highlight=False, soft_wrap=True)
        err.print("Keep it safe: only its fingerprint is stored.")


@app.command(name="list")
def list_keys(as_json: Json = False) -> None:
    """List every key, those revoked too."""
    found = run(_listed())
    if as_json:
        emit({"keys": found})
        return
    table = Table("id", "name", "scopes", "made", "revoked")
    for key in found:
        gone = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
        scopes = " ".join(key.scopes)
        table.add_row(key.id, key.name, scopes, f"{key.made_at:%Y-%m-%d %H:%M}", gone)
    out.print(table)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
) -> None:
    """Shut a key out, from the next request on."""
    if not run(_revoke(key_id)):
        fail(f"id: no key {key_id!r} is in force", Exit.UNKNOWN)
    err.print(f"{key_id} opens nothing any more.")


async def _add(name: str, scopes: tuple[Scope, ...]) -> str:
    async with wiring.rooms(Settings()) as opened:
        return make_key(opened.store, name, scopes, datetime.now(UTC))


async def _listed() -> tuple[ApiKey, ...]:
    async with wiring.rooms(Settings()) as opened:
        with opened.store.reading() as session:
            return keys.listed(session)


async def _revoke(key_id: str) -> bool:
    async with wiring.rooms(Settings()) as opened:
        now = datetime.now(UTC)
        return opened.store.write(lambda session: keys.revoke(session, key_id, now))
