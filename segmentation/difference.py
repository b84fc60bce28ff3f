"""What two rule sets differ in: segments added, removed, changed field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.policy import Effects
from domain.quantities import SegmentId
from domain.segment import RuleSet, Segment
from segmentation.review.population import Count
from segmentation.wording import dollars

_PLAIN = tuple(name for name in Segment.model_fields if name not in ("id", "effects"))
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs, both ways of it as a person would write them."""

    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class Moved:
    """How many orders a segment reaches on a history under each rule set."""

    before: int
    after: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs; ``changed`` is empty for segments that are the same.

    ``base`` and ``vocabulary`` (attributes and events that may be read) are
    the rule set's own. ``moved`` is by segment, where a history was given.
    """

    before: str
    after: str
    added: tuple[Segment, ...] = ()
    removed: tuple[Segment, ...] = ()
    changed: tuple[tuple[SegmentId, tuple[Change, ...]], ...] = ()
    base: tuple[Change, ...] = ()
    vocabulary: tuple[Change, ...] = ()
    moved: tuple[tuple[SegmentId, Moved], ...] = ()

    @property
    def empty(self) -> bool:
        parts = (self.added, self.removed, self.changed, self.base, self.vocabulary)
        return not any(parts)


def difference(
    before: RuleSet,
    after: RuleSet,
    counts: tuple[Mapping[SegmentId, Count], Mapping[SegmentId, Count]] | None = None,
) -> Difference:
    """Compare two rule sets; segments are the same by their id.

    Parameters
    ----------
    before, after
        The rule sets; their versions are not compared.
    counts
        How both came out on one and the same history, if there is one.
    """
    old = {segment.id: segment for segment in before.segments}
    new = {segment.id: segment for segment in after.segments}
    changes = (
        (name, tuple(_changes(old[name], new[name]))) for name in new if name in old
    )
    return Difference(
        before=before.version,
        after=after.version,
        added=tuple(segment for name, segment in new.items() if name not in old),
        removed=tuple(segment for name, segment in old.items() if name not in new),
        changed=tuple((name, found) for name, found in changes if found),
        base=tuple(_effects(before.base, after.base, "base")),
        vocabulary=tuple(_vocabulary(before, after)),
        moved=tuple(_moved(*counts)) if counts else (),
    )


def said(term: str, value: Any) -> str:
    """Write the value of a field or an effect as a person would; cents as dollars."""
    if value is None or value == ():
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if "_cents" in term and isinstance(value, int):
        return dollars(value)
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if term == "when":
        return " ".join(str(value).split())
    return str(value) or NOTHING


def _changes(old: Segment, new: Segment) -> Iterator[Change]:
    for name in _PLAIN:
        change = _change(name, name, getattr(old, name), getattr(new, name))
        if change is not None:
            yield change
    yield from _effects(old.effects, new.effects, "effects")


def _effects(old: Effects, new: Effects, of: str) -> Iterator[Change]:
    for term in Effects.model_fields:
        change = _change(f"{of}.{term}", term, getattr(old, term), getattr(new, term))
        if change is not None:
            yield change


def _change(field: str, term: str, old: Any, new: Any) -> Change | None:
    """Compare as written: white space in a rule is nothing."""
    if old == new:
        return None
    before, after = said(term, old), said(term, new)
    if term == "when" and before == after:
        return None
    if before == after:
        before, after = repr(old), repr(new)
    return Change(field, before, after)


def _vocabulary(before: RuleSet, after: RuleSet) -> Iterator[Change]:
    for name in sorted({*before.attributes, *after.attributes}):
        old, new = before.attributes.get(name), after.attributes.get(name)
        if old != new:
            yield Change(f"attributes.{name}", _declared(old), _declared(new))
    for name in sorted({*before.events, *after.events}):
        told, tells = before.events.get(name), after.events.get(name)
        if told != tells:
            yield Change(f"events.{name}", told or NOTHING, tells or NOTHING)


def _declared(attribute: Any) -> str:
    if attribute is None:
        return NOTHING
    stated = attribute.model_dump(exclude_unset=True)
    return ", ".join(f"{name} {said(name, value)}" for name, value in stated.items())


def _moved(
    old: Mapping[SegmentId, Count], new: Mapping[SegmentId, Count]
) -> Iterator[tuple[SegmentId, Moved]]:
    for name in dict.fromkeys((*old, *new)):
        before = old.get(name, Count()).reached
        after = new.get(name, Count()).reached
        moved = Moved(
            before=before.bit_count(),
            after=after.bit_count(),
            gained=(after & ~before).bit_count(),
            lost=(before & ~after).bit_count(),
        )
        if moved.gained or moved.lost:
            yield name, moved
