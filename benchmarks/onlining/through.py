"""The market as a network of ours: each order is decided by ``plan()`` itself.

A hundredth of a cent counts as a cent, so that costs per mile survive rounding.
Every center is a port with a lane to every city, priced per kilogram; every unit
weighs one. What opening a center costs is its handling of a parcel.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time

import numpy as np

from benchmarks.onlining import kernels
from benchmarks.onlining.forecast import TO_A_DOLLAR, resource_of
from benchmarks.onlining.market import Floats, Ints, Market
from benchmarks.onlining.policies import Day, legs, serve_priced
from domain.network import (
    CarrierService,
    Carton,
    FulfillmentCenter,
    LaneRate,
    Network,
    Pickup,
    ServiceMode,
)
from domain.order import Line, Order
from domain.plan import Plan
from domain.policy import Limits, Money, Policy
from domain.quantities import (
    CarrierId,
    CartonId,
    CustomerId,
    Dimensions,
    FcId,
    OrderId,
    Place,
    ServiceId,
    SkuId,
)
from domain.sku import Sku
from optimizer.bounds import MILLI
from optimizer.plan import plan
from optimizer.prices import Prices
from optimizer.problem import Effort, Problem, Task

AS_OF = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KILOGRAM, PLENTY = 1_000, 1_000_000
# Options are kept by cents, before prices: so many that the best under them is there.
OPTIONS = 512
# What roundings of all costs of an order may come to, in dollars.
A_CENT = 0.01
CARRIER, SERVICE, CARTON = CarrierId("ROAD"), ServiceId("ROAD"), CartonId("BOX")
POLICY = Policy(
    limits=Limits(max_centers=4), money=Money(late_cents_per_h=0, split_cents=0)
)


def ours_by_plan(day: Day) -> float:
    """Decide by ``plan()`` under the same prices, found anew at the same points."""
    desk, dollars = Desk(day.market), 0.0
    left = day.market.stock.copy()
    for some, price in legs(day, left):
        dollars += desk.serve(some, left, price)
    return dollars


def differing(day: Day, asked: int) -> int:
    """Count plans that cost more under the prices than the compiled rule's choice.

    Asked are the first orders after every fixed point, with what is left by then.
    """
    desk, left, wrong = Desk(day.market), day.market.stock.copy(), 0
    for some, price in legs(day, left):
        effort = effort_under(price)
        for n, arrival in enumerate(some[some >= 0][: asked // day.solves].tolist()):
            kind, city = divmod(arrival, day.market.cities)
            found = desk.decide(kind, city, left, effort, n)
            told = desk.dollars_under(kind, city, price, found)
            least = desk.least_under(kind, city, price, left)
            wrong += told > least + A_CENT
        serve_priced(day, price, left, some)
    return wrong


class Desk:
    """Serves orders of a market one by one, through the optimizer."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._network = _network(market)
        self._skus = {
            SkuId(f"ITEM-{n}"): Sku(
                id=SkuId(f"ITEM-{n}"),
                size=Dimensions(length_mm=50, width_mm=50, height_mm=50),
                weight_g=KILOGRAM,
            )
            for n in range(market.stock.shape[1])
        }

    def serve(self, arrivals: Ints, left: Ints, price: Floats) -> float:
        """Decide the orders in turn; what they take is taken off what is left."""
        effort, dollars = effort_under(price), 0.0
        for n, arrival in enumerate(arrivals[arrivals >= 0].tolist()):
            kind, city = divmod(arrival, self.market.cities)
            found = self.decide(kind, city, left, effort, n)
            dollars += kernels.settle(
                self.market.items[kind],
                city,
                left,
                self.market.unit,
                self.market.fixed,
                found,
            )
        return dollars

    def decide(self, kind: int, city: int, left: Ints, effort: Effort, n: int) -> Ints:
        """Ask for one order's plan; return the center of each of its items."""
        items = [i for i in self.market.items[kind].tolist() if i >= 0]
        lines = tuple(Line(sku=SkuId(f"ITEM-{i}"), units=1) for i in items)
        order = Order(
            id=OrderId(f"ORDER-{n}"),
            customer_id=CustomerId("SOMEBODY"),
            placed_at=AS_OF,
            ship_to=Place(postal_code=f"CITY-{city}"),
            lines=lines,
        )
        asked = Problem(
            as_of=AS_OF,
            network=self._network,
            skus=self._skus,
            tasks=(Task(order, lines, POLICY),),
            stock=_stock(left, items),
        )
        answer = plan(asked, effort).answers[0]
        assert isinstance(answer, Plan)
        center = {
            line.sku: int(parcel.fc.removeprefix("FC-"))
            for parcel in answer.parcels
            for line in parcel.lines
        }
        found = np.full(self.market.items.shape[1], -1, dtype=np.int64)
        found[: len(items)] = [center[line.sku] for line in lines]
        return found

    def dollars_under(self, kind: int, city: int, price: Floats, chosen: Ints) -> float:
        """Return what an order's centers cost, with what they take at its prices."""
        market = self.market
        items = market.items[kind]
        centers = chosen[items >= 0]
        owed = np.vstack([price, np.zeros((1, price.shape[1]))])
        each = market.unit[centers, city] + owed[centers, items[items >= 0]]
        return float(each.sum() + market.fixed[np.unique(centers)].sum())

    def least_under(self, kind: int, city: int, price: Floats, left: Ints) -> float:
        """Return the least that an order can cost under prices, by the kernel."""
        market, most = self.market, self.market.items.shape[1]
        room = np.zeros((3, market.centers + 2, most))
        found = np.zeros(most, dtype=np.int64)
        goods = market.items[kind]
        return float(
            kernels.cheapest(
                goods, city, left, market.unit, price, market.fixed, room, found
            )
        )


def effort_under(price: Floats) -> Effort:
    """Return the effort of deciding one order under prices."""
    return Effort(
        prices=prices_of(price),
        under_prices=True,
        alternatives=0,
        options_per_order=OPTIONS,
    )


def prices_of(price: Floats) -> Prices:
    """Name the prices of stock, in thousandths of what counts as a cent here."""
    return Prices(
        {
            resource_of(center, item): round(dollars * TO_A_DOLLAR * MILLI)
            for (center, item), dollars in np.ndenumerate(price)
            if dollars > 0
        }
    )


def _stock(left: Ints, items: Iterable[int]) -> dict[tuple[FcId, SkuId], int]:
    found = {}
    for item in items:
        sku = SkuId(f"ITEM-{item}")
        for center in range(len(left)):
            found[FcId(f"FC-{center}"), sku] = int(left[center, item])
        found[FcId(f"FC-{len(left)}"), sku] = PLENTY
    return found


def _network(market: Market) -> Network:
    side = Dimensions(length_mm=500, width_mm=400, height_mm=300)
    carton = Carton(id=CARTON, inner=side, outer=side, max_load_g=30 * KILOGRAM)
    lanes = tuple(
        LaneRate(
            origin=f"FC-{center}",
            destination=f"CITY-{city}",
            rate_millicents_per_kg=round(dollars * TO_A_DOLLAR) * MILLI,
        )
        for (center, city), dollars in np.ndenumerate(market.unit)
    )
    road = CarrierService(
        id=SERVICE,
        carrier=CARRIER,
        name="Road",
        mode=ServiceMode.GROUND,
        lanes=lanes,
        working_days_only=False,
        dim_divisor=None,
        damage_ppm=0,
        carbon_g_per_tonne_km=0,
    )
    return Network(
        version="market",
        centers=tuple(
            FulfillmentCenter(
                id=FcId(f"FC-{n}"),
                name=f"Center {n}",
                place=Place(postal_code=f"FC-{n}"),
                pickups=(Pickup(carrier=CARRIER, cutoff=time(18)),),
                handling_cents_per_parcel=round(fixed * TO_A_DOLLAR),
                cartons=(CARTON,),
                ports=(f"FC-{n}",),
            )
            for n, fixed in enumerate(market.fixed.tolist())
        ),
        services=(road,),
        cartons=(carton,),
    )
