from domain.policy import Effects
from domain.quantities import SegmentId
from domain.segment import AttributeFact, RuleSet
from segmentation.difference import Change, Moved, difference
from segmentation.review.population import Count
from tests.builders import a_rule_set, a_segment


def both(before: RuleSet, after: RuleSet) -> dict[str, list[str]]:
    found = difference(before, after)
    return {
        name: [str(change) for change in changes] for name, changes in found.changed
    }


def test_a_rule_set_differs_in_nothing_from_itself() -> None:
    assert difference(a_rule_set(), a_rule_set(version="other")).empty


def test_segments_come_and_go_by_their_id() -> None:
    old, new, kept = (a_segment(id=name) for name in ("old", "new", "kept"))

    found = difference(a_rule_set(old, kept), a_rule_set(kept, new))

    assert (found.added, found.removed, found.changed) == ((new,), (old,), ())


def test_money_is_shown_as_money() -> None:
    before = a_rule_set(a_segment(effects=Effects(late_cents_per_h=350)))
    after = a_rule_set(a_segment(effects=Effects(split_cents=1250)))

    assert both(before, after) == {
        "urgent": [
            "effects.late_cents_per_h: $3.50 → –",
            "effects.split_cents: – → $12.50",
        ]
    }


def test_a_rule_is_shown_on_one_line_and_its_white_space_is_nothing() -> None:
    before = a_rule_set(a_segment(when="gift  and\n fragile"))
    same = a_rule_set(a_segment(when="gift and fragile"))
    after = a_rule_set(a_segment(when="gift or fragile"))

    assert both(before, same) == {}
    assert both(before, after) == {
        "urgent": ["when: gift and fragile → gift or fragile"]
    }


def test_every_field_of_a_segment_counts() -> None:
    changed = {"title": "Soon", "priority": 7, "ttl_h": 3, "owner": "bo", "why": "So."}

    found = difference(a_rule_set(a_segment()), a_rule_set(a_segment(**changed)))

    ((_, changes),) = found.changed
    assert {change.field for change in changes} == set(changed)


def test_the_base_and_the_vocabulary_are_compared() -> None:
    before = a_rule_set(attributes={"attr_dock": AttributeFact(type="boolean")})
    after = a_rule_set(base=Effects(signature=True), events={"pinged": "a ping"})

    found = difference(before, after)

    assert found.base == (Change("base.signature", "–", "yes"),)
    assert [change.field for change in found.vocabulary] == [
        "attributes.attr_dock",
        "events.pinged",
    ]


def test_who_moves_is_counted_on_one_history() -> None:
    name = SegmentId("a")
    before, after = {name: Count(reached=0b0111)}, {name: Count(reached=0b1110)}

    found = difference(a_rule_set(), a_rule_set(), (before, after))
    still = difference(a_rule_set(), a_rule_set(), (before, before))

    assert found.moved == ((name, Moved(before=3, after=3, gained=1, lost=1)),)
    assert still.moved == ()
