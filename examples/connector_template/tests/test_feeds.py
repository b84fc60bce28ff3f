"""Lanewise's conformance kit over the feed of alerts and the source of orders."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from nest import KEY as NEST_KEY
from nest import Nest
from nest_orders import mapping as nest_mapping
from serving import served
from watch import KEY as WATCH_KEY
from watch import Watch

from conformance import hazards, orders
from conformance.bench import HazardsBench, OrdersBench
from conformance.running import Check, Verdict, judge
from conformance.sample import Sample, hazards_bench, orders_bench
from connectors.connection import Connection
from domain.ordering import SourceStatus


def now() -> datetime:
    return datetime.now(UTC)


def connection(kind: str, provider: str, url: str, key: str) -> Connection:
    """Connect through the entry point, as an operator's settings would."""
    return Connection(
        name="feed", kind=kind, provider=provider, base_url=url, secret=key
    )


@pytest.fixture
def watch() -> Iterator[HazardsBench]:
    feed = Watch()
    with served(feed.answer, "X-Watch-Key", WATCH_KEY) as url:
        connected = connection("hazards", "hawk-watch", url, WATCH_KEY)
        yield replace(
            hazards_bench(connected, now, Sample(), "kit"),
            announce=feed.announce,
            withdraw=feed.withdraw,
            break_one=feed.break_one,
        )


@pytest.fixture
def nest() -> Iterator[OrdersBench]:
    shop = Nest()
    with served(shop.answer, "Authorization", f"Bearer {NEST_KEY}") as url:
        connected = connection("orders", "nest-orders", url, NEST_KEY)
        yield replace(
            orders_bench(connected, now, Sample(order="E-1"), "kit"),
            order=shop.order,
            broken=shop.break_one,
            taken=shop.count_taken,
            shipped=shop.count_sent,
        )


@pytest.mark.parametrize("check", hazards.CHECKS, ids=lambda check: check.name)
async def test_the_feed_behaves(
    watch: HazardsBench, check: Check[HazardsBench]
) -> None:
    result = await judge(check, watch)

    assert result.verdict is Verdict.PASSED, str(result)


@pytest.mark.parametrize("check", orders.CHECKS, ids=lambda check: check.name)
async def test_the_shop_behaves(nest: OrdersBench, check: Check[OrdersBench]) -> None:
    result = await judge(check, nest)

    assert result.verdict is Verdict.PASSED, str(result)


def test_an_order_is_read_and_a_broken_one_says_why() -> None:
    shop = Nest(names=["E-1", "E-2"], broken={"E-2"})

    page = nest_mapping.page_of(
        shop.answer("GET", "/eggs?after=0", None, "")[1], None, ""
    )

    good, bad = page.orders
    assert (good.source_id, good.status) == ("E-1", SourceStatus.OPEN)
    assert bad.order is None
    assert "lines" in bad.problem
