from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.network import PackingMethod, ServiceMode
from domain.policy import Effects, Limits, Money, Policy, SoftLimit
from domain.quantities import SegmentId
from domain.segment import Classification, Membership, RuleSet, Segment
from segmentation.compose import SAFER, compose, explain
from tests.builders import MONDAY, a_rule_set, a_segment, an_order

AIR, GROUND, LTL = ServiceMode.AIR, ServiceMode.GROUND, ServiceMode.LTL


def seg(name: str, priority: int = 0, **effects: Any) -> Segment:
    return a_segment(id=name, priority=priority, effects=Effects(**effects))


def members(*segments: Segment, **overrides: Any) -> Classification:
    return Classification(
        memberships=tuple(
            Membership(segment=s.id, version="rules-1", since=MONDAY, **overrides)
            for s in segments
        ),
        version="rules-1",
    )


def policy_of(*segments: Segment, base: Effects | None = None, **order: Any) -> Policy:
    rule_set = a_rule_set(*segments, base=base or Effects())
    return compose(rule_set, members(*segments), an_order(**order), MONDAY)


def test_no_segment_leaves_the_defaults() -> None:
    policy = policy_of()

    assert (policy.limits, policy.money, policy.sources) == (Limits(), Money(), {})
    assert policy.fairness_key == "CUST-1"


def test_of_two_maxima_the_smaller_holds_and_names_its_segment() -> None:
    policy = policy_of(seg("a", max_transit_h=72), seg("b", max_transit_h=48))

    assert policy.limits.max_transit_h == 48
    assert policy.sources == {"max_transit_h": ("b",)}


def test_of_two_prices_the_larger_holds_and_equals_are_both_named() -> None:
    policy = policy_of(
        seg("a", late_cents_per_h=50, split_cents=7),
        seg("b", late_cents_per_h=350),
        seg("c", split_cents=7),
    )

    assert (policy.money.late_cents_per_h, policy.money.split_cents) == (350, 7)
    assert policy.sources == {"late_cents_per_h": ("b",), "split_cents": ("a", "c")}


def test_the_base_gives_a_price_only_where_no_segment_does() -> None:
    base = Effects(late_cents_per_h=25, split_cents=150)

    policy = policy_of(seg("calm", late_cents_per_h=10), base=base)

    assert (policy.money.late_cents_per_h, policy.money.split_cents) == (10, 150)
    assert policy.sources == {"late_cents_per_h": ("calm",), "split_cents": ("base",)}


def test_limits_of_the_base_hold_beside_those_of_segments() -> None:
    base = Effects(blocked_carriers=("SLOW",), max_transit_h=100)

    policy = policy_of(
        seg("a", blocked_carriers=("LATE",), max_transit_h=120), base=base
    )

    assert policy.limits.blocked_carriers == ("LATE", "SLOW")
    assert policy.limits.max_transit_h == 100
    assert policy.sources["blocked_carriers"] == ("a", "base")


def test_the_most_urgent_priority_wins_in_the_queue() -> None:
    policy = policy_of(seg("a", queue_priority=4), seg("b", queue_priority=2))

    assert policy.queue_priority == 2


def test_what_all_allow_is_allowed() -> None:
    policy = policy_of(
        seg("a", allowed_modes=(GROUND, LTL)), seg("b", allowed_modes=(AIR, GROUND))
    )

    assert policy.limits.allowed_modes == (GROUND,)
    assert policy.sources["allowed_modes"] == ("a", "b")


def test_the_higher_priority_wins_where_nothing_is_allowed_by_both() -> None:
    policy = policy_of(
        seg("a", 1, allowed_modes=(GROUND,)), seg("b", 5, allowed_modes=(AIR,))
    )

    assert policy.limits.allowed_modes == (AIR,)
    assert policy.sources["allowed_modes"] == ("b",)
    assert (policy.conflicts, policy.review) == ((), ())


def test_between_equals_that_allow_nothing_together_a_person_decides() -> None:
    policy = policy_of(
        seg("a", allowed_modes=(GROUND,)), seg("b", allowed_modes=(AIR,))
    )

    [conflict] = policy.conflicts
    assert (conflict.term, conflict.segments) == ("allowed_modes", ("a", "b"))
    assert policy.limits.allowed_modes == (GROUND,)
    assert policy.review == (
        "segments a and b disagree on allowed modes: together they allow nothing, "
        "meanwhile the first one holds",
    )


@pytest.mark.parametrize("term", sorted(SAFER))
def test_between_equals_that_contradict_each_other_the_safer_side_holds(
    term: str,
) -> None:
    policy = policy_of(seg("a", **{term: True}), seg("b", **{term: False}))

    assert getattr(policy.limits, term) is SAFER[term]
    assert policy.conflicts[0].segments == ("a", "b")


@pytest.mark.parametrize("said", [True, False])
def test_the_higher_priority_wins_a_contradiction(said: bool) -> None:
    policy = policy_of(seg("a", 1, signature=not said), seg("b", 2, signature=said))

    assert policy.limits.signature is said
    assert (policy.sources["signature"], policy.conflicts) == (("b",), ())


@pytest.mark.parametrize(
    ("allows", "blocks", "limits"),
    [
        (9, 1, Limits(allowed_modes=(AIR,), blocked_modes=(GROUND,))),
        (1, 9, Limits(blocked_modes=(AIR, GROUND))),
    ],
)
def test_the_higher_priority_wins_where_all_that_is_allowed_is_blocked(
    allows: int, blocks: int, limits: Limits
) -> None:
    policy = policy_of(
        seg("a", allows, allowed_modes=(AIR,)),
        seg("b", blocks, blocked_modes=(AIR, GROUND)),
    )

    assert policy.limits == limits
    assert not policy.conflicts


def test_between_equals_one_of_whom_blocks_all_nothing_goes_until_reviewed() -> None:
    policy = policy_of(
        seg("a", allowed_centers=("EAST",)), seg("b", blocked_centers=("EAST",))
    )

    assert policy.conflicts[0].segments == ("a", "b")
    assert policy.limits.allowed_centers == policy.limits.blocked_centers == ("EAST",)


def test_the_customers_wish_for_a_signature_is_heeded_and_named() -> None:
    policy = policy_of(seg("a", signature=True), signature=True)

    assert policy.limits.signature
    assert policy.sources["signature"] == ("a", "order")


def test_a_customer_who_may_not_collect_goes_to_review() -> None:
    policy = policy_of(seg("a", pickup_allowed=False), pickup=True)

    assert policy.review == (
        "the customer wants to collect, which its segments do not allow",
    )


def test_hours_to_handover_count_from_when_the_membership_began() -> None:
    segment = seg("a", handover_within_h=12)
    rule_set, later = a_rule_set(segment), MONDAY + timedelta(hours=5)

    policy = compose(rule_set, members(segment), an_order(), later)

    assert policy.limits.latest_handover == MONDAY + timedelta(hours=12)
    assert policy.sources["latest_handover"] == ("a",)


def test_a_membership_that_has_ended_is_silent() -> None:
    segment = seg("a", late_cents_per_h=350)
    ended = members(segment, valid_until=MONDAY)

    policy = compose(a_rule_set(segment), ended, an_order(), MONDAY)

    assert policy == compose(a_rule_set(segment), members(), an_order(), MONDAY)


def test_review_reasons_name_their_segment() -> None:
    policy = policy_of(seg("b", review="odd address"), seg("a", 3, review="new buyer"))

    assert policy.review == ("a: new buyer", "b: odd address")
    assert policy.sources["review"] == ("a", "b")


def test_a_segment_that_cannot_be_told_asks_for_review_if_it_says_so() -> None:
    asking = a_segment(id="asking", on_unknown="review")
    rule_set = a_rule_set(asking, a_segment(id="quiet"))
    unknown = Classification(unknown=(SegmentId("quiet"), SegmentId("asking")))

    policy = compose(rule_set, unknown, an_order(), MONDAY)

    assert policy.review == (
        "asking: facts are missing, so nobody knows whether it applies",
    )


def test_the_least_important_limits_are_given_up_first() -> None:
    policy = policy_of(
        seg("a", 5, max_transit_h=48, relax=(SoftLimit.MAX_TRANSIT,)),
        seg("b", 1, relax=(SoftLimit.OVER_CAPACITY, SoftLimit.MAX_TRANSIT)),
        base=Effects(relax=(SoftLimit.MAX_PARCELS,)),
    )

    assert policy.relax == (
        SoftLimit.MAX_PARCELS,
        SoftLimit.OVER_CAPACITY,
        SoftLimit.MAX_TRANSIT,
    )
    assert policy.sources["relax"] == ("a", "b", "base")


def test_a_limit_is_kept_unless_everyone_who_set_it_would_give_it_up() -> None:
    policy = policy_of(
        seg("firm", max_transit_h=72),
        seg("soft", max_transit_h=96, relax=(SoftLimit.MAX_TRANSIT,)),
    )

    assert policy.relax == ()


def test_a_long_pseudonym_is_shortened_to_what_the_server_takes() -> None:
    keys = {policy_of(customer_id=c * 80).fairness_key for c in "ä"}
    keys |= {policy_of(customer_id="b" * 70).fairness_key}

    assert len(keys) == 2
    assert all(len(key.encode()) == 64 for key in keys)


_modes = st.lists(st.sampled_from(list(ServiceMode)), min_size=1, unique=True)
_packing = st.lists(st.sampled_from(list(PackingMethod)), min_size=1, unique=True)
_small = st.integers(1, 4)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_effects = st.builds(
    Effects,
    max_transit_h=_maybe(_small),
    keep_together=_maybe(st.booleans()),
    pickup_allowed=_maybe(st.booleans()),
    allowed_modes=_maybe(_modes.map(tuple)),
    blocked_modes=_maybe(_modes.map(tuple)),
    allowed_packing=_maybe(_packing.map(tuple)),
    handover_within_h=_maybe(_small),
    late_cents_per_h=_maybe(_small),
    queue_priority=_maybe(_small),
    review_above_cents=_maybe(_small),
    move_gain_cents=_maybe(_small),
    relax=_maybe(st.lists(st.sampled_from(list(SoftLimit)), max_size=3).map(tuple)),
)
_segments = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 2), _effects),
    max_size=5,
    unique_by=lambda item: item[0],
).map(lambda items: [a_segment(id=i, priority=p, effects=e) for i, p, e in items])

MANY = settings(max_examples=150, deadline=None)


@MANY
@given(_segments, _effects, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_number_of_mentions_changes_a_policy(
    segments: list[Segment], base: Effects, random: Any
) -> None:
    def composed(listed: list[Segment], found: list[Segment]) -> Policy:
        rule_set = RuleSet(version="v", segments=tuple(listed), base=base)
        return compose(rule_set, members(*found), an_order(), MONDAY)

    mixed, again = list(segments), segments * 2
    random.shuffle(mixed)
    random.shuffle(again)

    assert composed(mixed, again) == composed(segments, segments)


@MANY
@given(_segments, _effects)
def test_every_term_that_differs_from_the_default_names_who_asked(
    segments: list[Segment], base: Effects
) -> None:
    policy = policy_of(*segments, base=base)
    names = {segment.id for segment in segments} | {"base"}
    said = {**dict(policy.limits), **dict(policy.money)}
    default = {**dict(Limits()), **dict(Money())}

    for term, value in said.items():
        assert value == default[term] or policy.sources[term]
    assert all(set(who) <= names and who for who in policy.sources.values())


@MANY
@given(_segments, _effects, _effects)
def test_one_more_segment_never_loosens_a_maximum_or_lowers_a_price(
    segments: list[Segment], base: Effects, more: Effects
) -> None:
    before = policy_of(*segments, base=base)
    extra = a_segment(id="extra", effects=more)

    after = policy_of(*segments, extra, base=base)

    limit = before.limits.max_transit_h
    assert limit is None or (after.limits.max_transit_h or 99) <= limit
    asked = before.sources.get("late_cents_per_h", ())
    if "base" not in asked:
        assert after.money.late_cents_per_h >= before.money.late_cents_per_h


@MANY
@given(_segments)
def test_each_conflict_is_between_equals_and_reaches_a_person(
    segments: list[Segment],
) -> None:
    priority = {segment.id: segment.priority for segment in segments}

    policy = policy_of(*segments)

    for conflict in policy.conflicts:
        one, other = conflict.segments
        assert priority[one] == priority[other]
        assert any(one in line and other in line for line in policy.review)


def test_a_policy_is_told_in_words_and_dollars() -> None:
    segments = (
        seg("urgent", late_cents_per_h=350, handover_within_h=12, queue_priority=1),
        seg("fresh", max_transit_h=48, blocked_modes=(LTL,), review="look"),
        seg("dear", signature=True, review_above_cents=250_00, move_gain_cents=500),
    )
    evidence = ("requested service is overnight",)
    found = members(segments[0], evidence=evidence, valid_until=MONDAY.replace(hour=20))
    rule_set = a_rule_set(*segments, base=Effects(relax=(SoftLimit.PACKING,)))
    policy = compose(rule_set, members(*segments), an_order(), MONDAY)

    assert explain(policy, found) == (
        "In urgent, until 2026-03-02 20:00 UTC: requested service is overnight.",
        "Nine of ten arrive within 48 h of handover (fresh).",
        "Handed over by 2026-03-03 00:00 UTC (urgent).",
        "A signature is needed (dear).",
        "Not by ltl (fresh).",
        "Each hour late costs $3.50 (urgent).",
        "A person must look: fresh: look.",
        "A person must look at a plan above $250.00 (dear).",
        "Priority 1 of 5 in the queue (urgent).",
        "A plan already held moves only to save $5.00 or more (dear).",
        "If nothing is feasible, give up the packing (base).",
    )
