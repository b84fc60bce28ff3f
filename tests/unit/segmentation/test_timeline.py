"""Walks through time must find what looking at every second finds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.segment import Fact
from domain.subject import SubjectKind
from segmentation.classify import Rules
from segmentation.known import Facts
from segmentation.language.check import check
from segmentation.language.compile import fuse
from segmentation.timeline import Flip, flips, next_change
from tests.builders import MONDAY, a_rule_set, a_segment

ORDER = SubjectKind.ORDER
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
HORIZON_S = 40


@dataclass(frozen=True)
class World:
    """Facts that drift and step around a Monday morning."""

    placed_s: int = 0
    due_s: int = 10
    lines_from: tuple[tuple[int, int | None], ...] = ((0, 1),)
    wait_h: float = 1 / 256

    def look(self, now: datetime) -> Facts:
        at = (now - MONDAY) / SECOND
        values: dict[str, Fact] = {
            "hours_since_placed": round((at - self.placed_s) / 3600, 6),
            "hours_to_deliver_by": round((self.due_s - at) / 3600, 6),
            "promise_window_h": self.wait_h,
        }
        steps = {}
        for from_s, lines in self.lines_from:
            if from_s <= at:
                values["lines"] = lines
            elif "lines" not in steps:
                steps["lines"] = MONDAY + from_s * SECOND
        drifts = {"hours_since_placed": 1.0, "hours_to_deliver_by": -1.0}
        return Facts(values, drifts, steps)


def rules_of(*texts: str, **more: object) -> Rules:
    segments = (
        a_segment(id=f"s{n}", when=text, **more) for n, text in enumerate(texts)
    )
    return Rules(a_rule_set(*segments))


def brute(
    rules: Rules, world: World, until_s: int
) -> Iterator[tuple[datetime, int, int]]:
    before = rules.evaluate(ORDER, world.look(MONDAY))
    for n in range(1, until_s + 1):
        now = MONDAY + n * SECOND
        after = rules.evaluate(ORDER, world.look(now))
        if after != before:
            yield now, *after
        before = after


_seconds = st.integers(-30, 50)
_hours = st.one_of(
    _seconds.map(lambda s: f"{s / 3600!r}"),
    st.integers(-12, 12).map(lambda n: f"{n / 1024!r}"),
).filter(lambda text: "e" not in text)
_drifting = st.sampled_from(["hours_since_placed", "hours_to_deliver_by"])
_signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_factors = st.sampled_from([2, -3, "0.5"])


def _expressions() -> st.SearchStrategy[str]:
    linear = st.one_of(
        _drifting,
        st.builds(
            lambda f, n: f"{f} * {n}", _drifting, st.sampled_from([2, -3, "0.5"])
        ),
        st.builds(lambda f, n: f"{f} / {n}", _drifting, st.sampled_from([4, -2])),
        st.builds(lambda f: f"{f} - promise_window_h", _drifting),
        st.builds(lambda f: f"-{f}", _drifting),
        st.builds(lambda f: f"hours_since_placed - 3 * {f}", _drifting),
    )
    return st.one_of(
        linear,
        linear.map(lambda e: f"abs({e})"),
        st.builds(lambda a, b: f"min({a}, {b})", linear, linear),
        st.builds(lambda a, b: f"max({a}, abs({b}))", linear, linear),
    )


def _rules() -> st.SearchStrategy[str]:
    turning = st.builds(
        lambda e, op, h: f"{e} {op} {h}", _expressions(), _signs, _hours
    )
    inverse = st.builds(
        lambda op, n: f"promise_window_h / hours_to_deliver_by {op} {n}",
        _signs,
        st.integers(-3, 3),
    )
    stepping = st.builds(lambda op, n: f"lines {op} {n}", _signs, st.integers(0, 3))
    atom = turning | stepping | inverse
    return st.one_of(
        atom,
        st.builds(lambda a, b: f"{a} and {b}", atom, atom),
        st.builds(lambda a, b: f"{a} or not ({b})", atom, atom),
    )


_worlds = st.builds(
    World,
    placed_s=_seconds,
    due_s=_seconds,
    lines_from=st.lists(
        st.tuples(st.integers(0, 40), st.none() | st.integers(0, 3)), max_size=4
    ).map(lambda steps: tuple(sorted(steps, key=lambda step: step[0]))),
    wait_h=st.sampled_from([0.0, 1 / 256, 10 / 3600]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_rules(), min_size=1, max_size=3), _worlds)
def test_the_walk_finds_what_looking_at_every_second_finds(
    texts: list[str], world: World
) -> None:
    rules = rules_of(*texts)
    until = MONDAY + HORIZON_S * SECOND

    walk = flips(rules, ORDER, world.look, MONDAY, until)
    found = [(flip.at, flip.true, flip.unknown) for flip in walk]

    assert found == list(brute(rules, world, HORIZON_S))
    assert (walk.complete, walk.reached) == (True, until)


def first(text: str, world: World) -> Flip:
    return next(iter(flips(rules_of(text), ORDER, world.look, MONDAY)))


def test_a_strict_bound_turns_one_second_after_an_inclusive_one() -> None:
    world = World(placed_s=0)

    inclusive = first("hours_since_placed >= 48", world)
    strict = first("hours_since_placed > 48", world)

    assert inclusive.at == MONDAY + 48 * HOUR
    assert strict.at == MONDAY + 48 * HOUR + SECOND


def test_a_bound_between_two_seconds_turns_at_the_later_one() -> None:
    flip = first("hours_since_placed * 7 > 1", World())

    assert flip.at == MONDAY + 515 * SECOND


def test_a_walk_short_of_hops_says_how_far_it_came() -> None:
    world = World(lines_from=((0, 0), (10, 1), (20, 2), (30, 3)))
    walk = flips(rules_of("lines == 3"), ORDER, world.look, MONDAY, most=2)

    assert list(walk) == []
    assert (walk.complete, walk.reached) == (False, MONDAY + 20 * SECOND)


def test_facts_no_rule_reads_are_not_stopped_at() -> None:
    world = World(lines_from=((0, 0), (10, 1)))
    fused = fuse([check("hours_since_placed > 5", rules_of("gift").schema)])

    assert next_change(fused, world.look(MONDAY), MONDAY) == MONDAY + 5 * HOUR


def test_nothing_moving_never_changes() -> None:
    assert next_change(rules_of("lines > 1").fused, Facts({"lines": 1}), MONDAY) is None


def test_facts_beyond_all_measure_turn_nothing() -> None:
    facts: Mapping[str, Fact] = {"hours_since_placed": 10**400}
    told = Facts(facts, {"hours_since_placed": 1.0})

    assert next_change(rules_of("hours_since_placed > 5").fused, told, MONDAY) is None


def test_a_membership_ends_at_the_second_its_rule_does() -> None:
    world = World(due_s=7200)
    rules = rules_of("hours_to_deliver_by >= 1", "lines == 1")

    found = rules.classify(world.look(MONDAY), MONDAY, look=world.look)

    ends = [member.valid_until for member in found.memberships]
    assert ends == [MONDAY + HOUR + SECOND, None]
    assert found.valid_until == MONDAY + HOUR + SECOND


def test_a_classification_ends_also_where_a_segment_is_entered() -> None:
    world = World(due_s=7200)

    found = rules_of("hours_to_deliver_by < 1").classify(
        world.look(MONDAY), MONDAY, look=world.look
    )

    assert (found.memberships, found.valid_until) == ((), MONDAY + HOUR + SECOND)


def test_a_time_to_live_may_end_a_membership_before_its_rule_does() -> None:
    world = World(due_s=36_000)
    rules = rules_of("hours_to_deliver_by >= 1", ttl_h=2)

    found = rules.classify(world.look(MONDAY), MONDAY, look=world.look)

    assert found.memberships[0].valid_until == MONDAY + 2 * HOUR


def test_a_segment_in_force_for_a_while_flips_its_members_not_its_rule() -> None:
    rules = rules_of("lines == 1", valid_from=MONDAY + HOUR)

    [flip] = flips(rules, ORDER, World().look, MONDAY)

    assert (flip.at, flip.true_before, flip.true) == (MONDAY + HOUR, 1, 1)
    assert (flip.members_before, flip.members) == (0, 1)
