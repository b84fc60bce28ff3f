"""``lanewise connectors …``: who is connected, and whether they behave."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
import yaml
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from conformance.kits import KITS
from conformance.running import Report, Verdict
from conformance.sample import Sample
from connectors.registry import GROUPS, PROVIDERS, Connection, adapter
from domain.errors import ConnectorError
from lanewise import wiring
from lanewise.cli.console import Exit, emit, fail, out, run
from lanewise.connections import configured
from lanewise.converter import sentence
from lanewise.settings import Settings

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_COLORS = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "red",
    Verdict.NOT_SUPPORTED: "dim",
    Verdict.NOT_TRIED: "yellow",
}


@app.callback()
def main() -> None:
    """List connections, and check that their counterparts behave."""


@app.command(name="list")
def list_connections(as_json: Json = False) -> None:
    """List every connection configured, and every provider that could be."""
    found = [_described(one) for one in configured(Settings())]
    if as_json:
        emit({"connections": found, "providers": _providers()})
        return
    table = Table("connection", "kind", "provider", "serves", "repetition", "webhooks")
    for one in found:
        table.add_row(
            *(one["name"], one["kind"], one["provider"], one["serves"]),
            *(one["idempotency"], one["webhooks"]),
        )
    out.print(table)
    for kind, names in _providers().items():
        out.print(f"{kind}: {', '.join(names)}", highlight=False)


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="The connection's name.")],
    live: Annotated[
        bool,
        typer.Option("--live", help="Also book, reserve and take back, for real."),
    ] = False,
    sample: Annotated[
        Path | None,
        typer.Option(help="YAML file that says what to ask for: goods, places."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a connection's counterpart; without --live nothing is changed there."""
    connection = _connection(name)
    report = run(_checked(connection, _sample(sample, connection), live))
    if as_json:
        emit({"connection": name, "live": live, "results": _rows(report)})
    else:
        _print(report)
    if report.failed:
        raise typer.Exit(Exit.PARTLY)


async def _checked(connection: Connection, sample: Sample, live: bool) -> Report:
    word = f"check-{uuid4().hex[:10]}"
    kit = KITS[connection.kind]
    return await kit.run(connection, wiring.real_time, sample, word, effects=live)


def _print(report: Report) -> None:
    table = Table("check", "verdict", "why")
    for result in report.results:
        color = _COLORS[result.verdict]
        why = "" if result.verdict is Verdict.FAILED else result.why
        table.add_row(result.check, f"[{color}]{result.verdict}[/{color}]", escape(why))
    out.print(table)
    for result in report.failed:
        out.print(
            f"\n{result}", style="red", highlight=False, markup=False, soft_wrap=True
        )
    out.print(f"{len(report.passed)} passed, {len(report.failed)} failed")


def _rows(report: Report) -> list[dict[str, str]]:
    return [
        {
            "check": result.check,
            "verdict": result.verdict.value,
            "why": result.why,
            "expected": result.expected,
            "read": result.read,
        }
        for result in report.results
    ]


def _connection(name: str) -> Connection:
    known = {one.name: one for one in configured(Settings())}
    if name not in known:
        named = ", ".join(sorted(known)) or "none; set LANEWISE_CONNECTIONS_FILE"
        fail(f"there is no connection {name!r}; there are: {named}", Exit.UNKNOWN)
    return known[name]


def _sample(file: Path | None, connection: Connection) -> Sample:
    given: dict[str, Any] = {}
    if connection.fcs:
        given["fc"] = connection.fcs[0]
    if connection.carriers:
        given["carrier"] = connection.carriers[0]
    try:
        if file is not None:
            given |= yaml.safe_load(file.read_text("utf-8")) or {}
        return Sample.model_validate(given)
    except (OSError, yaml.YAMLError, TypeError) as error:
        fail(f"sample {file}: {error}", Exit.USAGE)
    except ValidationError as error:
        fail(f"sample {file}: {sentence(error)}", Exit.USAGE)


def _described(connection: Connection) -> dict[str, str]:
    """Describe a connection without a single secret."""
    repetition, webhooks = "", ""
    try:
        told = getattr(adapter(connection, wiring.real_time), "capabilities", None)
        if told is not None:
            repetition, webhooks = told().idempotency.value, told().webhooks.value
    except ConnectorError as error:
        repetition = str(error)
    serves = [*(connection.carriers or ()), *(connection.fcs or ())]
    serves += connection.regions or ()
    return {
        "name": connection.name,
        "kind": connection.kind.value,
        "provider": connection.provider,
        "serves": ", ".join(serves) or "every other",
        "idempotency": repetition,
        "webhooks": webhooks,
    }


def _providers() -> dict[str, list[str]]:
    """Name the providers of each kind, our own and those installed."""
    found: dict[str, list[str]] = {}
    for kind, group in GROUPS.items():
        own = {name for known, name in PROVIDERS if known is kind}
        own |= {plugin.name for plugin in entry_points(group=group)}
        found[kind.value] = sorted(own)
    return found
