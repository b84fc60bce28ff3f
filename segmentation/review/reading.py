"""A rule set taken apart for review: each segment's rule and when it can hold."""

from dataclasses import dataclass
from functools import cached_property

from domain.quantities import SegmentId
from domain.segment import RuleSet, Segment, SegmentStatus
from domain.subject import SubjectKind
from segmentation.classify import Rules
from segmentation.inspection import schema_of
from segmentation.language.check import Rule, check
from segmentation.language.nodes import And, Name, Node, Not, Or
from segmentation.language.render import render
from segmentation.review.ranges import ANY, TRUTH, Range
from segmentation.review.reasoning import Bounds, Cases, cases
from segmentation.schema import FactType, Schema

# What is counted or measured is never below nothing.
_NEVER_NEGATIVE = frozenset({"g", "mm", "mm3", "cents", "km", "g/l", "days"})
_AT_LEAST_ONE = frozenset({"lines", "units", "max_line_units"})
_NOT_NEGATIVE = ANY.narrowed(">=", 0)


@dataclass(frozen=True)
class Read:
    """A segment with its checked rule."""

    segment: Segment
    rule: Rule
    bounds: Bounds

    @property
    def id(self) -> SegmentId:
        return self.segment.id

    @property
    def on(self) -> SubjectKind:
        return self.segment.on

    @cached_property
    def cases(self) -> Cases:
        return cases(self.rule.tree, self.bounds)

    @cached_property
    def meaning(self) -> str:
        """Return the rule in one way of writing it, whatever the order of parts."""
        return render(_sorted(self.rule.tree))


def read(rule_set: RuleSet) -> tuple[Read, ...]:
    """Return every segment that is not retired, its rule checked.

    Raises
    ------
    RuleError
        When a rule is not a sentence of the language; sets that were loaded
        have none.
    """
    schema, events = schema_of(rule_set), tuple(rule_set.events)
    limits = bounds_of(schema)
    return tuple(
        Read(segment, check(segment.when, schema, segment.on, events), limits)
        for segment in rule_set.segments
        if segment.status is not SegmentStatus.RETIRED
    )


def evaluated(rule_set: RuleSet) -> Rules:
    """Compile the segments that are not retired as if all were active always."""
    always = {
        "status": SegmentStatus.ACTIVE,
        "valid_from": None,
        "valid_until": None,
        "ttl_h": None,
    }
    segments = tuple(
        segment.model_copy(update=always)
        for segment in rule_set.segments
        if segment.status is not SegmentStatus.RETIRED
    )
    return Rules(rule_set.model_copy(update={"segments": segments}))


def bounds_of(schema: Schema) -> Bounds:
    """Return what values the facts of a schema can have at all."""

    def bounds(fact: Name) -> Range:
        spec = schema.get(fact.id)
        if fact.window is not None:
            return _NOT_NEGATIVE
        if spec is None:
            return ANY
        match spec.type:
            case FactType.BOOLEAN:
                return TRUTH
            case FactType.CHOICE:
                return ANY.among(spec.values)
            case FactType.NUMBER:
                return _number(spec.name, spec.unit)
            case _:
                return ANY

    return bounds


def _number(name: str, unit: str) -> Range:
    if name in _AT_LEAST_ONE:
        return ANY.narrowed(">=", 1)
    if name == "hour_of_day":
        return _NOT_NEGATIVE.narrowed("<=", 23)
    return _NOT_NEGATIVE if unit in _NEVER_NEGATIVE else ANY


def _sorted(node: Node) -> Node:
    match node:
        case And(parts=parts):
            return And(_each(parts))
        case Or(parts=parts):
            return Or(_each(parts))
        case Not(operand=operand):
            return Not(_sorted(operand))
        case _:
            return node


def _each(parts: tuple[Node, ...]) -> tuple[Node, ...]:
    by_text = {render(part): part for part in map(_sorted, parts)}
    return tuple(by_text[text] for text in sorted(by_text))
