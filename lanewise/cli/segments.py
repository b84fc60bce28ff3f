"""``lanewise segments …``: the rules orders are sorted by."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from domain.segment import RuleSet
from lanewise.cli.console import Exit, emit, fail, out
from lanewise.settings import Settings
from segmentation import ruleset
from segmentation.ruleset import RuleSetError
from store import segments as segment_store
from store.engine import Store

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_segments(
    file: Annotated[
        Path | None, typer.Option(help="List this file instead of the active set.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List segments: rule, status, and what they do."""
    rules, counts = _rules(file)
    if as_json:
        emit(
            {
                "version": rules.version,
                "segments": [
                    segment.model_dump(mode="json", exclude_none=True)
                    | {"orders": counts.get(segment.id, 0)}
                    for segment in rules.segments
                ],
            }
        )
        return
    table = Table(title=f"Segments, version {rules.version}")
    for column in ("segment", "status", "orders", "when", "effects"):
        table.add_column(column, overflow="fold")
    for segment in rules.segments:
        effects = segment.effects.model_dump(mode="json", exclude_none=True)
        table.add_row(
            segment.id,
            segment.status.value,
            str(counts.get(segment.id, 0)),
            " ".join(segment.when.split()),
            ", ".join(f"{name}={value}" for name, value in effects.items()),
        )
    out.print(table)


def _rules(file: Path | None) -> tuple[RuleSet, dict[str, int]]:
    if file is not None:
        try:
            return ruleset.load(file), {}
        except RuleSetError as error:
            fail(str(error), Exit.REFUSED)
    store = Store(Settings().database_url.get_secret_value())
    store.migrate()
    with store.reading() as session:
        active = segment_store.active(session)
        counts = segment_store.counts(session)
    store.close()
    return active or ruleset.starter(), {str(k): n for k, n in counts.items()}
