"""What is composed around an order: its customer's, goods' and lanes' segments."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.policy import Effects, Policy, SoftLimit
from domain.quantities import CarrierId, CustomerId, FcId, ServiceId, SkuId
from domain.segment import Classification, Down, Fact, Membership, Segment
from domain.subject import LaneId, Subject, SubjectKind, of_customer, of_lane, of_sku
from segmentation.compose import compose, explain
from tests.builders import MONDAY, a_place, a_rule_set, a_segment, an_order

RENO, NEWARK = LaneId("RNO/GROUND"), LaneId("EWR/GROUND")
BUYER = of_customer(CustomerId("C-7"))
VASE, LAMP = of_sku(SkuId("VASE")), of_sku(SkuId("LAMP"))
DOWN = Down(
    centers=(FcId("RNO"),),
    carriers=(CarrierId("SWIFT"),),
    services=(ServiceId("AIR"),),
    lanes=(NEWARK,),
)


def seg(
    name: str, priority: int = 0, on: SubjectKind = SubjectKind.ORDER, **effects: Any
) -> Segment:
    return a_segment(id=name, priority=priority, on=on, effects=Effects(**effects))


def in_(segment: Segment, through: Subject | None = None, **more: Any) -> Membership:
    return Membership(
        segment=segment.id, version="v", since=MONDAY, through=through, **more
    )


def of_lanes(segment: Segment, *lanes: LaneId) -> list[Membership]:
    return [in_(segment, of_lane(lane)) for lane in lanes]


def composed(
    *segments: Segment,
    members: list[Membership] | None = None,
    down: Down | None = None,
    base: Effects | None = None,
) -> Policy:
    found = Classification(
        memberships=tuple(members if members is not None else map(in_, segments)),
        down=down or Down(),
    )
    rule_set = a_rule_set(*segments, base=base or Effects())
    return compose(rule_set, found, an_order(), MONDAY)


def test_a_customers_and_a_skus_segments_have_all_their_effects() -> None:
    loyal = seg("loyal", on=SubjectKind.CUSTOMER, late_cents_per_h=350)
    brittle = seg("brittle", on=SubjectKind.SKU, handover_within_h=12)
    later = in_(brittle, VASE).model_copy(update={"since": MONDAY + timedelta(hours=3)})
    members = [in_(loyal, BUYER), later, in_(brittle, LAMP)]

    policy = composed(loyal, brittle, members=members)

    assert policy.money.late_cents_per_h == 350
    assert policy.limits.latest_handover == MONDAY + timedelta(hours=12)
    assert policy.sources["latest_handover"] == ("brittle",)


def test_a_lanes_segment_blocks_the_lane_and_does_nothing_else() -> None:
    flooded = seg("flooded", on=SubjectKind.LANE, block_lane=True, signature=True)

    policy = composed(flooded, members=of_lanes(flooded, RENO, NEWARK))

    assert policy.limits.blocked_lanes == (NEWARK, RENO)
    assert policy.sources == {"blocked_lanes": ("flooded",)}
    assert not policy.limits.signature


def test_a_segment_of_lanes_that_says_nothing_of_blocking_is_silent() -> None:
    quiet = seg("quiet", on=SubjectKind.LANE, late_cents_per_h=9)

    assert composed(quiet, members=of_lanes(quiet, RENO)) == composed()


def test_the_higher_priority_says_whether_a_lane_is_open() -> None:
    blocks = seg("a", 1, SubjectKind.LANE, block_lane=True)
    frees = seg("b", 5, SubjectKind.LANE, block_lane=False)
    members = [*of_lanes(blocks, RENO, NEWARK), *of_lanes(frees, RENO)]

    policy = composed(blocks, frees, members=members)

    assert policy.limits.blocked_lanes == (NEWARK,)
    assert not policy.conflicts


def test_between_equals_a_lane_stays_blocked_and_a_person_decides() -> None:
    blocks = seg("a", 1, SubjectKind.LANE, block_lane=True)
    frees = seg("b", 1, SubjectKind.LANE, block_lane=False)
    members = [*of_lanes(blocks, RENO, NEWARK), *of_lanes(frees, NEWARK, RENO)]

    policy = composed(blocks, frees, members=members)

    [conflict] = policy.conflicts
    assert conflict.segments == ("a", "b")
    assert policy.limits.blocked_lanes == (NEWARK, RENO)
    assert "a and b disagree on blocked lanes" in policy.review[0]


def test_whoever_avoids_what_is_down_blocks_it_by_name() -> None:
    careful = seg("careful", avoid_down=True, blocked_carriers=("LATE",))

    policy = composed(careful, seg("calm", split_cents=3), down=DOWN)

    limits = policy.limits
    assert limits.blocked_centers == ("RNO",)
    assert limits.blocked_carriers == ("LATE", "SWIFT")
    assert (limits.blocked_services, limits.blocked_lanes) == (("AIR",), (NEWARK,))
    for term in ("blocked_centers", "blocked_carriers", "blocked_lanes", "avoid_down"):
        assert policy.sources[term] == ("careful",)


def test_what_is_down_bothers_nobody_who_does_not_avoid_it() -> None:
    assert composed(down=DOWN) == composed()


def test_a_higher_priority_may_use_what_is_down_and_the_base_avoid_it() -> None:
    base = Effects(avoid_down=True)
    bold = seg("bold", 9, avoid_down=False)

    assert composed(base=base, down=DOWN).limits.blocked_centers == ("RNO",)
    assert composed(bold, base=base, down=DOWN).limits.blocked_centers == ()


def test_equals_who_disagree_on_what_is_down_avoid_it_until_reviewed() -> None:
    policy = composed(seg("a", avoid_down=True), seg("b", avoid_down=False), down=DOWN)

    assert policy.limits.blocked_centers == ("RNO",)
    assert policy.conflicts[0].term == "avoid_down"


def test_all_that_is_allowed_being_down_is_settled_by_priority() -> None:
    only = seg("only", 1, allowed_centers=("RNO",))
    careful = seg("careful", 5, avoid_down=True)

    assert composed(only, careful, down=DOWN).limits.allowed_centers is None


def test_blocked_lanes_may_be_given_up_if_those_who_avoid_what_is_down_agree() -> None:
    flooded = seg("flooded", on=SubjectKind.LANE, block_lane=True)
    yielding = seg("yielding", relax=(SoftLimit.BLOCKED_LANES,))
    careful = seg("careful", avoid_down=True)
    members = [*of_lanes(flooded, RENO), in_(yielding)]

    alone = composed(flooded, yielding, members=members)
    both = composed(
        flooded, yielding, careful, members=[*members, in_(careful)], down=DOWN
    )

    assert alone.relax == (SoftLimit.BLOCKED_LANES,)
    assert both.relax == ()


_flag = st.none() | st.booleans()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(_flag, st.integers(0, 2), st.sets(st.sampled_from("123"))),
        max_size=5,
    ),
    st.randoms(use_true_random=False),
)
def test_lanes_are_blocked_alike_however_their_segments_are_found(
    said: list[tuple[bool | None, int, set[str]]], random: Any
) -> None:
    segments = [
        seg(f"s{n}", priority, SubjectKind.LANE, block_lane=flag)
        for n, (flag, priority, _) in enumerate(said)
    ]
    members = [
        in_(segment, of_lane(LaneId(f"FC{number}/GROUND")))
        for segment, (_, _, lanes) in zip(segments, said, strict=True)
        for number in lanes
    ]
    mixed = members * 2
    random.shuffle(mixed)

    policy = composed(*segments, members=mixed)

    assert policy == composed(*segments[::-1], members=members)
    blocking = {lane for flag, _, lanes in said if flag for lane in lanes}
    assert {lane[2] for lane in policy.limits.blocked_lanes} <= blocking


def test_memberships_through_others_are_told_without_a_customers_id() -> None:
    segments = [
        seg("loyal", on=SubjectKind.CUSTOMER),
        seg("brittle", on=SubjectKind.SKU),
        seg("flooded", on=SubjectKind.LANE, block_lane=True),
    ]
    through = [BUYER, VASE, of_lane(RENO)]
    found = Classification(
        memberships=tuple(
            in_(segment, whose, evidence=("so it is",))
            for segment, whose in zip(segments, through, strict=True)
        )
    )
    policy = compose(a_rule_set(*segments), found, an_order(), MONDAY)

    told = explain(policy, found)

    assert told[:3] == (
        "Its customer is in loyal: so it is.",
        "Its SKU VASE is in brittle: so it is.",
        "The lane RNO/GROUND is in flooded: so it is.",
    )
    assert "Not on lanes RNO/GROUND (flooded)." in told
    assert not any("C-7" in sentence for sentence in told)


def test_what_is_out_of_service_is_told() -> None:
    careful = seg("careful", avoid_down=True)
    found = Classification(memberships=(in_(careful),), down=DOWN)
    policy = compose(a_rule_set(careful), found, an_order(), MONDAY)

    assert (
        "Out of service now: centers RNO; carriers SWIFT; services AIR; "
        "lanes EWR/GROUND (careful)." in explain(policy, found)
    )


def test_an_order_is_told_as_the_one_it_is() -> None:
    urgent = seg("urgent", queue_priority=1, review="look")
    loyal = seg("loyal", on=SubjectKind.CUSTOMER)
    found = Classification(
        memberships=(in_(urgent), in_(loyal, BUYER)),
        valid_until=MONDAY + timedelta(hours=6),
    )
    order = an_order(
        ship_to=a_place("60601"),
        deliver_by=MONDAY + timedelta(days=1),
        customer_id="C-7",
    )
    policy = compose(a_rule_set(urgent, loyal), found, order, MONDAY)
    facts: dict[str, Fact] = {
        "lifecycle": "loyal",
        "customer_tier": "gold",
        "customer_kind": "consumer",
        "order_value_cents": 12_000,
        "weight_g": 4_200,
        "temperature": "chilled",
        "fragile": True,
        "hazard_severity": "severe",
        "hazard_kinds": ("ice-storm",),
    }

    first = explain(policy, found, order, facts)[0]

    assert first == (
        "A loyal gold consumer wants 1 unit of 1 SKU (worth $120.00, 4.2 kg, chilled, "
        "fragile), sent to IL, US by standard service, ordered Mon 2026-03-02 12:00 "
        "UTC through web, due Tue 2026-03-03 12:00 UTC. There, ice-storm is in force "
        "(severe). It is in urgent, through its customer in loyal; none of this "
        "changes by itself before Mon 2026-03-02 18:00 UTC. It is the most urgent in "
        "the queue, and a person must look at it for 1 reason."
    )


def test_what_is_not_known_of_an_order_is_left_out() -> None:
    order = an_order(pickup=True)
    policy = compose(a_rule_set(), Classification(), order, MONDAY)

    first = explain(policy, Classification(), order)[0]

    assert first.startswith("A customer wants 1 unit of 1 SKU, to be collected")
    assert first.endswith("No segment holds it.")
    assert "None" not in first
