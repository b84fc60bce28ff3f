"""Every warning has a file that brings it up, and one beside it that does not."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.segment import Fact
from domain.subject import SubjectKind
from segmentation import ruleset
from segmentation.lint import Against, lint
from segmentation.review.finding import Level
from segmentation.window import Window
from tests.builders import two_centers
from tests.unit.segmentation.review.files import (
    NOW,
    a_file,
    a_history,
    a_part,
    found,
)

Facts = dict[str, Fact]


@dataclass(frozen=True)
class Case:
    """What brings a warning up, what does not, on which history."""

    code: str
    odd: str
    sound: str
    history: tuple[Facts, ...] = ()
    against: dict[str, Any] = field(default_factory=dict)


def one(**said: Any) -> str:
    return a_file(a_part(**said))


def two(first: dict[str, Any], second: dict[str, Any]) -> str:
    return a_file(a_part("one", **first), a_part("two", **second))


LIGHT: Facts = {"units": 1, "fragile": False, "gift": False}
HEAVY: Facts = {"units": 50, "fragile": True, "gift": True}
MIXED = (LIGHT,) * 6 + (HEAVY,) * 6
NO_AIR = {"blocked_modes": ["air"]}

CASES = (
    Case("never-true", one(when="units > 5 and units < 3"), one(when="3 < units < 5")),
    Case(
        "never-true",
        one(when="fragile or (region == 'IL' and region == 'NY')"),
        one(when="fragile or (region == 'IL' and country == 'US')"),
    ),
    Case(
        "always-true",
        one(when="units > 5 or units <= 5"),
        one(when="units > 5 or gift"),
    ),
    Case(
        "no-end",
        one(when="hazard_severity >= 'severe'"),
        one(when="hazard_severity >= 'severe'", ttl_h=48),
    ),
    Case("no-end", one(when="peak"), one(when="peak", ttl_h=48)),
    Case(
        "no-end",
        one(when="events('complained', within='7d') >= 1"),
        one(when="events('complained', within='7d') >= 1", ttl_h=48),
    ),
    Case("invalid", one(origin="mined"), one(origin="mined", members=40)),
    Case("no-owner", one(owner=None), one()),
    Case("no-why", one(why=None), one()),
    Case("no-effects", one(effects=None), one()),
    Case(
        "expired",
        one(valid_until="2026-01-01T00:00:00Z"),
        one(valid_until="2027-01-01T00:00:00Z"),
    ),
    Case(
        "too-many-active",
        two({"when": "gift"}, {"when": "fragile"}),
        two({"when": "gift"}, {"when": "fragile", "status": "draft"}),
        against={"most_active": 1},
    ),
    Case(
        "duplicate",
        two({"when": "gift and fragile"}, {"when": "fragile and gift"}),
        two({"when": "gift and fragile"}, {"when": "fragile or gift"}),
    ),
    Case(
        "subsumed",
        two({"when": "units > 10"}, {"when": "units > 20"}),
        two({"when": "units > 10"}, {"when": "units < 20"}),
    ),
    Case(
        "subsumed",
        two({"when": "units >= 50"}, {"when": "fragile"}),
        two(
            {"when": "units >= 50"},
            {"when": "fragile", "effects": {"late_cents_per_h": 9}},
        ),
        history=(LIGHT, HEAVY, LIGHT | {"fragile": True}),
    ),
    Case(
        "near-duplicate",
        two({"when": "units >= 50"}, {"when": "fragile"}),
        two({"when": "units >= 50"}, {"when": "fragile or units == 1"}),
        history=MIXED,
    ),
    Case(
        "contradiction",
        two(
            {"when": "gift", "effects": {"signature": True}},
            {"when": "fragile", "effects": {"signature": False}},
        ),
        two(
            {"when": "gift", "effects": {"signature": True}, "priority": 5},
            {"when": "fragile", "effects": {"signature": False}},
        ),
    ),
    Case(
        "contradiction",
        two(
            {"when": "gift", "effects": {"allowed_carriers": ["SWIFT"]}},
            {"when": "fragile", "effects": {"blocked_carriers": ["SWIFT"]}},
        ),
        two(
            {"when": "units > 9", "effects": {"allowed_carriers": ["SWIFT"]}},
            {"when": "units < 5", "effects": {"blocked_carriers": ["SWIFT"]}},
        ),
    ),
    Case(
        "not-in-network",
        one(effects={"blocked_centers": ["EASTT"]}),
        one(effects={"blocked_centers": ["EAST"]}),
        against={"network": two_centers()},
    ),
    Case(
        "often-unknown",
        one(when="units > 9 or fragile"),
        one(when="units > 9 or (known(fragile) and fragile)"),
        history=({"units": 1}, {"units": 10}),
    ),
    Case("never-on-history", one(when="units > 99"), one(when="units > 9"), MIXED),
    Case("always-on-history", one(when="units < 99"), one(when="units < 9"), MIXED),
    Case(
        "too-small",
        one(when="fragile"),
        one(when="gift"),
        (LIGHT,) * 20
        + (LIGHT | {"fragile": True},) * 4
        + (LIGHT | {"gift": True},) * 5,
    ),
    Case(
        "no-effect-on-history",
        two(
            {"when": "units > 9", "effects": NO_AIR},
            {"when": "fragile or gift", "effects": NO_AIR},
        ),
        two(
            {"when": "units > 9", "effects": NO_AIR},
            {"when": "fragile or gift", "effects": {"signature": True}},
        ),
        history=MIXED,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_what_is_odd_is_found_and_what_is_not_is_left_alone(case: Case) -> None:
    history = a_history(*case.history)

    odd = found(case.odd, history, **case.against)
    sound = found(case.sound, history, **case.against)

    assert case.code in odd
    assert odd[case.code].hint
    assert case.code not in sound


def test_a_sound_file_has_no_findings() -> None:
    assert found(one()) == {}


def test_the_starter_set_has_no_findings() -> None:
    assert lint(ruleset.dump(ruleset.starter()), Against(NOW)).findings == ()


def test_mistakes_are_errors_at_their_place() -> None:
    review = lint(
        "version: v1\nsegments:\n  - id: a\n    title: A\n    when: fragil\n",
        Against(NOW),
    )

    (error,) = review.findings
    assert (error.level, error.line, error.column) == (Level.ERROR, 5, 11)
    assert error.hint == "did you mean 'fragile'?"
    assert not review.sound


def test_a_finding_points_into_the_rule() -> None:
    text = one(when="fragile or (units > 5 and units < 3)")
    line = text.splitlines().index("  when: fragile or (units > 5 and units < 3)") + 1

    finding = found(text)["never-true"]

    assert (finding.line, finding.column) == (line, 21)
    assert "'units > 5 and units < 3'" in finding.message


def test_names_the_network_lacks_come_with_the_likely_one() -> None:
    text = one(effects={"blocked_centers": ["EASTT"]})

    finding = found(text, network=two_centers())["not-in-network"]

    assert finding.hint == "did you mean 'EAST'?"


def test_doubles_name_each_other() -> None:
    finding = found(two({"when": "gift"}, {"when": "gift"}))["duplicate"]

    assert (finding.segment, finding.others) == ("two", ("one",))


def test_retired_segments_are_left_alone() -> None:
    text = two({"when": "gift"}, {"when": "gift", "status": "retired", "owner": None})

    assert found(text) == {}


def test_segments_on_customers_are_held_against_customers() -> None:
    rule = "events('order_placed', within='7d') >= 3"
    week = Window("events", "order_placed", SubjectKind.CUSTOMER, (), 7 * 86_400)
    rare: Facts = {week.key: 1}
    told: list[Facts] = [{week.key: 4}, *[rare] * 11]

    finding = found(one(on="customer", when=rule), a_history(*told, customer=True))

    assert "only 1 of 12 customers" in finding["too-small"].message
    assert "events(" in finding["no-end"].message
