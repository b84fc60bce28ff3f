"""The choice among all shares: found, proven and made better."""

import os
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.closing import Closing
from optimizer.kernels import caching
from optimizer.kernels import menus as kernel
from optimizer.kernels.menus import NEVER
from optimizer.menus import Hall
from optimizer.meter import Meter
from optimizer.parcels import Ints
from optimizer.problem import Effort
from optimizer.proofs import proof_of
from optimizer.seating import Chosen, Seating
from optimizer.wave import Waved
from tests.unit.optimizer.halls import (
    a_hall,
    cost_of,
    least_by_trying,
    shares,
    takes,
)

seeds = st.integers(0, 10_000)
some = settings(max_examples=15, deadline=None)


def some_prices(hall: Hall, seed: int) -> Ints:
    chance = np.random.default_rng(seed)
    prices = chance.integers(0, 900_000, len(hall.rows))
    return prices * (chance.random(len(hall.rows)) < 0.6)


def answers(hall: Hall, prices: Ints) -> Ints:
    fixed, each = np.zeros((2, len(hall.menus.class_from) - 1), dtype=np.int64)
    kernel.classes_under(hall.menus, prices, fixed, each)
    best = np.zeros(hall.orders, dtype=np.int64)
    asked = (hall.menus, kernel.tops(), prices, fixed, each, NEVER, 0, hall.orders)
    kernel.answer(*asked, np.zeros_like(prices), best)
    return best


def waved(hall: Hall, seed: int = 0) -> Waved:
    effort = Effort(seed=seed)
    wave = Waved(hall, effort, Meter(effort))
    wave.greedy()
    wave.climb()
    return wave


def share_of(chosen: Chosen, order: int) -> tuple[tuple[int, int], ...]:
    size = int(chosen.size[order])
    pairs, ways = chosen.pairs[order, :size], chosen.ways[order, :size]
    return tuple(zip(pairs.tolist(), ways.tolist(), strict=True))


def a_closing(hall: Hall, wave: Waved, most: int) -> Closing:
    assert wave.proof is not None
    everybody = wave.chosen.served == len(hall.able)
    return Closing(hall, wave.chosen, wave.proof, most, most_served=everybody)


def recounted(hall: Hall, chosen: Chosen) -> tuple[int, Ints]:
    """Add up what a choice costs and takes, by none of the code that made it."""
    taken = np.zeros(len(hall.rows), dtype=np.int64)
    cost = 0
    for order in np.flatnonzero(chosen.size).tolist():
        share = share_of(chosen, order)
        assert share in set(shares(hall, order)) or sorted(share) in [
            sorted(other) for other in shares(hall, order)
        ]
        cost += cost_of(hall, order, share)
        taken += takes(hall, share)
    over = np.maximum(0, taken - hall.menus.limit) * hall.menus.beyond
    return cost + int(over.sum()), taken


def best_by_trying(hall: Hall) -> tuple[int, int]:
    """Return the most orders that can be served, and the least that costs."""
    menus, found = hall.menus, (0, 0)
    options = [[(), *shares(hall, order)] for order in range(hall.orders)]
    for tried in product(*options):
        taken = sum((takes(hall, s) for s in tried if s), np.zeros_like(menus.limit))
        if (taken <= menus.up_to).all():
            over = int((np.maximum(0, taken - menus.limit) * menus.beyond).sum())
            cost = sum(cost_of(hall, n, s) for n, s in enumerate(tried) if s)
            found = max(found, (sum(map(bool, tried)), -cost - over))
    return found[0], -found[1]


@some
@given(seed=seeds)
def test_an_order_finds_the_best_of_all_its_shares_under_prices(seed: int) -> None:
    hall = a_hall(6, seed)
    prices = some_prices(hall, seed)

    found = answers(hall, prices).tolist()

    tried = [least_by_trying(hall, order, prices) for order in range(hall.orders)]
    assert found == tried


@some
@given(seed=seeds)
def test_the_proof_finds_by_itself_what_the_search_found(seed: int) -> None:
    hall = a_hall(8, seed)
    prices = some_prices(hall, seed)

    proof = proof_of(hall, prices, 1_000_000)

    assert proof.best.tolist() == answers(hall, prices).tolist()


@some
@given(seed=seeds)
def test_a_choice_costs_and_takes_what_is_told_of_it(seed: int) -> None:
    hall = a_hall(12, seed, stock=5)

    chosen = waved(hall).chosen

    cost, taken = recounted(hall, chosen)
    assert cost == chosen.cost
    assert (taken <= hall.menus.up_to).all()


@settings(max_examples=8, deadline=None)
@given(seed=seeds, prices=seeds)
def test_no_choice_beats_the_bound_whatever_the_prices(seed: int, prices: int) -> None:
    hall = a_hall(2, seed, stock=1, work=3)
    served, cost = best_by_trying(hall)

    for reward in (1_000, 2_000_000, 10**9):
        proof = proof_of(hall, some_prices(hall, prices), reward)
        assert proof.cents(served) * 1000 <= cost + 999


@some
@given(seed=seeds)
def test_the_bound_is_never_above_the_choice(seed: int) -> None:
    wave = waved(a_hall(30, seed, stock=8, work=20))

    assert wave.proof is not None
    assert wave.proof.cents(wave.chosen.served) * 1000 <= wave.chosen.cost


def test_moving_serves_more_or_costs_less_than_taking_turns() -> None:
    hall = a_hall(40, 3, stock=9, work=30)
    seating = Seating(hall, Meter(Effort()))
    seating.construct(hall.able, np.zeros(len(hall.rows), dtype=np.int64))
    before = seating.best.value

    seating.improve(hall.able, np.zeros(len(hall.rows), dtype=np.int64))

    assert seating.best.value > before
    assert recounted(hall, seating.best)[0] == seating.best.cost


def test_the_same_seed_makes_the_same_choice() -> None:
    one, other = (waved(a_hall(30, 5, stock=8), seed=2).chosen for _ in range(2))

    assert one.value == other.value
    assert (one.ways == other.ways).all()


def test_work_that_is_cut_off_gives_the_choice_so_far() -> None:
    hall = a_hall(30, 5, stock=8)
    effort = Effort(work=4)
    wave = Waved(hall, effort, Meter(effort))
    wave.greedy()
    greedy = wave.chosen.value

    wave.climb()

    assert wave.chosen.value >= greedy > (0, 0)


@some
@given(seed=seeds)
def test_the_chosen_shares_are_among_those_that_come_near(seed: int) -> None:
    hall = a_hall(10, seed, stock=6, work=15)
    wave = waved(hall)
    assert wave.proof is not None

    closing = a_closing(hall, wave, 50_000)

    assert closing.whole
    again = closing.chosen(closing.known)
    assert again.value == wave.chosen.value


def test_too_many_shares_that_come_near_are_not_begun() -> None:
    hall = a_hall(10, 1, stock=6, work=15)
    wave = waved(hall)
    assert wave.proof is not None

    assert not a_closing(hall, wave, 3).whole


@some
@given(seed=seeds)
def test_the_likeliest_shares_have_the_chosen_ones_among_them(seed: int) -> None:
    hall = a_hall(10, seed, stock=6, work=15)
    wave = waved(hall)
    assert wave.proof is not None

    closing = a_closing(hall, wave, 40)

    assert closing.empty or closing.chosen(closing.known).value == wave.chosen.value


def test_a_changed_file_renews_what_calls_it(
    tmp_path: "os.PathLike[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    before = caching._stamp(kernel)
    copied = os.path.join(tmp_path, "menus.py")
    with open(copied, "w") as file:
        file.write("changed = True\n")
    monkeypatch.setattr(kernel, "__file__", copied)

    assert caching._stamp(kernel) != before
