"""More orders than there is stock for, in a store, so that all is tried."""

from domain.order import Order
from domain.quantities import FcId, SkuId
from domain.warehousing import StockReport
from lanewise.loading import publish
from store import stock
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_center,
    a_line,
    a_network,
    a_place,
    a_rule_set,
    a_sku,
    an_order,
)

SKUS = "ABCDE"
PLACES = ("10001", "60601", "75201", "90012")


def crowd(orders: int = 18) -> list[Order]:
    """Build orders that want the same few units."""
    return [
        an_order(
            id=f"CROWD-{n}",
            ship_to=a_place(PLACES[n % len(PLACES)]),
            lines=tuple(
                a_line(SKUS[m], 1 + (n + m) % 2)
                for m in sorted({n % 5, (2 * n + 1) % 5, (3 * n + 2) % 5})
            ),
        )
        for n in range(orders)
    ]


def crowded(store: Store) -> Store:
    """Publish three centers that have a few units of everything."""
    places = {"ONE": "10001", "TWO": "60601", "THREE": "90012"}
    network = a_network(
        centers=tuple(
            a_center(
                id=fc,
                name=fc,
                place=a_place(code),
                capacity_lines=9,
                over_capacity_lines=9,
                over_capacity_cents_per_line=50,
            )
            for fc, code in places.items()
        )
    )
    publish(store, network, [a_sku(id=sku) for sku in SKUS], MONDAY, rules=a_rule_set())
    for n, fc in enumerate(places):
        on_hand = {SkuId(sku): 2 + (5 * n + 3 * m) % 7 for m, sku in enumerate(SKUS)}
        with store.writing() as session:
            stock.load(session, StockReport(fc=FcId(fc), as_of=MONDAY, on_hand=on_hand))
    return store
