"""The rungs of the joint choice, each on its own and against what is certain."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.plan import Rung
from optimizer.ascent import Ascent, named
from optimizer.bounds import fair_reward_cents, lagrangian
from optimizer.contest import Contest, Ints
from optimizer.joint import State, joint
from optimizer.meter import Meter
from optimizer.priced import Priced
from optimizer.problem import Effort
from optimizer.search import Search
from tests.unit.optimizer.contests import (
    Column,
    a_contest,
    a_crowded_contest,
    a_row,
    best_by_trying,
)
from tests.unit.optimizer.plain_greedy import polished_in_turn

NO_SOLVER = 0.01


def same(one: State, other: State) -> bool:
    return np.array_equal(one.chosen, other.chosen) and replace(
        one, chosen=other.chosen
    ) == replace(other, chosen=other.chosen)


def served(state: State) -> int:
    return int((state.chosen >= 0).sum())


@st.composite
def small_contests(draw: st.DrawFn) -> Contest:
    rows = [
        a_row(n, draw(st.integers(0, 4)), draw(st.integers(0, 2)), 7) for n in range(3)
    ]
    columns: st.SearchStrategy[Column] = st.tuples(
        st.integers(1, 300),
        st.dictionaries(st.integers(0, 2), st.integers(1, 3), max_size=3),
    )
    sizes = st.lists(columns, min_size=1, max_size=3)
    return a_contest(draw(st.lists(sizes, min_size=1, max_size=5)), rows)


@settings(max_examples=120, deadline=None)
@given(small_contests(), st.sampled_from((0.0, NO_SOLVER, 5.0)), st.integers(0, 3))
def test_a_choice_is_possible_never_below_its_bound_and_best_where_proven(
    contest: Contest, work: float, seed: int
) -> None:
    if contest.orders == 0:
        return
    most, least_cents = best_by_trying(contest)

    state = joint(contest, Effort(solver_work=work, seed=seed))

    cents = contest.cost(state.chosen)
    assert contest.feasible(state.chosen)
    assert served(state) <= most <= state.served_bound
    assert state.bound_cents <= cents
    if served(state) == most:
        assert state.bound_cents <= least_cents <= cents
    if state.rung in (Rung.DIRECT, Rung.EXACT):
        assert (served(state), cents) == (most, least_cents)
    if work == 5.0:
        assert state.rung in (Rung.DIRECT, Rung.EXACT)


@settings(max_examples=60, deadline=None)
@given(small_contests(), st.lists(st.integers(-50_000, 400_000), min_size=3))
def test_no_prices_prove_more_than_is_true(
    contest: Contest, millicents: list[int]
) -> None:
    if contest.orders == 0:
        return
    most, least_cents = best_by_trying(contest)
    prices = np.array(millicents[:3], dtype=np.int64)

    full = lagrangian(contest, prices)
    fair = lagrangian(contest, prices, fair_reward_cents(contest))

    assert full.served >= most
    assert full.cents(most) <= least_cents
    assert fair.cents(most) <= least_cents


@pytest.mark.parametrize("seed", range(4))
def test_what_the_search_says_is_taken_and_paid_is_what_the_choice_takes(
    seed: int,
) -> None:
    contest = a_crowded_contest(80, seed, supply=1.5)
    search = Search(contest, seed)
    turns, nothing = np.arange(80), np.zeros(len(contest.rows), dtype=np.int64)
    search.construct(turns, nothing)
    before = search.objective(search.chosen)
    seen = [before]
    for _ in range(3):
        search.improve(turns)
        search.shake(turns, 100.0, 200)
        seen.append(search.objective(search.chosen))

    search.resume()

    assert seen == sorted(seen, reverse=True)
    assert seen[-1] < before
    assert contest.feasible(search.chosen)
    assert np.array_equal(search.taken, contest.usage(search.chosen))


@pytest.mark.parametrize("supply", [1.2, 2.0, 4.0])
@pytest.mark.parametrize("seed", range(3))
def test_prices_are_never_worse_than_taking_turns_and_mending_that(
    supply: float, seed: int
) -> None:
    contest = a_crowded_contest(120, seed, supply=supply)
    mended = polished_in_turn(contest)
    priced = Priced(contest, Effort(), Meter(Effort()))
    priced.greedy()
    priced.climb()

    found = priced.search.chosen

    def judged(chosen: Ints) -> tuple[int, int]:
        return -int((chosen >= 0).sum()), contest.cost(chosen)

    assert judged(found) <= judged(mended)


def test_equal_seeds_choose_alike_and_the_seed_is_heeded() -> None:
    contest = a_crowded_contest(150, 1, supply=1.5)
    effort = Effort(solver_work=NO_SOLVER)

    states = [joint(contest, replace(effort, seed=seed)) for seed in (0, 0, 1)]

    assert same(states[0], states[1])
    assert states[2].work != states[0].work


def test_work_allowed_as_told_stops_at_the_same_choice() -> None:
    contest = a_crowded_contest(150, 2, supply=1.5)
    whole = joint(contest, Effort(solver_work=NO_SOLVER))
    for part in (0, 1, whole.work // 10, whole.work // 2):
        cut = joint(contest, Effort(solver_work=NO_SOLVER, work=part))

        again = joint(contest, Effort(solver_work=NO_SOLVER, work=cut.work))

        assert same(cut, again)
        assert part <= cut.work <= whole.work
        assert contest.feasible(cut.chosen)


def test_prices_of_the_last_wave_need_fewer_steps_to_as_high_a_bound() -> None:
    contest = a_crowded_contest(200, 3, supply=2.0)
    reward = fair_reward_cents(contest)
    chosen = joint(contest, Effort(solver_work=NO_SOLVER)).chosen
    upper = contest.cost(chosen) + reward * int((chosen < 0).sum())
    nothing = np.zeros(len(contest.rows), dtype=np.int64)
    cold = Ascent(contest, reward, nothing)
    cold.ascend(upper, 200)
    warm = Ascent(contest, reward, cold.prices_millicents)
    few = Ascent(contest, reward, nothing)

    warm.ascend(upper, 10)
    few.ascend(upper, 10)

    reached, unreached = (
        lagrangian(contest, ascent.prices_millicents, reward).total_millicents
        for ascent in (warm, few)
    )
    best = lagrangian(contest, cold.prices_millicents, reward).total_millicents
    assert unreached < best <= reached


def test_a_wave_with_known_prices_chooses_under_them_even_without_work() -> None:
    # The first in line would take the only unit that the second cannot do without.
    contest = a_contest(
        [[(100, {0: 1}), (110, {})], [(100, {0: 1}), (900, {})]], [a_row(0, 1)]
    )
    known = named(contest.rows, np.array([50_000], dtype=np.int64))

    cold = joint(contest, Effort(solver_work=0.0))
    warm = joint(contest, Effort(solver_work=0.0, prices=known))

    assert contest.cost(cold.chosen) == 1_000
    assert contest.cost(warm.chosen) == 210
    assert joint(contest, Effort()).prices.of(contest.rows[0].resource) > 0
