"""``lanewise segments lint`` and ``diff``: look at a rule set before it is used."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from domain.segment import RuleSet
from lanewise.cli.console import Exit, emit, out
from lanewise.cli.segments_ground import (
    Json,
    Limit,
    NetworkFile,
    On,
    Since,
    SkusFile,
    SkusMapping,
    StockFile,
    ask,
    ground,
    history,
    named,
    opened_if_there,
    text_of,
    told,
)
from lanewise.importers.network import read_network
from lanewise.past import Ground, Past
from lanewise.wiring import real_time
from segmentation.difference import Change, Difference, difference, said
from segmentation.lint import Against, Review, lint
from segmentation.review.finding import Finding, Level
from segmentation.review.population import Count, Sample, population
from segmentation.review.reading import evaluated
from store import network as network_store
from store.engine import Store

_COLORS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "blue"}


def register(app: typer.Typer) -> None:
    """Add these commands to ``lanewise segments``."""
    app.command("lint")(lint_file)
    app.command("diff")(diff)


def lint_file(
    file: Annotated[Path, typer.Argument(help="A rule set's YAML file.")],
    on: On = None,
    since: Since = None,
    limit: Limit = None,
    max_active: Annotated[
        int, typer.Option(min=1, help="Warn of more active segments than this.")
    ] = 50,
    min_members: Annotated[
        int, typer.Option(min=1, help="Warn of fewer members on the history.")
    ] = 5,
    network: NetworkFile = None,
    skus: SkusFile = None,
    skus_mapping: SkusMapping = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Leave with code 1 on warnings, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what is wrong or odd about a rule set, with line, column and a hint."""
    text = text_of(file)
    with opened_if_there() as store:
        review = lint(text, Against(real_time()))
        if review.rule_set is not None:
            files = network if skus is not None else None
            around = ground(store, files, skus, skus_mapping) if on else Ground()
            pasts = history(on, store, since, limit) if on else ()
            samples = _samples(pasts, around, review.rule_set)
            against = Against(
                now=real_time(),
                samples=samples,
                network=read_network(network)
                if network
                else ask(store, network_store.active, None),
                least=min_members,
                most_active=max_active,
            )
            review = lint(text, against)
    if as_json:
        emit(_document(review))
    else:
        _show(review, file)
    if not review.sound:
        raise typer.Exit(Exit.REFUSED)
    warned = any(found.level is Level.WARNING for found in review.findings)
    raise typer.Exit(Exit.PARTLY if strict and warned else Exit.DONE)


def _samples(
    pasts: tuple[Past, ...], around: Ground, rule_set: RuleSet
) -> tuple[Sample, ...]:
    if not pasts:
        return ()
    return tuple(
        Sample(each.order, each.at, {s: f.values for s, f in each.facts.items()})
        for each in told(pasts, around, evaluated(rule_set))
    )


def _document(review: Review) -> dict[str, Any]:
    return {
        "sound": review.sound,
        "version": review.rule_set.version if review.rule_set else None,
        "findings": [asdict(found) for found in review.findings],
        "history": {
            name: {
                "looks": count.looks,
                "true": count.true,
                "unknown": count.unknown,
                "subjects": count.subjects,
                "members": count.members,
                "orders": count.reached.bit_count(),
            }
            for name, count in (review.counts or {}).items()
        },
    }


def _show(review: Review, file: Path) -> None:
    for found in review.findings:
        out.print(_line(found, file), highlight=False, soft_wrap=True)
    counts = {
        level: sum(found.level is level for found in review.findings) for level in Level
    }
    told = ", ".join(
        f"{n} {level}{'s' if n != 1 else ''}" for level, n in counts.items() if n
    )
    out.print(f"{file}: {told or 'nothing to say against it'}.", soft_wrap=True)


def _line(found: Finding, file: Path) -> str:
    color = _COLORS[found.level]
    about = f"{found.segment}: " if found.segment else ""
    text = f"{escape(str(file))}:{found.line}:{found.column}: "
    text += f"[{color}]{found.level}[/{color}] {found.code}: "
    text += escape(f"{about}{found.message}")
    return text + (f"\n    {escape(found.hint)}" if found.hint else "")


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A file or a version.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The other one.")],
    on: On = None,
    since: Since = None,
    limit: Limit = None,
    network: NetworkFile = None,
    skus: SkusFile = None,
    skus_mapping: SkusMapping = None,
    stock: StockFile = None,
    as_json: Json = False,
) -> None:
    """Show what two rule sets differ in; with a history, who would move.

    A and B are files, versions that are kept, or active, shadow or starter.
    """
    with opened_if_there() as store:
        old, new = named(before, store), named(after, store)
        counts = None
        if on is not None:
            around = ground(store, network, skus, skus_mapping, stock)
            counts = _counts(on, store, around, (old, new), since, limit)
    found = difference(old, new, counts)
    if as_json:
        emit(_as_document(found))
    else:
        show_difference(found)


def _counts(
    on: str,
    store: Store | None,
    around: Ground,
    both: tuple[RuleSet, RuleSet],
    since: Since,
    limit: Limit,
) -> tuple[dict[Any, Count], dict[Any, Count]]:
    pasts = history(on, store, since, limit)
    old, new = (
        population(evaluated(rules), _samples(pasts, around, rules)) for rules in both
    )
    return old, new


def _as_document(found: Difference) -> dict[str, Any]:
    document = asdict(found)
    for side in ("added", "removed"):
        document[side] = [
            segment.model_dump(mode="json", exclude_defaults=True)
            for segment in getattr(found, side)
        ]
    document["changed"] = {
        name: [asdict(change) for change in changes] for name, changes in found.changed
    }
    document["moved"] = {name: asdict(moved) for name, moved in found.moved}
    return document


def show_difference(found: Difference) -> None:
    """Print a difference as lines with + and -, and who would move as a table."""
    out.print(f"[bold]{escape(found.before)} → {escape(found.after)}[/bold]")
    if found.empty:
        out.print("The same segments, with the same effects.")
    for sign, color, segments in (
        ("+", "green", found.added),
        ("-", "red", found.removed),
    ):
        for segment in segments:
            out.print(
                f"[{color}]{sign} {segment.id}[/{color}] {escape(segment.title)}",
                highlight=False,
            )
            out.print(f"    when {escape(said('when', segment.when))}", soft_wrap=True)
            for term, value in segment.effects:
                if value is not None:
                    out.print(f"    {term} {escape(said(term, value))}")
    for name, changes in found.changed:
        out.print(f"[yellow]~ {name}[/yellow]", highlight=False)
        _show_changes(changes)
    for title, changes in (("base", found.base), ("rule set", found.vocabulary)):
        if changes:
            out.print(f"[yellow]~ {title}[/yellow]", highlight=False)
            _show_changes(changes)
    _show_moved(found)


def _show_changes(changes: tuple[Change, ...]) -> None:
    for change in changes:
        out.print(f"    {escape(change.field)}", highlight=False)
        out.print(
            f"      [red]- {escape(change.before)}[/red]",
            highlight=False,
            soft_wrap=True,
        )
        out.print(
            f"      [green]+ {escape(change.after)}[/green]",
            highlight=False,
            soft_wrap=True,
        )


def _show_moved(found: Difference) -> None:
    if not found.moved:
        return
    table = Table(title="Orders reached, on the history")
    for column in ("segment", "before", "after", "gained", "lost"):
        table.add_column(column, justify="left" if column == "segment" else "right")
    for name, moved in found.moved:
        table.add_row(
            name,
            f"{moved.before:,}",
            f"{moved.after:,}",
            f"+{moved.gained:,}",
            f"-{moved.lost:,}",
        )
    out.print(table)
