"""Build a world around consecutive real orders of a marketplace.

Run ``python examples/olist/world.py DATA OUT``: it writes ``orders.jsonl``,
``skus.jsonl``, ``network.json``, ``stock.csv`` and ``rejects.jsonl`` into OUT,
and prints the figures the README quotes.

Real: the orders, their items with sizes and weights, customers' and sellers'
places, dates, prices. Invented, with a fixed seed: how much of what is where,
second sources, carriers, rates, cartons, cutoffs, handling.
"""

import csv
import re
import shutil
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeVar

from pydantic import BaseModel
from rich.console import Console

from domain.network import FulfillmentCenter, Network
from domain.order import Order
from domain.quantities import Edge, FcId, Place, SkuId
from domain.sku import Sku
from lanewise.importers.document import load_yaml
from lanewise.importers.mapping import load_mapping, load_mappings
from lanewise.importers.orders import read_orders
from lanewise.importers.records import read_records
from lanewise.importers.reject import Reject, write_rejects

HERE = Path(__file__).parent
FROM = datetime(2018, 4, 2, 3, 0, tzinfo=UTC)
COUNT = 500
SEED = 2018
# One product in two is invented to lie in one or two of the largest centers too.
SECOND_SOURCE_CHANCE = 0.5
HUBS = 8

T = TypeVar("T", bound=BaseModel)


class Item(Edge):
    """One unit sold, with who sold it from where."""

    order: str
    product: str
    price_cents: int
    seller: str
    city: str
    state: str
    zip: str

    @property
    def fc(self) -> FcId:
        """Name the seller's city as a center, whatever its spelling."""
        plain = unicodedata.normalize("NFKD", self.city).encode("ascii", "ignore")
        words = re.findall(r"[a-z0-9]+", plain.decode().lower())
        return FcId("-".join([*words, self.state.lower()]))


class Centroid(Edge):
    """Where a zip code is."""

    zip: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class World:
    """What is written, and the figures that tell how real it is."""

    orders: list[Order]
    skus: list[Sku]
    network: Network
    stock: dict[tuple[FcId, SkuId], int]
    rejects: list[Reject]
    figures: dict[str, int]


class Map:
    """Zip centroids, and those of all zips that begin alike."""

    # Not every zip is in the list: its neighbors by number stand in for it.
    LENGTHS = (5, 3, 2)

    def __init__(self, centroids: Iterable[Centroid]) -> None:
        points: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for each in centroids:
            for length in self.LENGTHS:
                points[each.zip[:length]].append((each.latitude, each.longitude))
        self._middle = {code: _middle(at) for code, at in points.items()}

    def find(self, code: str) -> tuple[float, float] | None:
        """Return a zip's centroid, else that of its neighbors."""
        found = (self._middle.get(code[:length]) for length in self.LENGTHS)
        return next((point for point in found if point is not None), None)


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    count = len(points)
    return sum(p[0] for p in points) / count, sum(p[1] for p in points) / count


def build(data: Path) -> World:
    """Build the world of the example; equal data give an equal world."""
    rejects: list[Reject] = []
    tables = load_mappings(HERE / "tables.yaml")

    def table(name: str, model: type[T]) -> list[T]:
        rows = list(read_records(data, tables[name], model))
        rejects.extend(row for row in rows if isinstance(row, Reject))
        return [row for row in rows if not isinstance(row, Reject)]

    skus = {sku.id: sku for sku in table("products", Sku)}
    items = table("items", Item)
    zips = Map(table("zips", Centroid))
    orders = _consecutive(data, skus, rejects)
    exact = sum(order.ship_to.located for order in orders)
    orders = [_located(order, zips) for order in orders]
    wanted = {line.sku for order in orders for line in order.lines}
    sources = _sources(items, wanted)
    network = _network(items, sources, zips)
    placed = {center.id for center in network.centers if center.place.located}
    stock = _stock(orders, sources, placed)
    prices = {SkuId(item.product): item.price_cents for item in items}
    goods = [
        skus[sku].model_copy(update={"value_cents": prices[sku]})
        for sku in sorted(wanted)
    ]
    sellers = {(item.order, item.product): item.fc for item in items}
    return World(
        orders=[_with_source(order, sellers) for order in orders],
        skus=goods,
        network=network,
        stock=stock,
        rejects=rejects,
        figures={
            "orders": len(orders),
            "orders at their zip's own centroid": exact,
            "orders of several units": sum(order.units > 1 for order in orders),
            "SKUs": len(goods),
            "fulfillment centers": len(network.centers),
            "orders with a real choice of center": _choices(orders, sources),
            "orders with a choice, invented stock included": _choices(
                orders, _holders(stock)
            ),
            "rows rejected": len(rejects),
        },
    )


def _consecutive(
    data: Path, skus: dict[SkuId, Sku], rejects: list[Reject]
) -> list[Order]:
    """Take the first orders after an instant, by the time they were placed."""
    mapping = load_mapping(HERE / "orders.mapping.yaml")
    orders: list[Order] = []
    for row in read_orders(data, mapping, known_skus=skus):
        if isinstance(row, Reject):
            rejects.append(row)
        elif row.placed_at >= FROM:
            orders.append(row)
    return sorted(orders, key=lambda order: (order.placed_at, order.id))[:COUNT]


def _located(order: Order, zips: Map) -> Order:
    """Put an order whose zip is not in the list where its neighbors are."""
    point = zips.find(order.ship_to.postal_code)
    if order.ship_to.located or point is None:
        return order
    where = {"latitude": point[0], "longitude": point[1]}
    place = order.ship_to.model_copy(update=where)
    return order.model_copy(update={"ship_to": place})


def _with_source(order: Order, sellers: dict[tuple[str, str], FcId]) -> Order:
    """Note the city that really sent it, where one city sent all of it."""
    cities = {sellers[order.id, line.sku] for line in order.lines}
    if len(cities) > 1:
        return order
    return order.model_copy(update={"source_fc": cities.pop()})


def _sources(items: list[Item], wanted: set[SkuId]) -> dict[SkuId, set[FcId]]:
    """Find the cities that each product was really sold from, ever."""
    sources: dict[SkuId, set[FcId]] = defaultdict(set)
    for item in items:
        if SkuId(item.product) in wanted:
            sources[SkuId(item.product)].add(item.fc)
    return sources


def _network(items: list[Item], sources: dict[SkuId, set[FcId]], zips: Map) -> Network:
    cities = {fc for at in sources.values() for fc in at}
    sellers: dict[FcId, Counter[tuple[str, str, str]]] = defaultdict(Counter)
    for item in items:
        if item.fc in cities:
            sellers[item.fc][item.zip, item.city, item.state] += 1
    carriers = load_yaml((HERE / "carriers.yaml").read_text(encoding="utf-8"))
    cartons = [carton["id"] for carton in carriers["cartons"]]
    return Network.model_validate(
        {
            "version": "marketplace-1",
            "currency": "BRL",
            "centers": tuple(
                _center(fc, sellers[fc].most_common(1)[0][0], zips, cartons)
                for fc in sorted(cities)
            ),
            **carriers,
        }
    )


def _center(
    fc: FcId, seller: tuple[str, str, str], zips: Map, cartons: list[str]
) -> FulfillmentCenter:
    code, city, state = seller
    point = zips.find(code)
    where = {"latitude": point[0], "longitude": point[1]} if point else {}
    at = {"country": "BR", "postal_code": code, "region": state, "city": city[:80]}
    return FulfillmentCenter.model_validate(
        {
            "id": fc,
            "name": fc,
            "place": Place.model_validate(at | where),
            "time_zone": "America/Sao_Paulo",
            "pickups": [
                {"carrier": "VIA", "cutoff": "17:00"},
                {"carrier": "RODA", "cutoff": "18:30"},
            ],
            "handling_cents_per_parcel": 220,
            "handling_cents_per_line": 60,
            "processing_h": 12,
            "cartons": cartons,
        }
    )


def _stock(
    orders: list[Order], sources: dict[SkuId, set[FcId]], placed: set[FcId]
) -> dict[tuple[FcId, SkuId], int]:
    """Invent stock: enough at the real sources, and some in a hub or two.

    A hub is one of the cities from which most of the products are sold.
    """
    draw = Random(SEED)
    demand: Counter[SkuId] = Counter()
    for order in orders:
        demand.update({line.sku: line.units for line in order.lines})
    sold = Counter(fc for at in sources.values() for fc in at)
    hubs = sorted(fc for fc, _ in sold.most_common(HUBS))
    stock: dict[tuple[FcId, SkuId], int] = {}
    for sku in sorted(sources):
        for fc in sorted(sources[sku] & placed):
            stock[fc, sku] = demand[sku] + draw.randrange(1, 6)
        if draw.random() < SECOND_SOURCE_CHANCE:
            for fc in draw.sample(hubs, draw.choice((1, 2))):
                stock.setdefault((fc, sku), draw.randrange(1, demand[sku] + 4))
    return stock


def _holders(stock: dict[tuple[FcId, SkuId], int]) -> dict[SkuId, set[FcId]]:
    holders: dict[SkuId, set[FcId]] = defaultdict(set)
    for fc, sku in stock:
        holders[sku].add(fc)
    return holders


def _choices(orders: list[Order], sources: dict[SkuId, set[FcId]]) -> int:
    """Count orders of which at least two centers could each send everything."""
    return sum(
        len(set.intersection(*(sources[line.sku] for line in order.lines))) > 1
        for order in orders
    )


def write(data: Path, out: Path) -> None:
    """Write the world into a folder, and tell its figures."""
    world = build(data)
    out.mkdir(parents=True, exist_ok=True)
    _lines(out / "orders.jsonl", world.orders)
    _lines(out / "skus.jsonl", world.skus)
    (out / "network.json").write_text(world.network.model_dump_json(indent=1))
    with (out / "stock.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("fc", "sku", "units"))
        table.writerows((fc, sku, n) for (fc, sku), n in sorted(world.stock.items()))
    write_rejects(out / "rejects.jsonl", world.rejects)
    shutil.copy(Path(__file__).with_name("segments.yaml"), out)
    console = Console(stderr=True)
    for name, value in world.figures.items():
        console.print(f"{value:>6} {name}", highlight=False)


def _lines(path: Path, values: Iterable[BaseModel]) -> None:
    lines = (value.model_dump_json(exclude_defaults=True) + "\n" for value in values)
    path.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
