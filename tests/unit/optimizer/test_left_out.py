"""Waves in which orders must be left out: how many, and what the others cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.generating import Asking
from optimizer.kernels.menus import NEVER
from optimizer.meter import Meter
from optimizer.plan import plan
from optimizer.problem import Effort
from optimizer.proofs import proof_of
from optimizer.reaching import reachable
from optimizer.wave import Waved
from tests.odd_shapes import a_shape
from tests.unit.optimizer.halls import a_hall
from tests.unit.optimizer.test_waves import best_by_trying

USUAL = Effort(alternatives=0)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_more_are_served_than_can_be_and_at_no_less(seed: int) -> None:
    hall = a_hall(2, seed, stock=1, work=3)
    served, cost = best_by_trying(hall)
    waved = Waved(hall, USUAL, Meter(USUAL))
    waved.greedy()
    waved.climb()
    assert waved.proof is not None

    asking = Asking(hall, waved.proof, Meter(USUAL))
    asking.climb(waved.chosen, None)

    assert served <= reachable(hall, waved.chosen.served, 60, Meter(USUAL))
    assert asking.proof.cents(served) * 1_000 <= cost + 999


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_program_of_all_shares_proves_more_than_the_climb(seed: int) -> None:
    hall = a_hall(40, seed, stock=4, work=12)
    waved = Waved(hall, USUAL, Meter(USUAL))
    waved.greedy()
    waved.climb()
    chosen, proof = waved.chosen, waved.proof
    assert proof is not None
    assert chosen.served < len(hall.able)

    asking = Asking(hall, proof, Meter(USUAL))
    asking.climb(chosen, None)

    bound = asking.proof.cents(chosen.served)
    assert proof.cents(chosen.served) <= bound <= chosen.cost // 1_000
    again = proof_of(hall, asking.proof.prices, asking.proof.reward)
    assert again.cents(chosen.served) == bound


def test_how_many_can_be_served_is_proven_where_units_are_short() -> None:
    record = plan(a_shape("one unit each, all wanted", orders=60), USUAL).record

    assert record.served == record.served_bound < record.orders


def test_everybody_is_within_reach_where_everybody_is_served() -> None:
    hall = a_hall(3, 1, stock=9, work=30)
    able = int((hall.least < NEVER).sum())

    assert reachable(hall, able, 60, Meter(USUAL)) == able
    assert np.array_equal(hall.able, np.arange(able))
