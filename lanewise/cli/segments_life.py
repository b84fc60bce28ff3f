"""``lanewise segments apply``, ``activate``, ``retire``: what versions live through."""

import getpass
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from domain.quantities import SegmentId
from domain.segment import RULE_SET_MOVES, RuleSet, SegmentStatus
from lanewise.cli.console import Exit, emit, err, fail, out, run
from lanewise.cli.opening import keeper_woken
from lanewise.cli.segments_ground import Json, loaded, opened
from lanewise.cli.segments_review import show_difference
from lanewise.wiring import real_time
from segmentation import ruleset
from segmentation.difference import Difference, difference
from segmentation.revising import next_version, without
from store import segments as segment_store
from store.engine import Store

Author = Annotated[str, typer.Option(help="Who says so (default: you).")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")
]


# Versions of these have segments to look for.
EVALUATED = (SegmentStatus.ACTIVE, SegmentStatus.SHADOW)


class As(StrEnum):
    """What a file may be applied as."""

    DRAFT = "draft"
    SHADOW = "shadow"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class _Step:
    """A step of a version, and what it would change in what is in force."""

    rules: RuleSet
    status: SegmentStatus
    author: str
    reason: str
    found: Difference


def register(app: typer.Typer) -> None:
    """Add these commands to ``lanewise segments``."""
    for command in (apply, activate, retire):
        app.command()(command)


def apply(
    file: Annotated[Path, typer.Argument(help="A rule set's YAML file.")],
    status: Annotated[As, typer.Option("--as", help="What it is to be.")] = As.DRAFT,
    author: Author = "",
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Keep a rule set under its version, as a draft, on trial, or in force."""
    rules = loaded(file)
    with opened() as store:
        step = _step(store, rules, SegmentStatus(status), author, reason)
        _take(store, step, in_earnest=not dry_run)
    _tell(step, as_json=as_json, dry_run=dry_run)


def activate(
    version: Annotated[str, typer.Argument(help="A version that is kept.")],
    author: Author = "",
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Put a kept version in force: a draft, one on trial, or one of before."""
    with opened() as store:
        rules = _kept(store, version)
        step = _step(store, rules, SegmentStatus.ACTIVE, author, reason)
        _take(store, step, in_earnest=not dry_run)
    _tell(step, as_json=as_json, dry_run=dry_run)


def retire(
    segment: Annotated[
        str | None, typer.Argument(help="A segment of the version in force.")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Retire this whole version instead.")
    ] = None,
    as_version: Annotated[
        str | None, typer.Option(help="What to call the version without the segment.")
    ] = None,
    author: Author = "",
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Retire a segment (by a new version, put in force), or a version."""
    if (segment is None) is (version is None):
        fail("name a segment, or a version with --version, not both", Exit.USAGE)
    with opened() as store:
        if version is not None:
            rules = _kept(store, version)
            step = _step(store, rules, SegmentStatus.RETIRED, author, reason)
        else:
            rules = _without(store, SegmentId(segment or ""), as_version)
            step = _step(store, rules, SegmentStatus.ACTIVE, author, reason)
        _take(store, step, in_earnest=not dry_run)
    _tell(step, as_json=as_json, dry_run=dry_run)


def _step(
    store: Store, rules: RuleSet, status: SegmentStatus, author: str, reason: str
) -> _Step:
    if not reason and status is not SegmentStatus.DRAFT:
        fail("say why, with --reason; it is kept with the version", Exit.USAGE)
    with store.reading() as session:
        current = segment_store.active(session)
    found = difference(current or ruleset.starter(), rules)
    return _Step(rules, status, author or getpass.getuser(), reason, found)


def _kept(store: Store, version: str) -> RuleSet:
    with store.reading() as session:
        rules = segment_store.get(session, version)
    if rules is None:
        fail(f"version {version!r} of the segments is not known", Exit.UNKNOWN)
    return rules


def _without(store: Store, segment: SegmentId, as_version: str | None) -> RuleSet:
    with store.reading() as session:
        current = segment_store.active(session) or ruleset.starter()
        taken = {kept.version for kept in segment_store.listing(session)}
    version = as_version or next_version(current.version, {*taken, current.version})
    return without(current, segment, version)


def _take(store: Store, step: _Step, *, in_earnest: bool) -> None:
    """Save and move in one transaction; a rehearsal is refused alike, and undone."""
    now = real_time()
    version, author, reason = step.rules.version, step.author, step.reason
    try:
        with store.writing() as session:
            segment_store.save_draft(session, step.rules, author, reason, now)
            segment_store.move(session, version, step.status, author, reason, now)
            if not in_earnest:
                raise _Rehearsed
    except _Rehearsed:
        return
    if step.status in EVALUATED and not run(keeper_woken()):
        err.print(
            "[yellow]Temporal is not reached: customers, SKUs and lanes are looked "
            "at when a worker starts[/yellow]"
        )


class _Rehearsed(Exception):
    pass


def _tell(step: _Step, *, as_json: bool, dry_run: bool) -> None:
    version = step.rules.version
    if as_json:
        emit(
            {
                "version": version,
                "status": step.status.value,
                "author": step.author,
                "reason": step.reason,
                "done": not dry_run,
                "may_become": sorted(s.value for s in RULE_SET_MOVES[step.status]),
            }
        )
        return
    show_difference(step.found)
    verb = "would be" if dry_run else "is"
    out.print(f"{version} {verb} {step.status.value}.", highlight=False)
