"""The ``lanewise`` command."""

import logging

import typer
from pydantic import ValidationError

from lanewise.cli import desk, intake, processes, segments
from lanewise.cli.console import Exit, fail
from lanewise.converter import sentence

app = typer.Typer(
    name="lanewise",
    help="Fulfillment orchestration: every order gets its own lane.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (processes, intake, desk):
    module.register(app)
app.add_typer(segments.app, name="segments", help="The rules orders are sorted by.")


def main() -> None:
    """Run the command line."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        app()
    except ValidationError as error:
        fail(sentence(error), Exit.USAGE)
