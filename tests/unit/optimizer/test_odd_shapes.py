"""Waves of odd shapes keep every limit, and are never better than their bound."""

import pytest

from domain.plan import Plan
from optimizer.plan import plan
from optimizer.problem import Effort
from tests.odd_shapes import SHAPES, a_shape
from verification.verifier import verify

# No explanations: they are tested elsewhere.
EFFORT = Effort(alternatives=0)


@pytest.mark.parametrize("name", SHAPES)
def test_an_odd_wave_breaks_no_limit_and_stays_within_its_bounds(name: str) -> None:
    problem = a_shape(name, orders=16)

    result = plan(problem, EFFORT)

    record = result.record
    assert verify(problem, result) == ()
    assert record.bound_cents <= record.cost_cents
    served = sum(isinstance(answer, Plan) for answer in result.answers)
    assert served == record.served <= record.served_bound


def test_no_order_is_served_where_no_truck_takes_anything() -> None:
    result = plan(a_shape("no trucks", orders=8), EFFORT)

    assert result.record.served == 0


def test_a_sku_nobody_has_keeps_only_those_back_who_want_it() -> None:
    problem = a_shape("a SKU nobody has", orders=16)

    result = plan(problem, EFFORT)

    for task in problem.tasks:
        wants = any(line.sku == "S-00" for line in task.lines)
        assert not (wants and result.plan_of(task.order.id))
