import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import online
from benchmarks.onlining import kernels
from benchmarks.onlining.dlp import relax
from benchmarks.onlining.forecast import Forecast
from benchmarks.onlining.market import SIZES, Market, a_market, places_of
from benchmarks.onlining.policies import POLICIES, Day
from benchmarks.onlining.through import Desk, prices_of
from optimizer.problem import Effort

PUBLISHED = Path("../shared/data/ma2023")
MARKETS = ["--data", "nowhere", "--seeds", "1", "--sequences", "1", "--arrivals", "300"]
ASKED = ["--by-plan", "1", "--asked", "40"]


def a_small_market(arrivals: int = 600, seed: int = 0) -> Market:
    size = SIZES["small"].with_arrivals(arrivals)
    return a_market(size, places_of(size, None), seed)


def of_any_set(market: Market, kind: int, city: int, price: Any, stock: Any) -> float:
    """Try every set of centers, in plain Python."""
    items = [item for item in market.items[kind].tolist() if item >= 0]
    last, best = market.centers, float("inf")

    def cost(center: int, item: int) -> float:
        if center == last:
            return float(market.unit[last, city])
        if stock[center, item] <= 0:
            return float("inf")
        return float(market.unit[center, city] + price[center, item])

    for count in range(1, last + 2):
        for chosen in combinations(range(last + 1), count):
            fixed = sum(float(market.fixed[center]) for center in chosen)
            least = (min(cost(center, item) for center in chosen) for item in items)
            best = min(best, fixed + sum(least))
    return best


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file: Path = tmp_path_factory.mktemp("online") / "report.json"

    online.main(["--json", str(file), *MARKETS, *ASKED])

    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_every_policy_is_told_beside_the_linear_program(report: dict[str, Any]) -> None:
    ratio = {row["policy"]: row["ratio_to_dlp"] for row in report["rows"]}

    assert set(ratio) == {*POLICIES, "ours-by-plan"}
    assert report["places"] == "own"
    assert 1 < ratio["ours"] < min(ratio["dilate"], ratio["force-open"])
    assert ratio["dilate-rechoosing"] < ratio["dilate"]


def test_plan_itself_decides_what_the_compiled_rule_does(
    report: dict[str, Any],
) -> None:
    runs = {run["policy"]: run for run in report["runs"]}

    ours, by_plan = runs["ours"]["dollars"], runs["ours-by-plan"]["dollars"]

    assert by_plan == pytest.approx(ours, rel=1e-4)
    assert (report["plans_asked"], report["plans_differing"]) == (40, 0)


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_no_set_of_centers_is_cheaper_than_the_kernels(data: st.DataObject) -> None:
    market = a_small_market(seed=data.draw(st.integers(0, 5)))
    dice = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    price: Any = dice.uniform(0, 12, market.stock.shape)
    stock: Any = dice.integers(0, 2, market.stock.shape)
    kind, city = (int(dice.integers(n)) for n in (market.kinds, market.cities))
    found, room = np.zeros(5, dtype=np.int64), np.zeros((3, market.centers + 2, 5))
    goods, unit = market.items[kind], market.unit

    least = kernels.cheapest(goods, city, stock, unit, price, market.fixed, room, found)

    assert least == pytest.approx(of_any_set(market, kind, city, price, stock))


def test_what_is_out_of_stock_comes_from_where_everything_is() -> None:
    market = a_small_market()
    stock, found = np.zeros_like(market.stock), np.zeros(5, dtype=np.int64)
    last = market.centers

    dollars = kernels.settle(
        market.items[0], 0, stock, market.unit, market.fixed, found
    )

    assert dollars == pytest.approx(market.unit[last, 0] + market.fixed[last])
    assert (stock == 0).all()


def test_prices_of_the_engine_prove_more_than_the_linear_program() -> None:
    market = a_small_market(10_000)

    relaxed = relax(market)
    priced = Forecast(market).prices(market.arrivals, market.stock)

    assert relaxed.dollars * 0.999 < priced.bound < relaxed.dollars * 1.05


def test_shares_of_the_linear_program_are_whole_and_in_stock() -> None:
    market = a_small_market(10_000)

    relaxed = relax(market)

    wanted = market.items >= 0
    sums = relaxed.share.sum(axis=3)
    assert np.allclose(sums.transpose(0, 2, 1)[wanted], 1)
    taken = np.zeros(market.stock.shape)
    weight = market.arrivals * market.chance
    for (kind, place), item in np.ndenumerate(market.items):
        if item >= 0:
            taken[:, item] += weight[kind] @ relaxed.share[kind, :, place, :-1]
    assert (taken <= market.stock + 1e-6).all()


def test_a_plan_takes_nothing_from_where_nothing_is() -> None:
    market = a_small_market()
    left = market.stock.copy()
    left[0] = 0
    effort = Effort(
        prices=prices_of(np.ones(left.shape)), under_prices=True, alternatives=0
    )

    chosen = [Desk(market).decide(n, 0, left, effort, n) for n in range(10)]

    assert all((centers != 0).all() for centers in chosen)


def test_a_dearer_choice_than_the_kernels_is_told_from_it() -> None:
    market = a_small_market()
    desk, price = Desk(market), np.ones(market.stock.shape)
    far = np.where(market.items[7] >= 0, market.centers, -1)

    told = desk.dollars_under(7, 0, price, far)

    assert told > desk.least_under(7, 0, price, market.stock) + 1


def test_equal_seeds_see_equal_arrivals_and_pay_the_same() -> None:
    market = a_small_market()
    relaxed, arrivals = relax(market), market.arrivals_of(3)
    prices = Forecast(market).prices(market.arrivals, market.stock).dollars
    day = Day(market, relaxed, prices, arrivals, 3, 4)

    paid = [[serve(day) for serve in POLICIES.values()] for _ in range(2)]

    assert paid[0] == paid[1]
    assert (arrivals == a_small_market().arrivals_of(3)).all()


@pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason=f"the published places are not at {PUBLISHED}"
)
def test_the_published_places_are_read() -> None:
    small, large = (places_of(SIZES[name], PUBLISHED) for name in ("small", "large"))

    assert (len(small.cities), len(small.centers)) == (10, 5)
    assert (len(large.cities), len(large.centers)) == (99, 10)
    assert small.people[0] == 18_680_025
