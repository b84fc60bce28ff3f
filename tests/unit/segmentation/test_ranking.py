from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.history import Scores
from domain.quantities import SkuId
from segmentation.behavior import tell
from segmentation.ranking import CustomerSummary, scores
from tests.builders import MONDAY
from tests.unit.segmentation.histories import orders


def customers(*recency_days: float) -> list[CustomerSummary]:
    return [
        CustomerSummary(days, 10 * n, 1_000 * n) for n, days in enumerate(recency_days)
    ]


def goods(*units: int) -> dict[SkuId, int]:
    return {SkuId(f"S-{n}"): count for n, count in enumerate(units)}


def test_a_population_is_cut_into_fifths() -> None:
    found = scores(customers(*range(10)), {}, MONDAY)

    assert found == Scores(
        found_at=MONDAY,
        recency_days=(2, 4, 6, 8),
        orders_365d=(10, 30, 50, 70),
        money_365d_cents=(1_000, 3_000, 5_000, 7_000),
    )


def test_each_fifth_of_the_ranked_has_its_own_score() -> None:
    days = [3, 9, 15, 40, 80, 100, 120, 200, 250, 300]
    found = scores(customers(*days), {}, MONDAY)

    told = [tell(orders(day), found, MONDAY).values for day in days]
    ranked = [str(values["rfm_recency"]) for values in told]

    assert Counter(ranked) == dict.fromkeys("12345", 2)
    assert ranked == sorted(ranked, reverse=True)


def test_equals_are_never_parted() -> None:
    people = [CustomerSummary(1, 1, 0) for _ in range(9)] + [CustomerSummary(1, 7, 0)]

    assert scores(people, {}, MONDAY).orders_365d == (1, 1, 1, 1)


def test_fewer_than_five_customers_have_no_fifths() -> None:
    assert scores(customers(1, 2, 3, 4), {}, MONDAY) == Scores(found_at=MONDAY)


def test_the_skus_that_make_most_units_are_a_then_b() -> None:
    found = scores([], goods(50, 30, 10, 5, 3, 2, 0), MONDAY)

    assert (found.a_units, found.b_units) == (30, 5)


def test_the_sku_that_crosses_the_line_is_in_the_higher_class() -> None:
    found = scores([], goods(79, 2, 14, 1, 4), MONDAY)

    assert (found.a_units, found.b_units) == (14, 4)


def test_where_nothing_sold_there_are_no_classes() -> None:
    found = scores([], goods(0, 0), MONDAY)

    assert (found.a_units, found.b_units) == (None, None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
def test_a_skus_make_four_fifths_and_not_one_sku_is_spared(units: list[int]) -> None:
    found = scores([], goods(*units), MONDAY)

    if found.a_units is None:
        assert not any(units)
        return
    a = [n for n in units if n >= (found.a_units or 0)]
    without_least = sum(a) - min(a) * a.count(min(a))
    assert 10 * without_least < 8 * sum(units) <= 10 * sum(a)
