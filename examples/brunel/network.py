"""Derive the network and the catalog of this case from its CSV files.

Run ``python examples/brunel/network.py DATA OUT``: it writes ``network.json``,
``skus.jsonl`` and ``network-rejects.jsonl`` into OUT. The rules:

- a plant is a center if it has a capacity; rows about other plants are rejected;
- its capacity counts orders of the one day in the data, which is never extended;
- a plant with rows in VmiCustomers serves these customers only;
- a carrier's rates of one mode are one service; where several rows hold a
  weight, the cheapest counts, and a row that can never be the cheapest of its
  band is rejected;
- a band reaches to the hundredth of a kilogram above its stated end, but not
  past the beginning of the next band of the same offer;
- AIR costs max(minimum, rate × kg). A GROUND rate is the price of a truck that
  takes what its band says, shared by all orders of the day on the lane; the
  minimum, always more than the truck, has no meaning there.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from domain.network import (
    CarrierService,
    FulfillmentCenter,
    LaneRate,
    Network,
    ServiceMode,
    Vehicle,
)
from domain.quantities import Count, Dimensions, Edge, Place, SkuId
from domain.sku import Sku
from lanewise.importers.mapping import load_mappings
from lanewise.importers.records import read_records
from lanewise.importers.reject import Reject, write_rejects

HERE = Path(__file__).parent
COLLECTED_BY = "V44_3"
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
# Ends of bands are stated to the hundredth of a kilogram.
STATED_TO_G = 10

T = TypeVar("T", bound="TableRow")
P = TypeVar("P", bound="PlantRow")


class TableRow(Edge):
    """A row that remembers where it stands."""

    row: int


class PlantRow(TableRow):
    """A row about a plant."""

    plant: str


class Capacity(PlantRow):
    """How many orders a plant takes in a day."""

    orders: Count


class UnitCost(PlantRow):
    """What handling one unit costs at a plant."""

    millicents_per_unit: Count


class PlantPort(PlantRow):
    """A port at which a plant's lanes start."""

    port: str


class PlantProduct(PlantRow):
    """A product that is at a plant."""

    product: str


class PlantCustomer(PlantRow):
    """A customer whose goods a plant holds for them alone."""

    customer: str


class Rate(TableRow):
    """One row of the rate table; weights are in kilograms, as in the file."""

    carrier: str
    origin: str
    destination: str
    min_g: float
    max_g: float
    minimum_cents: Count
    rate_millicents_per_kg: Count
    mode: ServiceMode
    transit_h: int
    offer: str

    @property
    def lane(self) -> tuple[str, ...]:
        """Return what makes rows alternatives of each other, but for the weight."""
        return (
            *(self.carrier, self.origin, self.destination, self.mode),
            *(str(self.transit_h), self.offer),
        )

    @property
    def from_g(self) -> int:
        """Return the first weight of the band."""
        return _grams(self.min_g)

    @property
    def to_g(self) -> int:
        """Return the first weight beyond the band."""
        return _grams(self.max_g) + STATED_TO_G


def _grams(kilograms: float) -> int:
    exact = Decimal(str(kilograms)) * 1000
    return int(exact.to_integral_value(ROUND_CEILING))


class Tables:
    """The files of the case, with everything that was rejected on the way."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._mappings = load_mappings(HERE / "tables.yaml")
        self.rejects: list[Reject] = []
        self.capacity = {
            row.plant: row.orders for row in self.read("capacities", Capacity)
        }

    def read(self, name: str, model: type[T]) -> list[T]:
        """Read a table."""
        rows = list[T]()
        for row in read_records(self._data, self._mappings[name], model):
            if isinstance(row, Reject):
                self.rejects.append(row)
            else:
                rows.append(row)
        return rows

    def of_plants(self, name: str, model: type[P]) -> list[P]:
        """Read a table about plants; rows of one without a capacity are rejected."""
        rows = self.read(name, model)
        self.rejects += [
            Reject(
                file=self._mappings[name].source.path,
                row=row.row,
                field="plant",
                value=row.plant,
                problem="no row of WhCapacities.csv has it",
                remedy="add its capacity, or correct the plant",
                record=row.plant,
            )
            for row in rows
            if row.plant not in self.capacity
        ]
        return [row for row in rows if row.plant in self.capacity]


def build(data: Path) -> tuple[Network, list[Sku], list[Reject]]:
    """Build the network and the catalog, and list the rows that were rejected."""
    tables = Tables(data)
    products = tables.of_plants("products", PlantProduct)
    stocked: dict[SkuId, list[str]] = defaultdict(list)
    for row in products:
        stocked[SkuId(row.product)].append(row.plant)
    rates = tables.read("rates", Rate)
    kept, beaten = cheapest(rates)
    tables.rejects += beaten
    network = Network.model_validate(
        {
            "version": "one-day",
            "centers": tuple(_centers(tables)),
            "services": (*_services(kept), _collected()),
            "counts_stock": False,
            "stocked_at": {sku: tuple(sorted(at)) for sku, at in stocked.items()},
        }
    )
    return network, [_sku(sku) for sku in sorted(stocked)], tables.rejects


def _centers(tables: Tables) -> Iterable[FulfillmentCenter]:
    cost = {row.plant: row for row in tables.of_plants("costs", UnitCost)}
    ports: dict[str, list[str]] = defaultdict(list)
    for row in tables.of_plants("ports", PlantPort):
        ports[row.plant].append(row.port)
    only: dict[str, list[str]] = defaultdict(list)
    for vmi in tables.of_plants("vendor_managed", PlantCustomer):
        only[vmi.plant].append(vmi.customer)
    for plant, orders in sorted(tables.capacity.items()):
        yield FulfillmentCenter.model_validate(
            {
                "id": plant,
                "name": plant,
                "place": Place(country="ZZ", postal_code=ports[plant][0]),
                "weekdays": EVERY_DAY,
                "pickup_counter": True,
                "capacity_orders": orders,
                "handling_millicents_per_unit": cost[plant].millicents_per_unit,
                "processing_h": 0,
                "only_customers": tuple(only[plant]) if plant in only else None,
                "ports": tuple(ports[plant]),
            }
        )


def cheapest(rates: list[Rate]) -> tuple[list[Rate], list[Reject]]:
    """Leave out the rows of a band that another row of it never exceeds."""
    bands: dict[tuple[object, ...], list[Rate]] = defaultdict(list)
    for rate in rates:
        bands[(*rate.lane, rate.min_g, rate.max_g)].append(rate)
    kept: list[Rate] = []
    beaten: list[Reject] = []
    for band in bands.values():
        best: list[Rate] = []
        for rate in sorted(band, key=_price):
            rival = next((r for r in best if _never_dearer(r, rate)), None)
            if rival is None:
                best.append(rate)
            else:
                beaten.append(_beaten(rate, rival))
        kept += best
    return kept, beaten


def _price(rate: Rate) -> tuple[int, int]:
    minimum = 0 if rate.mode is ServiceMode.GROUND else rate.minimum_cents
    return minimum, rate.rate_millicents_per_kg


def _never_dearer(one: Rate, other: Rate) -> bool:
    return all(a <= b for a, b in zip(_price(one), _price(other), strict=True))


def _beaten(rate: Rate, by: Rate) -> Reject:
    band = f"{rate.min_g}-{rate.max_g} kg {rate.origin} to {rate.destination}"
    return Reject(
        file="FreightRates.csv",
        row=rate.row,
        field="rate",
        value=f"{rate.carrier} {band}: {_price(rate)}",
        problem=f"row {by.row} asks {_price(by)} for the same band of the same offer",
        remedy="remove the price that does not hold; the cheaper one counts",
        record=rate.carrier,
    )


def _services(rates: list[Rate]) -> Iterable[CarrierService]:
    by_service: dict[tuple[str, ServiceMode], list[Rate]] = defaultdict(list)
    for rate in rates:
        by_service[rate.carrier, rate.mode].append(rate)
    starts: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for rate in rates:
        starts[rate.lane].append(rate.from_g)
    for (carrier, mode), rows in sorted(by_service.items()):
        yield _service(carrier, mode, tuple(_lane(row, starts) for row in rows))


def _lane(rate: Rate, starts: dict[tuple[str, ...], list[int]]) -> LaneRate:
    later = [g for g in starts[rate.lane] if rate.from_g < g < rate.to_g]
    if rate.mode is ServiceMode.GROUND:
        # What others pay per kilogram is here paid per truck.
        truck = Vehicle(
            capacity_g=_grams(rate.max_g),
            cost_cents=rate.rate_millicents_per_kg // 1000,
        )
        return LaneRate(
            origin=rate.origin,
            destination=rate.destination,
            min_g=rate.from_g,
            max_g=rate.to_g,
            transit_h=rate.transit_h,
            vehicle=truck,
        )
    return LaneRate(
        origin=rate.origin,
        destination=rate.destination,
        min_g=rate.from_g,
        # A band that begins inside this one (not at its end) overlaps: both hold.
        max_g=min([g for g in later if g >= _grams(rate.max_g)], default=rate.to_g),
        minimum_cents=rate.minimum_cents,
        rate_millicents_per_kg=rate.rate_millicents_per_kg,
        transit_h=rate.transit_h,
    )


def _service(
    carrier: str, mode: ServiceMode, lanes: tuple[LaneRate, ...]
) -> CarrierService:
    heaviest_g = max(lane.max_g or 0 for lane in lanes)
    return CarrierService.model_validate(
        {
            "id": f"{carrier}-{mode}",
            "carrier": carrier,
            "name": f"{carrier} by {mode}",
            "mode": mode,
            "lanes": lanes,
            "working_days_only": False,
            "dim_divisor": None,
            "max_weight_g": heaviest_g,
            "damage_ppm": 0,
            "carbon_g_per_tonne_km": 0,
        }
    )


def _collected() -> CarrierService:
    return CarrierService.model_validate(
        {
            "id": f"{COLLECTED_BY}-pickup",
            "carrier": COLLECTED_BY,
            "name": "collected by the customer",
            "mode": ServiceMode.PICKUP,
            "dim_divisor": None,
            "max_weight_g": 1_000_000_000,
            "damage_ppm": 0,
        }
    )


def _sku(product: str) -> Sku:
    """Name a product; sizes and weights of single units are not in the data.

    Orders state their gross weight, which is what freight is paid for. The
    smallest size there is stands in for the unknown one; no rate here uses it.
    """
    size = Dimensions(length_mm=1, width_mm=1, height_mm=1)
    return Sku(id=SkuId(product), title=product, size=size, weight_g=1)


def write(data: Path, out: Path) -> None:
    """Write the network, the catalog and the rejects into a folder."""
    network, skus, rejects = build(data)
    out.mkdir(parents=True, exist_ok=True)
    (out / "network.json").write_text(network.model_dump_json(indent=1))
    lines = (sku.model_dump_json(exclude_defaults=True) + "\n" for sku in skus)
    (out / "skus.jsonl").write_text("".join(lines))
    count = write_rejects(out / "network-rejects.jsonl", rejects)
    Console(stderr=True).print(
        f"{len(network.centers)} centers, {len(network.services)} services, "
        f"{sum(len(s.lanes) for s in network.services)} rates, {len(skus)} SKUs; "
        f"{count} rows rejected"
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
