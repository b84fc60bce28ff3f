"""Hot and freezing ways cost coolant and time; unknown weather changes nothing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.forecast import Forecast, HourlyBand, Outside
from domain.network import Carton
from domain.plan import CostTerm, Excluded, Parcel, Plan, Unplaced
from domain.quantities import SkuId
from domain.sku import TemperatureBand
from optimizer.plan import plan
from optimizer.problem import Problem
from tests.builders import (
    MONDAY,
    a_center,
    a_chilled_sku,
    a_line,
    a_network,
    a_place,
    a_problem,
    a_service,
    a_size,
    an_insulated_carton,
    an_order,
)
from tests.random_problems import a_random_problem, in_weather
from verification.verifier import verify

BAND = (TemperatureBand.AMBIENT, TemperatureBand.CHILLED)
# Rated at 28 °C: twenty degrees warmer than chilled goods are kept at most.
COOLER = an_insulated_carton(hold_h=72, coolant_cents_per_h=5, rated_at_tenths_c=280)
HOBOKEN, CHICAGO = a_place("07030"), a_place("60601")
# From Hoboken to Chicago it takes 60 hours at the 90th percentile.
HOURS = 60


def weather(least: int, most: int, hours: int = 200, start: datetime = MONDAY) -> Any:
    """Forecast the same for every hour."""
    return Forecast(
        hours=tuple(
            HourlyBand(
                at=start + timedelta(hours=n),
                least_tenths_c=least,
                most_tenths_c=most,
            )
            for n in range(hours)
        )
    )


def cheese(carton: Carton = COOLER, **more: Any) -> Problem:
    """Ask for chilled goods from Hoboken to Chicago, on a van that is not cold."""
    network = a_network(
        centers=(a_center(temperatures=BAND, cartons=(carton.id,)),),
        services=(a_service(),),
        cartons=(carton,),
    )
    order = an_order(lines=(a_line("CHEESE"),))
    skus = (a_chilled_sku(temperature=carton.temperature, shelf_life_h=None),)
    if carton.temperature is TemperatureBand.FROZEN:
        frozen = a_center(temperatures=tuple(TemperatureBand), cartons=(carton.id,))
        network = network.model_copy(update={"centers": (frozen,)})
    return a_problem(order, network=network, skus=skus, **more)


def sent(problem: Problem) -> Parcel:
    result = plan(problem)
    assert verify(problem, result) == ()
    (answer,) = result.answers
    assert isinstance(answer, Plan)
    return answer.parcels[0]


def refused(problem: Problem) -> Excluded:
    (answer,) = plan(problem).answers
    assert isinstance(answer, Unplaced)
    return answer.excluded[0]


def coolant(problem: Problem) -> int:
    return sent(problem).cost[CostTerm.COOLANT]


def test_as_warm_as_rated_coolant_costs_its_rate() -> None:
    here = cheese(weather={HOBOKEN: weather(280, 280), CHICAGO: weather(280, 280)})

    assert coolant(here) == 5 * HOURS


@pytest.mark.parametrize(
    ("degrees", "cents"), [(31, 345), (18, 150), (13, 75), (8, 75), (5, 75), (-8, 150)]
)
def test_coolant_costs_in_proportion_to_the_difference_outside(
    degrees: int, cents: int
) -> None:
    same = weather(degrees * 10, degrees * 10)

    assert coolant(cheese(weather={HOBOKEN: same, CHICAGO: same})) == cents


def test_the_worse_end_of_the_way_counts_hour_by_hour() -> None:
    cool, hot = weather(180, 180), weather(280, 280)
    first = replace_hours(hot, cool, 22, 22 + HOURS // 2)

    here = cheese(weather={HOBOKEN: cool, CHICAGO: first})

    assert coolant(here) == 5 * HOURS * 3 // 4


def replace_hours(base: Forecast, other: Forecast, start: int, end: int) -> Forecast:
    """Take some hours of another forecast."""
    hours = (*base.hours[:start], *other.hours[start:end], *base.hours[end:])
    return base.model_copy(update={"hours": hours})


def test_a_way_too_hot_for_its_carton_is_refused_with_hours_and_forecast() -> None:
    hot = {HOBOKEN: weather(240, 330), CHICAGO: weather(240, 330)}

    stopped = refused(cheese(weather=hot))

    assert stopped.limit == "cold-chain"
    assert stopped.why == (
        "60 h in transit at p90, the insulated carton keeps chilled for 57 "
        "in 24.0 to 33.0 °C forecast (72 at 28.0 °C)"
    )


def test_a_freezing_way_breaks_the_cold_chain_of_chilled_goods_too() -> None:
    frost = {HOBOKEN: weather(-260, -100), CHICAGO: weather(-100, -50)}

    assert "-26.0 to -5.0 °C" in refused(cheese(weather=frost)).why


def test_frozen_goods_need_no_keeping_from_frost() -> None:
    carton = an_insulated_carton(
        temperature=TemperatureBand.FROZEN, hold_h=61, rated_at_tenths_c=200
    )
    frost = weather(-260, -190)

    here = cheese(carton, weather={HOBOKEN: frost, CHICAGO: frost})

    # A quarter of the rated heat is reckoned with whatever the frost.
    assert coolant(here) == 5 * HOURS // 4


def test_a_mild_way_lets_a_carton_keep_for_longer_than_rated() -> None:
    mild, small = weather(100, 180), COOLER.model_copy(update={"hold_h": 40})

    assert refused(cheese(small)).why.endswith("keeps chilled for 40")
    assert sent(cheese(small, weather={HOBOKEN: mild, CHICAGO: mild}))


@pytest.mark.parametrize(
    "known",
    [
        {},
        {HOBOKEN: weather(400, 400)},
        {CHICAGO: weather(400, 400)},
        {HOBOKEN: weather(400, 400), CHICAGO: weather(400, 400, hours=40)},
        {HOBOKEN: Forecast(), CHICAGO: weather(400, 400)},
        {
            HOBOKEN: weather(400, 400, start=MONDAY + timedelta(days=1)),
            CHICAGO: weather(400, 400),
        },
    ],
)
def test_weather_not_known_for_all_hours_of_a_way_counts_as_rated(known: Any) -> None:
    parcel = sent(cheese(weather=known))

    assert parcel.cost[CostTerm.COOLANT] == 5 * HOURS
    assert parcel.outside is None


def test_a_carton_without_rating_keeps_whatever_the_weather() -> None:
    hot = {HOBOKEN: weather(400, 400), CHICAGO: weather(400, 400)}

    parcel = sent(cheese(an_insulated_carton(), weather=hot))

    assert parcel.cost[CostTerm.COOLANT] == 5 * HOURS


def test_a_parcel_says_which_weather_it_was_priced_by() -> None:
    known = {HOBOKEN: weather(100, 200), CHICAGO: weather(150, 260)}

    parcel = sent(cheese(weather=known))

    assert parcel.outside == Outside(least_tenths_c=100, most_tenths_c=260)


def test_heat_tips_the_choice_to_the_nearer_center() -> None:
    far = cheese(weather={HOBOKEN: weather(280, 280), CHICAGO: weather(280, 280)})
    near = a_center(
        id="NEAR",
        place=CHICAGO,
        temperatures=BAND,
        cartons=(COOLER.id,),
        handling_cents_per_parcel=650,
    )
    network = far.network.model_copy(update={"centers": (*far.network.centers, near)})
    both = replace(
        far, network=network, stock={**far.stock, (near.id, SkuId("CHEESE")): 1}
    )
    mild = dict.fromkeys((HOBOKEN, CHICAGO), weather(80, 130))

    chosen = [sent(each).fc for each in (both, replace(both, weather=mild))]

    assert chosen == ["NEAR", "EAST"]


def test_on_a_hot_way_goods_go_in_the_carton_that_keeps_longer() -> None:
    mild, hot = weather(80, 150), weather(240, 330)
    longer = COOLER.model_copy(
        update={"id": "COOL-XL", "hold_h": 96, "outer": a_size(460, 410, 360)}
    )
    here = cheese()
    center = here.network.centers[0].model_copy(
        update={"cartons": (COOLER.id, longer.id)}
    )
    both = {"centers": (center,), "cartons": (COOLER, longer)}
    here = replace(here, network=here.network.model_copy(update=both))

    chosen = [
        sent(replace(here, weather={HOBOKEN: sky, CHICAGO: sky})).cartons[0].carton
        for sky in (mild, hot)
    ]

    assert chosen == ["COOL-M", "COOL-XL"]


def test_a_carton_cannot_be_rated_at_what_it_has_to_keep() -> None:
    with pytest.raises(ValueError, match="not warmer than chilled goods are kept"):
        an_insulated_carton(rated_at_tenths_c=80)


@given(st.integers(0, 100_000))
@settings(max_examples=25, deadline=None)
def test_the_verifier_agrees_in_any_weather(seed: int) -> None:
    problem = in_weather(a_random_problem(seed), seed)

    assert verify(problem, plan(problem)) == ()


def test_the_verifier_sees_that_a_plan_was_made_for_other_weather() -> None:
    problem = cheese(weather=dict.fromkeys((HOBOKEN, CHICAGO), weather(180, 180)))
    result = plan(problem)

    hot = replace(problem, weather=dict.fromkeys((HOBOKEN, CHICAGO), weather(0, 400)))

    assert {each.rule for each in verify(hot, result)} == {"cold-chain", "cost coolant"}
