"""Says a policy in sentences, with money in dollars and cents."""

from collections.abc import Iterable, Mapping

from domain.order import Order
from domain.policy import Limits, Money, Policy, SoftLimit
from domain.segment import Classification, Down, Fact, Membership
from domain.subject import SubjectKind, kind_of, name_of
from segmentation.portrait import portrait

_MONEY = {
    "late_cents_per_h": "each hour late costs {}",
    "late_event_cents": "being late at all costs {}, times its chance",
    "early_cents_per_h": "each hour early costs {}",
    "split_cents": "each parcel after the first costs {}",
    "spoilage_cents_per_h": "each hour in transit spoils {}",
    "damage_event_cents": "damage costs {} on top of the goods, times its chance",
    "carbon_cents_per_kg": "each kilogram of carbon dioxide costs {}",
}
_FLAGS = {
    "keep_together": ("all goods travel together", ""),
    "signature": ("a signature is needed", ""),
    "insured": ("the goods travel insured", ""),
    "pickup_allowed": ("", "the customer may not collect"),
    "over_capacity_allowed": ("", "no center may go beyond its capacity for it"),
}
_LISTS = {
    "allowed_centers": "only from centers {}",
    "blocked_centers": "not from centers {}",
    "allowed_carriers": "only with carriers {}",
    "blocked_carriers": "not with carriers {}",
    "blocked_services": "not by services {}",
    "blocked_lanes": "not on lanes {}",
    "allowed_modes": "only by {}",
    "blocked_modes": "not by {}",
    "allowed_packing": "only packed as {}",
}
_RELAXED = {
    SoftLimit.MAX_TRANSIT: "the time in transit",
    SoftLimit.PACKING: "the packing",
    SoftLimit.KEEP_TOGETHER: "travelling together",
    SoftLimit.MAX_PARCELS: "the number of centers",
    SoftLimit.BLOCKED_MODES: "the modes of carriage",
    SoftLimit.BLOCKED_LANES: "the blocked lanes",
    SoftLimit.LATEST_HANDOVER: "the latest handover",
    SoftLimit.OVER_CAPACITY: "the centers' capacity",
}


def explain(
    policy: Policy,
    classification: Classification,
    order: Order | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> tuple[str, ...]:
    """Tell an order's memberships and policy as a person would.

    With the order, first a paragraph of who wants what, where and when. Then
    one sentence per membership with its evidence, then one per term with the
    segments that asked for it in brackets.
    """
    first = (portrait(order, policy, classification, facts),) if order else ()
    return (
        *first,
        *_memberships(classification),
        *_limits(policy.limits, policy),
        *_down(classification.down, policy),
        *_money(policy.money, policy),
        *_handling(policy),
    )


def dollars(cents: int) -> str:
    """Write cents as dollars: $3.50."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) / 100:,.2f}"


def _memberships(classification: Classification) -> Iterable[str]:
    for member in classification.memberships:
        until = member.valid_until
        ending = f", until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        evidence = "; ".join(member.evidence)
        yield f"{_belongs(member)} {member.segment}{ending}: {evidence}."
    for segment in classification.unknown:
        yield f"Not known whether in {segment}: facts are missing."


def _belongs(member: Membership) -> str:
    """Say whose membership it is, a customer's without the id."""
    if member.through is None:
        return "In"
    kind = kind_of(member.through)
    if kind is SubjectKind.CUSTOMER:
        return "Its customer is in"
    noun = {SubjectKind.SKU: "Its SKU", SubjectKind.LANE: "The lane"}.get(kind, "Its")
    return f"{noun} {name_of(member.through)} is in"


def _down(down: Down, policy: Policy) -> Iterable[str]:
    """Say what of the blocked is so because it is out of service."""
    limits = policy.limits
    out = [
        f"{noun} {', '.join(names)}"
        for noun, named, blocked in (
            ("centers", down.centers, limits.blocked_centers),
            ("carriers", down.carriers, limits.blocked_carriers),
            ("services", down.services, limits.blocked_services),
            ("lanes", down.lanes, limits.blocked_lanes),
        )
        if (names := [name for name in named if name in blocked])
    ]
    if out and "avoid_down" in policy.sources:
        yield _said(f"out of service now: {'; '.join(out)}", "avoid_down", policy)


def _said(text: str, term: str, policy: Policy) -> str:
    who = ", ".join(policy.sources.get(term, ()))
    by = f" ({who})" if who else ""
    return f"{text[0].upper()}{text[1:]}{by}."


def _limits(limits: Limits, policy: Policy) -> Iterable[str]:
    if limits.max_transit_h is not None:
        text = f"nine of ten arrive within {limits.max_transit_h} h of handover"
        yield _said(text, "max_transit_h", policy)
    if "max_centers" in policy.sources:
        text = f"split over at most {limits.max_centers} centers"
        yield _said(text, "max_centers", policy)
    if limits.latest_handover is not None:
        text = f"handed over by {limits.latest_handover:%Y-%m-%d %H:%M} UTC"
        yield _said(text, "latest_handover", policy)
    for term, (yes, no) in _FLAGS.items():
        text = yes if getattr(limits, term) else no
        if text:
            yield _said(text, term, policy)
    for term, template in _LISTS.items():
        items = getattr(limits, term)
        if items:
            text = template.format(", ".join(items))
            yield _said(text, term, policy)


def _money(money: Money, policy: Policy) -> Iterable[str]:
    for term, template in _MONEY.items():
        cents = getattr(money, term)
        if cents:
            yield _said(template.format(dollars(cents)), term, policy)


def _handling(policy: Policy) -> Iterable[str]:
    for reason in policy.review:
        yield f"A person must look: {reason}."
    if policy.review_above_cents is not None:
        above = dollars(policy.review_above_cents)
        yield _said(
            f"a person must look at a plan above {above}", "review_above_cents", policy
        )
    if "queue_priority" in policy.sources:
        text = f"priority {policy.queue_priority} of 5 in the queue"
        yield _said(text, "queue_priority", policy)
    if policy.move_gain_cents:
        gain = dollars(policy.move_gain_cents)
        text = f"a plan already held moves only to save {gain} or more"
        yield _said(text, "move_gain_cents", policy)
    if policy.relax:
        steps = ", then ".join(_RELAXED[limit] for limit in policy.relax)
        yield _said(f"if nothing is feasible, give up {steps}", "relax", policy)
