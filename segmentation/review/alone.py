"""What is odd about each segment by itself, before any order is seen."""

from collections.abc import Sequence
from datetime import datetime

from domain.policy import Effects
from domain.segment import RuleSet, Segment, SegmentStatus
from segmentation.language.nodes import Name, Node, walk
from segmentation.language.render import render
from segmentation.review.finding import Finding, Findings, Level, Notebook
from segmentation.review.reading import Read
from segmentation.review.reasoning import settled
from segmentation.schema import FactSource, Schema

# Facts of these pass by themselves: what they stir up should, too.
PASSING = (FactSource.HAZARD, FactSource.CONDITION)


def alone(
    rule_set: RuleSet,
    reads: Sequence[Read],
    schema: Schema,
    notes: Notebook,
    now: datetime,
    most_active: int,
) -> Findings:
    """Find what is odd without looking at any order."""
    yield from _too_many(rule_set, notes, most_active)
    for each in reads:
        yield from _of_the_rule(each, notes)
        yield from _without_an_end(each, schema, notes)
        yield from _of_its_upkeep(each.segment, notes, now)


def _too_many(rule_set: RuleSet, notes: Notebook, most: int) -> Findings:
    active = [s for s in rule_set.segments if s.status is SegmentStatus.ACTIVE]
    if len(active) > most:
        yield notes.warn(
            "too-many-active",
            None,
            f"{len(active)} segments are active, more than {most}",
            "somebody answers for each: retire or merge some, or raise --max-active",
            at=("segments",),
        )


def _of_the_rule(each: Read, notes: Notebook) -> Findings:
    if each.cases.never or each.cases.always:
        yield _settled(each, each.rule.tree, notes, always=each.cases.always)
        return
    for part, always in settled(each.rule.tree, each.bounds):
        yield _settled(each, part, notes, always=always, is_part=True)


def _settled(
    each: Read, part: Node, notes: Notebook, *, always: bool, is_part: bool = False
) -> Finding:
    what = f"the part {_short(render(part))}" if is_part else "the rule"
    said = "always holds (where its facts are known)" if always else "can never hold"
    hint = "say what it is meant to ask, or leave it out"
    if not is_part:
        hint = "put its effects into base" if always else "no order can be in it"
    offset = min((node.at for node in walk(part)), default=0)
    code = "always-true" if always else "never-true"
    return notes.warn(code, each.id, f"{what} {said}", hint, offset=offset)


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}…")


def _without_an_end(each: Read, schema: Schema, notes: Notebook) -> Findings:
    segment = each.segment
    if segment.ttl_h is not None or segment.valid_until is not None:
        return
    names = [node for node in walk(each.rule.tree) if isinstance(node, Name)]
    stirred = [render(name) for name in names if _passes(name, schema)]
    if stirred:
        yield notes.warn(
            "no-end",
            each.id,
            f"it is stirred by events ({', '.join(dict.fromkeys(stirred))}) "
            "and has neither ttl_h nor valid_until",
            "say after how many hours a membership ends at the latest: ttl_h",
            at=("when",),
        )


def _passes(fact: Name, schema: Schema) -> bool:
    spec = schema.get(fact.id)
    if fact.window is not None or spec is None:
        return fact.window is not None
    return spec.source in PASSING


def _of_its_upkeep(segment: Segment, notes: Notebook, now: datetime) -> Findings:
    if not segment.owner:
        said = "nobody owns it"
        yield notes.warn("no-owner", segment.id, said, "name who answers for it: owner")
    if not segment.why:
        said = "it does not say why"
        yield notes.warn(
            "no-why", segment.id, said, "say what it is for, so that it can be retired"
        )
    if segment.valid_until is not None and segment.valid_until <= now:
        yield notes.warn(
            "expired",
            segment.id,
            f"it ended on {segment.valid_until:%Y-%m-%d %H:%M} UTC",
            "retire it",
            at=("valid_until",),
        )
    if segment.effects == Effects():
        yield notes.warn(
            "no-effects",
            segment.id,
            "it has no effects: it only names its members",
            "give it effects, or leave it out",
            level=Level.NOTE,
        )
