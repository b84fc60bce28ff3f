"""A world out of files, to run somebody's own orders through."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from domain.errors import InvalidRequest
from domain.quantities import FcId, SkuId
from lanewise.importers.catalog import read_skus, read_stock
from lanewise.importers.network import read_network
from lanewise.importers.orders import read_orders
from lanewise.importers.reject import Reject
from lanewise.world.seed import Seeded
from segmentation import ruleset

T = TypeVar("T")


def read_world(folder: Path, seed: int = 7) -> Seeded:
    """Read ``network.json``, ``skus.jsonl``, ``stock.csv`` and ``orders.jsonl``.

    Its segments are in ``segments.yaml``, if it has one. Its clock starts when
    the last order was placed. Stock counts are true.

    Raises
    ------
    InvalidRequest
        Naming the first row that is wrong.
    """
    network = read_network(folder / "network.json")
    skus = {sku.id: sku for sku in _good(read_skus(folder / "skus.jsonl"))}
    orders = tuple(_good(read_orders(folder / "orders.jsonl", known_skus=skus)))
    if not orders:
        msg = f"{folder / 'orders.jsonl'}: it holds no order"
        raise InvalidRequest(msg)
    rules = folder / "segments.yaml"
    stock: dict[FcId, dict[SkuId, int]] = {}
    for row in _good(read_stock(folder / "stock.csv")):
        stock.setdefault(row.fc, {})[row.sku] = row.units
    return Seeded(
        seed=seed,
        start=max(order.placed_at for order in orders),
        network=network,
        skus=skus,
        customers={},
        stock=stock,
        receipts=(),
        hazards=(),
        orders=orders,
        kinds={},
        rules=ruleset.load(rules) if rules.exists() else None,
        accuracy_permille=1000,
    )


def _good(items: Iterable[T | Reject]) -> Iterator[T]:
    for item in items:
        if isinstance(item, Reject):
            raise InvalidRequest(str(item))
        yield item
