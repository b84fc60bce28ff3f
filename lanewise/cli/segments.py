"""``lanewise segments …``: the rules orders are sorted by, as a product.

- ``list``: the segments of a version with who is in them, or the versions
- ``lint`` and ``diff``: look before it is used
- ``simulate``: what it would change for orders of the past
- ``apply``, ``activate``, ``retire``: what versions live through
- ``explain``: one order's (customer's, SKU's, lane's) segments and policy
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from domain.segment import RuleSet, RuleSetVersion, Segment
from domain.subject import SubjectKind
from lanewise.cli import (
    segments_explain,
    segments_life,
    segments_review,
    segments_simulate,
)
from lanewise.cli.console import emit, out
from lanewise.cli.segments_ground import ACTIVE, Json, loaded, named, opened
from segmentation.difference import said
from store import segments as segment_store
from store import subjects as subject_store

app = typer.Typer(no_args_is_help=True)

_MANY = {
    SubjectKind.ORDER: "orders",
    SubjectKind.CUSTOMER: "customers",
    SubjectKind.SKU: "SKUs",
    SubjectKind.LANE: "lanes",
}


@app.command("list")
def list_segments(
    file: Annotated[
        Path | None, typer.Option(help="List this file instead of the active set.")
    ] = None,
    version: Annotated[
        str, typer.Option(help="List this version: a kept one, active or shadow.")
    ] = ACTIVE,
    versions: Annotated[
        bool, typer.Option("--versions", help="List the versions instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List segments with who is in them, or the versions with who made them."""
    if file is not None:
        _show_segments(loaded(file), {}, {}, as_json=as_json)
        return
    with opened() as store, store.reading() as session:
        if versions:
            listed = segment_store.listing(session)
            _show_versions(listed, as_json=as_json)
            return
        rules = named(version, store)
        orders = segment_store.counts(session)
        others = subject_store.counts(session)
    _show_segments(
        rules,
        {str(name): n for name, n in orders.items()},
        {str(name): n for name, n in others.items()},
        as_json=as_json,
    )


def _show_segments(
    rules: RuleSet, orders: dict[str, int], others: dict[str, int], *, as_json: bool
) -> None:
    if as_json:
        listed = [_document(segment, orders, others) for segment in rules.segments]
        emit({"version": rules.version, "segments": listed})
        return
    table = Table(title=f"Segments, version {rules.version}")
    for column in ("segment", "status", "on", "members", "orders", "when", "effects"):
        right = "right" if column in ("members", "orders") else "left"
        table.add_column(column, overflow="fold", justify=right)  # type: ignore[arg-type]
    for segment in rules.segments:
        table.add_row(
            segment.id,
            segment.status.value,
            _MANY[segment.on],
            f"{_members(segment, orders, others):,}",
            f"{orders.get(segment.id, 0):,}",
            escape(said("when", segment.when)),
            escape(
                ", ".join(
                    f"{term} {said(term, value)}"
                    for term, value in segment.effects
                    if value is not None
                )
            ),
        )
    out.print(table)


def _document(
    segment: Segment, orders: dict[str, int], others: dict[str, int]
) -> dict[str, Any]:
    return segment.model_dump(mode="json", exclude_none=True) | {
        "orders": orders.get(segment.id, 0),
        "subjects": _members(segment, orders, others),
    }


def _members(segment: Segment, orders: dict[str, int], others: dict[str, int]) -> int:
    counts = orders if segment.on is SubjectKind.ORDER else others
    return counts.get(segment.id, 0)


def _show_versions(listed: tuple[RuleSetVersion, ...], *, as_json: bool) -> None:
    if as_json:
        emit([version.model_dump(mode="json") for version in listed])
        return
    table = Table(title="Versions of the segments")
    for column in ("version", "status", "since (UTC)", "by", "reason"):
        table.add_column(column, overflow="fold")
    for version in listed:
        table.add_row(
            escape(version.version),
            version.status.value,
            f"{version.since:%Y-%m-%d %H:%M}",
            escape(version.author),
            escape(version.reason),
        )
    out.print(table)


for module in (segments_review, segments_life, segments_explain, segments_simulate):
    module.register(app)
