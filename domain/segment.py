"""Micro-segments: rules as data, and who belongs to them for how long."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.policy import Effects
from domain.quantities import (
    CarrierId,
    Count,
    FcId,
    Instant,
    Positive,
    SegmentId,
    ServiceId,
    Text,
    Value,
)
from domain.subject import LaneId, Subject, SubjectKind

Fact = bool | int | float | str | tuple[str, ...] | None


class SegmentStatus(StrEnum):
    """A segment's life: only active ones have effects."""

    DRAFT = "draft"
    SHADOW = "shadow"
    ACTIVE = "active"
    RETIRED = "retired"


# What a version of the rules may become. It never changes again once it left
# draft; an active one ends when another is activated; going back to a retired
# one is a step like any other, with a reason.
RULE_SET_MOVES: dict[SegmentStatus, frozenset[SegmentStatus]] = {
    SegmentStatus.DRAFT: frozenset(
        {SegmentStatus.SHADOW, SegmentStatus.ACTIVE, SegmentStatus.RETIRED}
    ),
    SegmentStatus.SHADOW: frozenset({SegmentStatus.ACTIVE, SegmentStatus.RETIRED}),
    SegmentStatus.ACTIVE: frozenset(),
    SegmentStatus.RETIRED: frozenset({SegmentStatus.SHADOW, SegmentStatus.ACTIVE}),
}


class SegmentOrigin(StrEnum):
    """Whether a person wrote a segment or it was mined from outcomes."""

    WRITTEN = "written"
    MINED = "mined"


class Segment(Value):
    """One rule and what it does; immutable once active.

    ``on`` says what it holds: the effects of a customer's and of a SKU's
    segments reach the orders of that customer and with that SKU; a lane's may
    only block the lane. ``when`` is a sentence of the rule language. ``mined``
    ones state how many ``members`` they were found in. ``on_unknown`` says what a
    rule with missing facts does: ``member`` (the safe side for cold chain and
    hazmat), ``review``, or ``skip``. Higher ``priority`` wins an outright
    conflict. A membership ends ``ttl_h`` hours after it began, if set.
    """

    id: Annotated[SegmentId, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Text
    on: SubjectKind = SubjectKind.ORDER
    when: Annotated[str, Field(min_length=1, max_length=4000)]
    effects: Effects = Effects()
    priority: int = 0
    on_unknown: Annotated[str, Field(pattern="^(member|review|skip)$")] = "skip"
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    ttl_h: Positive | None = None
    status: SegmentStatus = SegmentStatus.ACTIVE
    origin: SegmentOrigin = SegmentOrigin.WRITTEN
    members: Count | None = None
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

    ``base`` holds for every order, where no segment says otherwise. ``events``
    are kinds of event that rules may count besides the ones Lanewise knows,
    each with what it is.
    """

    version: Text
    segments: tuple[Segment, ...]
    base: Effects = Effects()
    attributes: dict[str, AttributeFact] = Field(default_factory=dict)
    events: dict[str, str] = Field(default_factory=dict)


class RuleSetMove(Value):
    """A version of the rules took a status: who did it, and why."""

    version: str
    status: SegmentStatus
    author: str
    reason: str
    at: Instant


class RuleSetVersion(Value):
    """A version of the rules, and the last step it took."""

    version: str
    status: SegmentStatus
    since: Instant
    author: str = ""
    reason: str = ""


class MembershipSource(StrEnum):
    """How a membership came about."""

    RULE = "rule"
    UNKNOWN = "unknown"
    EVENT = "event"
    OPERATOR = "operator"


class Membership(Value):
    """A place in a segment, with the evidence.

    ``through`` is the customer, SKU or lane whose membership it is, where an
    order has it only by having that; None for its own. ``valid_until`` is the
    instant it ends if nothing happens before.
    """

    segment: SegmentId
    version: str
    evidence: tuple[str, ...] = ()
    since: Instant
    valid_until: Instant | None = None
    source: MembershipSource = MembershipSource.RULE
    through: Subject | None = None


class MembershipChange(Value):
    """A subject entered or left a segment, at the instant it became so."""

    subject: Subject
    segment: SegmentId
    version: str
    entered: bool
    at: Instant
    evidence: tuple[str, ...] = ()


class Down(Value):
    """Centers and carriers out of service by a condition in force.

    ``lanes`` are those of a carrier that is disrupted at some centers only.
    """

    centers: tuple[FcId, ...] = ()
    carriers: tuple[CarrierId, ...] = ()
    services: tuple[ServiceId, ...] = ()
    lanes: tuple[LaneId, ...] = ()


class Classification(Value):
    """The segments an order is in, and those whose facts were missing.

    ``shadow`` memberships are of segments on trial: they have no effect.
    ``valid_until`` is when the first of them ends or a new one may begin.
    ``down`` is what an effect ``avoid_down`` keeps the order from.
    """

    memberships: tuple[Membership, ...] = ()
    unknown: tuple[SegmentId, ...] = ()
    shadow: tuple[Membership, ...] = ()
    version: str = ""
    valid_until: Instant | None = None
    down: Down = Down()
