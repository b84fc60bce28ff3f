"""A store with a network, goods and counted stock, as activities find it."""

import pytest

from domain.quantities import FcId, SkuId
from domain.warehousing import StockReport
from lanewise.loading import publish
from store import stock
from store.engine import Store
from tests.builders import MONDAY, a_rule_set, a_sku, two_centers
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MONDAY)


@pytest.fixture
def ledgers(sqlite_store: Store) -> Store:
    """A store of two centers: one lamp in EAST, none in WEST."""
    publish(sqlite_store, two_centers(), (a_sku(),), MONDAY, rules=a_rule_set())
    count(sqlite_store, "EAST", 1)
    count(sqlite_store, "WEST", 0)
    return sqlite_store


def count(store: Store, fc: str, lamps: int) -> None:
    report = StockReport(fc=FcId(fc), as_of=MONDAY, on_hand={SkuId("LAMP"): lamps})
    with store.writing() as session:
        stock.load(session, report)
