"""Micro-segments: rules as data, and who belongs to them for how long."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.policy import Effects
from domain.quantities import Instant, Positive, SegmentId, Text, Value

Fact = bool | int | float | str | tuple[str, ...] | None


class SegmentStatus(StrEnum):
    """A segment's life: only active ones have effects."""

    DRAFT = "draft"
    SHADOW = "shadow"
    ACTIVE = "active"
    RETIRED = "retired"


class Segment(Value):
    """One rule and what it does; immutable once active.

    ``when`` is a sentence of the rule language. ``on_unknown`` says what a
    rule with missing facts does: ``member`` (the safe side for cold chain and
    hazmat), ``review``, or ``skip``. Higher ``priority`` wins an outright
    conflict. A membership ends ``ttl_h`` hours after it began, if set.
    """

    id: Annotated[SegmentId, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Text
    when: Annotated[str, Field(min_length=1, max_length=4000)]
    effects: Effects = Effects()
    priority: int = 0
    on_unknown: Annotated[str, Field(pattern="^(member|review|skip)$")] = "skip"
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    ttl_h: Positive | None = None
    status: SegmentStatus = SegmentStatus.ACTIVE
    owner: str = ""
    why: str = ""


class AttributeFact(Value):
    """A free attribute of orders that rules may read, as ``attr_<name>``.

    ``values`` are the words a choice may take.
    """

    type: Annotated[str, Field(pattern="^(boolean|number|text|choice)$")] = "text"
    title: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()


class RuleSet(Value):
    """Segments that are decided with together, in one immutable version.

    ``base`` holds for every order, where no segment says otherwise.
    """

    version: Text
    segments: tuple[Segment, ...]
    base: Effects = Effects()
    attributes: dict[str, AttributeFact] = Field(default_factory=dict)


class MembershipSource(StrEnum):
    """How a membership came about."""

    RULE = "rule"
    UNKNOWN = "unknown"
    EVENT = "event"
    OPERATOR = "operator"


class Membership(Value):
    """An order's place in a segment, with the evidence."""

    segment: SegmentId
    version: str
    evidence: tuple[str, ...] = ()
    since: Instant
    valid_until: Instant | None = None
    source: MembershipSource = MembershipSource.RULE


class Classification(Value):
    """The segments an order is in, and those whose facts were missing.

    ``shadow`` memberships are of segments on trial: they have no effect.
    ``valid_until`` is when the first of them ends or a new one may begin.
    """

    memberships: tuple[Membership, ...] = ()
    unknown: tuple[SegmentId, ...] = ()
    shadow: tuple[Membership, ...] = ()
    version: str = ""
    valid_until: Instant | None = None
