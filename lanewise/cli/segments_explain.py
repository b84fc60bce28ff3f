"""``lanewise segments explain``: one order's segments, rule by rule, and its policy."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.tree import Tree
from sqlmodel import Session

from activities.looking import Looking
from domain.order import Order
from domain.policy import Policy
from domain.quantities import OrderId, SegmentId
from domain.segment import Classification, Fact, Membership, RuleSet
from domain.subject import Subject, SubjectKind, kind_of, name_of, of_order
from domain.subject import of_customer as subject_of_customer
from lanewise.cli.console import Exit, emit, fail, out
from lanewise.cli.segments_ground import Json, ground, named, opened, utc
from lanewise.converter import sentence
from lanewise.past import Past, tell
from lanewise.people import Pseudonyms
from lanewise.wiring import real_time
from segmentation.classify import Rules
from segmentation.compose import explain as in_words
from segmentation.inspection import schema_of
from segmentation.known import Facts
from segmentation.language.evaluate import holds
from segmentation.language.explain import why
from segmentation.language.nodes import And, Node, Not, Or
from segmentation.language.render import render
from segmentation.review.reading import Read, evaluated
from segmentation.review.reading import read as read_rules
from segmentation.schema import Schema
from segmentation.simulation import judge
from store import decisions, orders
from store import segments as segment_store
from store import subjects as subject_store
from store.engine import Store
from store.subjects import SubjectState

_SIGNS = {
    True: "[green]yes[/green]",
    False: "[red]no [/red]",
    None: "[yellow]?  [/yellow]",
}


@dataclass(frozen=True, slots=True)
class _Explained:
    """A subject's segments; ``kept`` are those the store last found."""

    subject: Subject
    as_of: datetime
    rules: RuleSet
    classification: Classification
    kept: Classification | None
    policy: Policy | None
    facts: Mapping[Subject, Facts]


def register(app: typer.Typer) -> None:
    """Add the command to ``lanewise segments``."""
    app.command("explain")(explain)


def explain(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="ORDER",
            help="An order's id, a JSON file with an order, or customer/…, sku/…, "
            "lane/CENTER/SERVICE.",
        ),
    ],
    segment: Annotated[
        str | None, typer.Option(help="Only this segment, with its whole rule.")
    ] = None,
    version: Annotated[
        str, typer.Option(help="Under these rules: a version, active, or a file.")
    ] = "active",
    as_of: Annotated[
        datetime | None,
        typer.Option(help="As of then (UTC); when it was last decided, if left out."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Explain the segments of one order: evidence, since, until, rules, policy."""
    with opened() as store:
        rules = named(version, store)
        kind, _, rest = subject.partition("/")
        if rest and kind in (SubjectKind.CUSTOMER, SubjectKind.SKU, SubjectKind.LANE):
            found = _of_subject(store, Subject(subject), rules, utc(as_of))
        else:
            found = _of_order(store, subject, rules, utc(as_of))
    if segment is not None and segment not in {s.id for s in rules.segments}:
        fail(f"version {rules.version!r} has no segment {segment!r}", Exit.UNKNOWN)
    if as_json:
        emit(_document(found, segment))
    else:
        _show(found, segment)


def _of_order(
    store: Store, name: str, rules: RuleSet, as_of: datetime | None
) -> _Explained:
    past, kept = _past(store, name, as_of)
    around = ground(store)
    if around.network is None:
        fail("no network is published, so no facts can be told", Exit.USAGE)
    compiled = Rules(rules)
    (told,) = tell((past,), around, evaluated(rules))
    judged = judge(
        compiled, told.order, told.facts, told.at, down=told.down, looks=told.looks
    )
    return _Explained(
        subject=of_order(past.order.id),
        as_of=past.as_of,
        rules=rules,
        classification=judged.classification,
        kept=kept if kept is not None and kept.version == rules.version else None,
        policy=judged.policy,
        facts=told.facts,
    )


def _past(
    store: Store, name: str, as_of: datetime | None
) -> tuple[Past, Classification | None]:
    """Return the order and when to look, and what the store found of it."""
    with store.reading() as session:
        stored = orders.get(session, OrderId(name))
        made = decisions.of_order(session, OrderId(name))
        kept = segment_store.of_order(session, OrderId(name))
    if stored is not None:
        decided = made[-1].as_of if made else stored.received_at
        return Past(stored.order, as_of or decided), kept
    if not Path(name).is_file():
        fail(f"order {name!r} is neither in the store nor a file", Exit.UNKNOWN)
    order = Pseudonyms(store).known([_read(Path(name))])[0]
    return Past(order, as_of or order.placed_at), None


def _read(file: Path) -> Order:
    try:
        return Order.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        fail(f"{file}: {sentence(error)}", Exit.REFUSED)
    except (OSError, ValueError) as error:
        fail(f"{file}: cannot be read: {error}", Exit.REFUSED)


def _of_subject(
    store: Store, subject: Subject, rules: RuleSet, as_of: datetime | None
) -> _Explained:
    if kind_of(subject) is SubjectKind.CUSTOMER:
        alias = Pseudonyms(store).find(name_of(subject))
        if alias is not None:
            subject = subject_of_customer(alias.pseudonym)
    with store.reading() as session:
        state = subject_store.state(session, subject)
        kept = None if state is None else _kept(session, state)
        now = as_of or (state.evaluated_at if state else None) or real_time()
        look = Looking()(session, evaluated(rules), [subject], now)[subject]
    known, on = look(now), kind_of(subject)
    found = Rules(rules).classify(known, now, look=look, on=on)
    current = kept is not None and kept.version == rules.version and as_of is None
    return _Explained(
        subject=subject,
        as_of=now,
        rules=rules,
        classification=found,
        kept=kept if current else None,
        policy=None,
        facts={subject: known},
    )


def _kept(session: Session, state: SubjectState) -> Classification:
    names = [state.subject]
    return Classification(
        memberships=subject_store.memberships(session, names)[state.subject],
        shadow=subject_store.memberships(session, names, shadow=True)[state.subject],
        version=state.version,
        valid_until=state.recheck_at,
    )


def _show(found: _Explained, segment: str | None) -> None:
    shown = found.kept or found.classification
    out.print(
        f"[bold]{escape(found.subject)}[/bold] as of {found.as_of:%Y-%m-%d %H:%M:%S} "
        f"UTC, rules {escape(found.rules.version)}",
        highlight=False,
    )
    for member in shown.memberships:
        if segment in (None, member.segment):
            _show_member(member)
    for member in shown.shadow:
        if segment in (None, member.segment):
            _show_member(member, "on trial in ")
    for name in shown.unknown:
        if segment in (None, name):
            out.print(f"  not known whether in {name}: facts are missing")
    if not (shown.memberships or shown.shadow or shown.unknown):
        out.print("  in no segment")
    if found.policy is not None and segment is None:
        out.print("[bold]So, for this order alone:[/bold]")
        for said in in_words(found.policy, Classification()):
            out.print(f"  {escape(said)}", highlight=False, soft_wrap=True)
        for conflict in found.policy.conflicts:
            both = " and ".join(conflict.segments)
            out.print(f"  [red]{both} disagree on {conflict.term}.[/red]")
    for read, facts in _readings(found, segment):
        out.print(_tree(read, facts, schema_of(found.rules)))


def _show_member(member: Membership, how: str = "in ") -> None:
    since = f"since {member.since:%Y-%m-%d %H:%M:%S}"
    until = (
        f"until {member.valid_until:%Y-%m-%d %H:%M:%S} if nothing happens"
        if member.valid_until
        else "with no end in sight"
    )
    through = f" through {member.through}" if member.through else ""
    out.print(
        f"  {how}[cyan]{member.segment}[/cyan]{escape(through)}, {since}, {until}",
        highlight=False,
        soft_wrap=True,
    )
    for sentence_ in member.evidence:
        out.print(f"    because {escape(sentence_)}", highlight=False, soft_wrap=True)


def _readings(
    found: _Explained, segment: str | None
) -> list[tuple[Read, dict[str, Fact]]]:
    """Pair each rule asked for with the facts it reads.

    Of several SKUs or lanes one is shown: one it holds for, if any.
    """
    schema = schema_of(found.rules)
    told = {name: _admitted(facts, schema) for name, facts in found.facts.items()}
    pairs = []
    for read in read_rules(found.rules):
        known = [facts for name, facts in told.items() if kind_of(name) is read.on]
        if known and segment in (None, read.id):
            true = (each for each in known if holds(read.rule.tree, each))
            pairs.append((read, next(true, known[0])))
    return pairs


def _admitted(facts: Facts, schema: Schema) -> dict[str, Fact]:
    """Read attributes as declared; windows (keys with spaces) are not in the schema."""
    counted = {name: v for name, v in facts.values.items() if " " in name}
    return schema.admit(facts.values) | counted


def _tree(read: Read, facts: Mapping[str, Fact], schema: Schema) -> Tree:
    tree = Tree(f"{_SIGNS[holds(read.rule.tree, facts)]} [bold]{read.id}[/bold]")
    _grow(tree, read.rule.tree, facts, schema)
    return tree


def _grow(tree: Tree, node: Node, facts: Mapping[str, Fact], schema: Schema) -> None:
    sign = _SIGNS[holds(node, facts)]
    if isinstance(node, And | Or | Not):
        word = {And: "all of", Or: "any of", Not: "not"}[type(node)]
        branch = tree.add(f"{sign} {word}")
        for part in (node.operand,) if isinstance(node, Not) else node.parts:
            _grow(branch, part, facts, schema)
        return
    said = "; ".join(why(node, facts, schema))
    tree.add(f"{sign} {escape(render(node))}: {escape(said)}")


def _document(found: _Explained, segment: str | None) -> dict[str, Any]:
    shown = found.kept or found.classification
    schema = schema_of(found.rules)
    return {
        "subject": found.subject,
        "as_of": found.as_of,
        "version": found.rules.version,
        "memberships": [
            m.model_dump(mode="json")
            for m in shown.memberships
            if segment in (None, m.segment)
        ],
        "shadow": [
            m.model_dump(mode="json")
            for m in shown.shadow
            if segment in (None, m.segment)
        ],
        "unknown": [name for name in shown.unknown if segment in (None, name)],
        "valid_until": shown.valid_until,
        "policy": found.policy.model_dump(mode="json") if found.policy else None,
        "words": list(in_words(found.policy, shown)) if found.policy else [],
        "rules": [
            {"segment": SegmentId(read.id), **_node(read.rule.tree, facts, schema)}
            for read, facts in _readings(found, segment)
        ],
    }


def _node(node: Node, facts: Mapping[str, Fact], schema: Schema) -> dict[str, Any]:
    said: dict[str, Any] = {"rule": render(node), "holds": holds(node, facts)}
    if isinstance(node, And | Or | Not):
        parts = (node.operand,) if isinstance(node, Not) else node.parts
        return said | {"parts": [_node(part, facts, schema) for part in parts]}
    return said | {"because": list(why(node, facts, schema))}
