"""An order's segment of one: who, what, where and when, in one paragraph."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.order import Order
from domain.policy import Policy
from domain.segment import Classification, Fact, Membership
from domain.subject import SubjectKind, kind_of

_THROUGH = {
    SubjectKind.ORDER: "",
    SubjectKind.CUSTOMER: "through its customer ",
    SubjectKind.SKU: "through its goods ",
    SubjectKind.LANE: "through lanes it could take ",
}
_URGENCY = {1: "the most urgent", 2: "urgent", 4: "patient", 5: "the most patient"}


def portrait(
    order: Order,
    policy: Policy,
    classification: Classification,
    facts: Mapping[str, Fact] | None = None,
) -> str:
    """Say whose order it is, for what, where to and by when, and what that makes it.

    The customer is told by tier, kind and lifecycle, the place as far as its
    region: no id, no address. Facts that are not known are left out.
    """
    known = facts or {}
    sentences = (
        f"{_who(known)} wants {_what(order, known)}, {_where(order)}, {_when(order)}",
        _weather(known),
        _segments(classification),
        _handled(policy),
    )
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _who(facts: Mapping[str, Fact]) -> str:
    words = [facts.get(n) for n in ("lifecycle", "customer_tier", "customer_kind")]
    said = [str(word) for word in words if word]
    if not said:
        return "A customer"
    noun = "" if facts.get("customer_kind") else " customer"
    article = "An" if said[0][0] in "aeiou" else "A"
    return f"{article} {' '.join(said)}{noun}"


def _what(order: Order, facts: Mapping[str, Fact]) -> str:
    goods = f"{_count(order.units, 'unit')} of {_count(len(order.lines), 'SKU')}"
    figures = []
    value, weight = facts.get("order_value_cents"), facts.get("weight_g")
    if isinstance(value, int):
        figures.append(f"worth ${value / 100:,.2f}")
    if isinstance(weight, int):
        figures.append(f"{weight / 1000:,.1f} kg")
    band = facts.get("temperature")
    if isinstance(band, str) and band != "ambient":
        figures.append(band)
    figures += [name for name in ("fragile", "hazmat") if facts.get(name) is True]
    return f"{goods} ({', '.join(figures)})" if figures else goods


def _where(order: Order) -> str:
    place = order.ship_to
    place_name = ", ".join(part for part in (place.region, place.country) if part)
    if order.pickup:
        return f"to be collected, from {place_name}"
    return f"sent to {place_name} by {order.requested_service.value} service"


def _when(order: Order) -> str:
    due = f", due {_at(order.deliver_by)}" if order.deliver_by else ""
    return f"ordered {_at(order.placed_at)} through {order.channel}{due}"


def _weather(facts: Mapping[str, Fact]) -> str:
    severity, kinds = facts.get("hazard_severity"), facts.get("hazard_kinds")
    if not isinstance(severity, str) or severity in ("none", ""):
        return ""
    named = ", ".join(kinds) if isinstance(kinds, tuple) and kinds else "an alert"
    return f"There, {named} is in force ({severity})"


def _segments(classification: Classification) -> str:
    members = classification.memberships
    if not members:
        return "No segment holds it"
    grouped: dict[SubjectKind, list[str]] = {}
    for member in members:
        names = grouped.setdefault(_kind(member), [])
        if member.segment not in names:
            names.append(member.segment)
    said = [
        f"{_THROUGH[kind]}in {_and(grouped[kind])}"
        for kind in SubjectKind
        if kind in grouped
    ]
    until = classification.valid_until
    lasting = f"; none of this changes by itself before {_at(until)}" if until else ""
    return f"It is {', '.join(said)}{lasting}"


def _kind(member: Membership) -> SubjectKind:
    return kind_of(member.through) if member.through else SubjectKind.ORDER


def _handled(policy: Policy) -> str:
    urgency = _URGENCY.get(policy.queue_priority)
    said = [f"It is {urgency} in the queue"] if urgency else []
    if policy.review:
        reasons = len(policy.review)
        said.append(f"a person must look at it for {_count(reasons, 'reason')}")
    text = ", and ".join(said)
    return text[:1].upper() + text[1:]


def _at(instant: datetime) -> str:
    return f"{instant:%a %Y-%m-%d %H:%M} UTC"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _and(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
