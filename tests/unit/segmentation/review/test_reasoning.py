"""What is claimed of rules by themselves holds for whatever facts come."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.segment import Fact
from segmentation.fact_table import SCHEMA
from segmentation.language.check import check
from segmentation.language.evaluate import holds
from segmentation.language.nodes import Node
from segmentation.language.render import render
from segmentation.review.ranges import ANY, Range
from segmentation.review.reading import bounds_of
from segmentation.review.reasoning import Cases, cases, settled
from tests.unit.segmentation.sentences import SMALL, facts, rules

BOUNDS = bounds_of(SCHEMA)


def looked_at(text: str) -> Cases:
    return cases(check(text, SCHEMA).tree, BOUNDS)


@pytest.mark.parametrize(
    "rule",
    [
        "units > 5 and units < 3",
        "5 > units > 5",
        "units >= 5 and not units > 4",
        "temperature > 'ambient' and temperature < 'chilled'",
        "temperature == 'frozen' and temperature == 'chilled'",
        "fragile and not fragile",
        "country == 'US' and country in ['CA', 'MX']",
        "not known(region) and region == 'IL'",
        "'flood' in hazard_kinds and not ('flood' in hazard_kinds)",
        "weight_g / units > 500 and 100 > weight_g / units",
        "heaviest_unit_g < weight_g and weight_g <= heaviest_unit_g",
        "units < 1",
        "hour_of_day > 23",
        "False and fragile",
    ],
)
def test_what_can_never_hold_is_seen(rule: str) -> None:
    assert looked_at(rule).never


@pytest.mark.parametrize(
    "rule",
    [
        "units > 5 or units <= 5",
        "not (fragile and not fragile)",
        "known(region) or not known(region)",
        "temperature >= 'ambient'",
        "weight_g >= 0",
        "units <= units",
    ],
)
def test_what_always_holds_is_seen(rule: str) -> None:
    assert looked_at(rule).always


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("units > 20", "units > 10"),
        ("units == 3", "units in [1, 2, 3]"),
        ("gift and fragile", "fragile or pickup"),
        ("temperature == 'frozen'", "temperature > 'ambient'"),
        ("region in ['IL']", "region != 'NY'"),
    ],
)
def test_one_rule_inside_another_is_seen(narrow: str, wide: str) -> None:
    assert looked_at(narrow).implies(looked_at(wide))
    assert not looked_at(wide).implies(looked_at(narrow))


def test_only_the_parts_that_are_settled_are_named() -> None:
    rule = check("gift or (units > 5 and units < 3)", SCHEMA)

    ((part, always),) = settled(rule.tree, BOUNDS)

    assert part == check("units > 5 and units < 3", SCHEMA).tree
    assert not always


def test_a_rule_of_too_many_cases_is_left_undecided() -> None:
    many = " and ".join(f"(units == {n} or lines == {n})" for n in range(12))

    assert looked_at(many).true is None or looked_at(many).never
    assert not looked_at(f"({many}) or gift").never


@settings(max_examples=60, deadline=None)
@given(tree=rules(), told=st.lists(facts(), min_size=1, max_size=8))
def test_no_facts_prove_a_claim_wrong(tree: Node, told: list[dict[str, Fact]]) -> None:
    rule = check(render(tree), SMALL).tree
    found = cases(rule, bounds_of(SMALL))

    verdicts = [holds(rule, each) for each in told]

    assert not (found.never and True in verdicts)
    assert not (found.always and False in verdicts)


@settings(max_examples=60, deadline=None)
@given(one=rules(), other=rules(), told=st.lists(facts(), min_size=1, max_size=8))
def test_no_facts_prove_what_is_said_of_two_rules_wrong(
    one: Node, other: Node, told: list[dict[str, Fact]]
) -> None:
    trees = [check(render(tree), SMALL).tree for tree in (one, other)]
    a, b = (cases(tree, bounds_of(SMALL)) for tree in trees)

    pairs = [tuple(holds(tree, each) for tree in trees) for each in told]

    assert not (a.implies(b) and (True, False) in pairs)
    assert not (a.excludes(b) and (True, True) in pairs)


BOUNDED = st.builds(
    lambda low, high, holes, only: (
        ANY.narrowed(*low).narrowed(*high).but(holes)
        if only is None
        else ANY.narrowed(*low).narrowed(*high).but(holes).among(only)
    ),
    st.tuples(st.sampled_from([">", ">="]), st.integers(-3, 3)),
    st.tuples(st.sampled_from(["<", "<="]), st.integers(-3, 3)),
    st.lists(st.integers(-3, 3), max_size=2),
    st.none() | st.lists(st.integers(-4, 4), max_size=3),
)


@settings(max_examples=100, deadline=None)
@given(one=BOUNDED, other=BOUNDED)
def test_ranges_are_apart_if_nothing_is_in_both(one: Range, other: Range) -> None:
    assert one.apart(other) == one.met(other).empty

    values = [n / 2 for n in range(-9, 10)]
    both = [v for v in values if one.holds(v) and other.holds(v)]
    assert not (both and one.apart(other))
