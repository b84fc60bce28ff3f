"""The ``lanewise`` command."""

import logging
import sys
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.markup import escape

from domain.errors import LanewiseError, StoreUnreachable
from lanewise.cli import (
    conditions,
    connectors,
    desk,
    evaluation,
    events,
    hazards,
    intake,
    keys,
    labels,
    prices,
    privacy,
    processes,
    rates,
    segments,
    shops,
    x12,
)
from lanewise.cli.console import Exit, err
from lanewise.converter import sentence

app = typer.Typer(
    name="lanewise",
    help="Fulfillment orchestration: every order gets its own lane.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (processes, intake, evaluation, desk, prices, labels, rates):
    module.register(app)
app.add_typer(
    conditions.app, name="conditions", help="Outages, disruptions, campaigns, peaks."
)
app.add_typer(
    connectors.app, name="connectors", help="Who is connected, and how they behave."
)
app.add_typer(
    events.app, name="events", help="What happened, and who entered which segment."
)
app.add_typer(hazards.app, name="hazards", help="Alerts orders are planned around.")
app.add_typer(keys.app, name="keys", help="Who may use the HTTP API.")
app.add_typer(shops.app, name="orders", help="Orders from shops.")
app.add_typer(x12.app, name="x12", help="Partners' X12 files.")
app.add_typer(privacy.app, name="privacy", help="What is kept of people.")
app.add_typer(segments.app, name="segments", help="The rules orders are sorted by.")


def main() -> None:
    """Run the command line."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        app()
    except ValidationError as error:
        _leave(sentence(error), Exit.USAGE)
    except StoreUnreachable as error:
        _leave(str(error), Exit.UNREACHABLE)
    except LanewiseError as error:
        _leave(str(error), Exit.REFUSED)


def _leave(message: str, code: Exit) -> NoReturn:
    err.print(f"[red]{escape(message)}[/red]", highlight=False, soft_wrap=True)
    sys.exit(code)
