"""Reviews a rule set's file: what stops it, and what its owners should look at.

- by itself: rules that can never or always hold, no end, no owner, no reason
- together: doubles, one inside another, policies that contradict each other
- against a network: centers, carriers and services it does not have
- on a history: never or always in, too few, unknown too often, no effect
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.network import Network
from domain.quantities import SegmentId
from domain.segment import Classification, Membership, RuleSet
from domain.subject import SubjectKind
from segmentation.compose import compose
from segmentation.document import read as read_document
from segmentation.inspection import inspect, schema_of
from segmentation.review.alone import alone
from segmentation.review.finding import Finding, Level, Notebook, Places
from segmentation.review.in_use import not_in_network, on_history
from segmentation.review.pairs import pairs
from segmentation.review.population import Count, Sample, population
from segmentation.review.reading import evaluated, read

_WEIGHT = {level: n for n, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Against:
    """What a rule set is held against.

    ``least`` is how many members a segment should have on a history,
    ``most_active`` how many segments should be active at most.
    """

    now: datetime
    samples: tuple[Sample, ...] = ()
    network: Network | None = None
    least: int = 5
    most_active: int = 50


@dataclass(frozen=True, slots=True)
class Review:
    """All that was found in a file, errors first, then by place.

    ``rule_set`` is None where errors leave none. ``counts`` is how the rules
    came out on the history, if there was one.
    """

    findings: tuple[Finding, ...]
    rule_set: RuleSet | None = None
    counts: dict[SegmentId, Count] | None = None

    @property
    def sound(self) -> bool:
        return all(each.level is not Level.ERROR for each in self.findings)


def lint(text: str, against: Against) -> Review:
    """Say everything that is wrong or odd about a rule set's YAML text.

    Warnings are looked for only where there are no errors.
    """
    document = read_document(text)
    rule_set, problems = (
        (None, tuple(document.problems)) if document.problems else inspect(document)
    )
    if problems or rule_set is None:
        errors = tuple(
            Finding(
                Level.ERROR,
                "invalid",
                f"{p.path}: {p.message}" if p.path else p.message,
                p.hint,
                None,
                p.line,
                p.column,
            )
            for p in problems
        )
        return Review(errors)
    notes = Notebook(Places(document, rule_set))
    reads, schema = read(rule_set), schema_of(rule_set)
    samples = against.samples
    counts = population(evaluated(rule_set), samples) if samples else {}
    found = [*alone(rule_set, reads, schema, notes, against.now, against.most_active)]
    found += pairs(rule_set, reads, counts, notes)
    if against.network is not None:
        found += not_in_network([r.segment for r in reads], against.network, notes)
    idle = _idle(rule_set, counts, samples)
    found += on_history(reads, counts, idle, against.least, notes)
    found.sort(key=lambda f: (_WEIGHT[f.level], f.line, f.column, f.code, f.message))
    return Review(tuple(found), rule_set, counts or None)


def _idle(
    rule_set: RuleSet, counts: dict[SegmentId, Count], samples: Iterable[Sample]
) -> frozenset[SegmentId]:
    """Return the segments without which every policy would have been the same."""
    idle = {
        segment.id
        for segment in rule_set.segments
        # Which lanes it blocked is not counted; blocking one is an effect.
        if segment.on is not SubjectKind.LANE
        and counts.get(segment.id, Count()).reached
    }
    for n, sample in enumerate(samples):
        members = [s for s, count in counts.items() if count.reached >> n & 1]
        asked = [name for name in members if name in idle]
        if not asked:
            continue
        policy = _policy(rule_set, members, sample)
        for name in asked:
            rest = [other for other in members if other != name]
            if _policy(rule_set, rest, sample) != policy:
                idle.discard(name)
    return frozenset(idle)


def _policy(rule_set: RuleSet, members: Iterable[SegmentId], sample: Sample) -> object:
    memberships = tuple(
        Membership(segment=name, version=rule_set.version, since=sample.at)
        for name in members
    )
    found = Classification(memberships=memberships, version=rule_set.version)
    policy = compose(rule_set, found, sample.order, sample.at)
    return policy.model_copy(update={"sources": {}})
