"""Two hundred orders of all kinds: who asks for what, where and by when."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import combinations
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from domain.customer import Tier
from domain.hazard import Hazard, great_circle_km
from domain.network import FulfillmentCenter
from domain.order import Line, Order, ServiceLevel
from domain.quantities import FcId, OrderId, Place, SkuId
from domain.sku import Sku
from lanewise.world.geography import City, pick_place, time_zone
from lanewise.world.people import OFFSHORE, Person

Shelves = Mapping[FcId, Mapping[SkuId, int]]

NEAR_KM = 38
COUNTER_KM = 70
# Working days until the customer was told the goods would come.
PROMISE_DAYS = {
    ServiceLevel.OVERNIGHT: 1,
    ServiceLevel.EXPEDITED: 2,
    ServiceLevel.STANDARD: 6,
    ServiceLevel.ECONOMY: 9,
}

_S = ServiceLevel
_EVERYDAY = ("apparel", "footwear", "books", "toys", "cosmetics", "sports", "homeware")
_DRY = (*_EVERYDAY, "grocery", "pharmacy")
_BULK = ("beverages", "office", "pet-food", "grocery")


@dataclass(frozen=True, slots=True)
class Wish:
    """A kind of order: its share of all, and what is asked for.

    ``where`` is the customer's home, or near a ``center`` or ``counter``, in
    the ``storm``, or ``offshore``. ``promised`` is the percentage of orders
    that carry a deliver-by.
    """

    kind: str
    share: int
    categories: tuple[str, ...]
    lines: tuple[int, int] = (1, 2)
    units: tuple[int, int] = (1, 2)
    levels: tuple[ServiceLevel, ...] = (_S.STANDARD,)
    who: str = "consumer"
    where: str = "home"
    promised: int = 55
    extra: tuple[str, ...] = ()
    flags: Mapping[str, Any] = field(default_factory=dict)


WISHES = (
    Wish(
        *("everyday", 50, _DRY, (1, 3), (1, 2), (_S.STANDARD, _S.STANDARD, _S.ECONOMY))
    ),
    Wish(
        *("urgent", 18, (*_DRY, "electronics"), (1, 2), (1, 2)),
        levels=(_S.OVERNIGHT, _S.EXPEDITED),
        promised=100,
    ),
    Wish(
        *("perishable", 20, ("grocery-chilled", "pharmacy-chilled"), (1, 3), (1, 4)),
        levels=(_S.EXPEDITED, _S.EXPEDITED, _S.OVERNIGHT),
        promised=100,
    ),
    Wish(
        *("frozen", 12, ("frozen-food",), (1, 3), (1, 4), (_S.EXPEDITED,)), promised=100
    ),
    Wish(
        *("bulk", 14, _BULK, (1, 3), (60, 240)),
        who="business",
        promised=70,
        flags={"channel": "b2b", "residential": False},
    ),
    Wish(
        *("vip", 10, (*_EVERYDAY, "jewelry"), (1, 3), (1, 2)),
        levels=(_S.EXPEDITED, _S.STANDARD),
        who="vip",
        promised=100,
        flags={"gift": True},
    ),
    Wish("fragile", 14, ("homeware", "electronics"), (1, 3)),
    Wish(
        *("high-value", 12, ("jewelry", "computers"), (1, 1), (1, 1)),
        levels=(_S.STANDARD, _S.EXPEDITED),
        promised=100,
        flags={"signature": True},
    ),
    Wish("hazmat", 10, ("aerosols", "batteries"), (1, 2), (1, 4)),
    Wish("oversize", 10, ("furniture",), (1, 1), (1, 1), promised=40),
    Wish("local", 12, (*_DRY, "electronics"), where="center"),
    Wish(
        *("pickup", 8, (*_DRY, "beverages")),
        where="counter",
        flags={"pickup": True, "channel": "store"},
    ),
    Wish("multi-line", 14, (*_DRY, "electronics"), (4, 7)),
    Wish("split", 8, _DRY, (2, 2), (1, 1)),
    Wish("weather", 14, _DRY, where="storm", promised=100),
    Wish(
        *("mixed-temperature", 4, ("grocery-chilled",), (1, 2), (1, 3)),
        levels=(_S.EXPEDITED,),
        promised=100,
        extra=("grocery", "frozen-food"),
    ),
    Wish("offshore", 4, _EVERYDAY, (1, 2), (1, 1), where="offshore", promised=0),
    # Dangerous goods may not fly, and no truck drives there: nobody can serve it.
    Wish("impossible", 2, ("aerosols",), (1, 1), (1, 1), where="offshore", promised=0),
)


@dataclass(frozen=True, slots=True)
class Market:
    """What orders are drawn from."""

    start: datetime
    skus: Mapping[SkuId, Sku]
    shelves: Shelves
    centers: tuple[FulfillmentCenter, ...]
    people: tuple[Person, ...]
    cities: tuple[City, ...]
    storm: Hazard


def quotas(count: int) -> dict[str, int]:
    """Share out that many orders over the kinds, each at least once if possible."""
    total = sum(wish.share for wish in WISHES)
    given = {wish.kind: max(1, count * wish.share // total) for wish in WISHES}
    kinds = [wish.kind for wish in WISHES]
    for n in range(abs(count - sum(given.values()))):
        if sum(given.values()) < count:
            given[kinds[n % len(kinds)]] += 1
        else:
            given[max(kinds, key=lambda kind: given[kind])] -= 1
    return given


def orders(
    random: Random, market: Market, count: int
) -> dict[OrderId, tuple[str, Order]]:
    """Draw the orders, oldest first, each with its kind."""
    left = {
        sku: sum(shelf.get(sku, 0) for shelf in market.shelves.values())
        for sku in market.skus
    }
    quota = quotas(count)
    wishes = [wish for wish in WISHES for _ in range(quota[wish.kind])]
    random.shuffle(wishes)
    minutes = sorted((random.randint(1, 900) for _ in wishes), reverse=True)
    drawn = {}
    for n, (wish, before) in enumerate(zip(wishes, minutes, strict=True), start=1):
        order_id = OrderId(f"ORD-{n:04d}")
        placed_at = market.start - timedelta(minutes=before)
        order = _order(random, market, wish, order_id, placed_at, left)
        drawn[order_id] = (wish.kind, order)
    return drawn


def _order(
    random: Random,
    market: Market,
    wish: Wish,
    order_id: OrderId,
    placed_at: datetime,
    left: dict[SkuId, int],
) -> Order:
    person = _person(random, market, wish)
    place, center = _place(random, market, wish, person)
    lines = _lines(random, market, wish, center, left)
    for line in lines:
        left[line.sku] -= line.units
    level = random.choice(wish.levels)
    promised = random.randrange(100) < wish.promised
    flags = {"residential": not person.business, **wish.flags}
    return Order(
        id=order_id,
        customer_id=person.customer.id,
        placed_at=placed_at,
        ship_to=place,
        lines=lines,
        requested_service=level,
        deliver_by=deliver_by(market.start, place, level) if promised else None,
        **flags,
    )


def deliver_by(start: datetime, place: Place, level: ServiceLevel) -> datetime:
    """Return eight in the evening there, so many working days after the start."""
    zone = ZoneInfo(time_zone(place))
    day = start.astimezone(zone).date()
    days = PROMISE_DAYS[level]
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return datetime.combine(day, time(20), zone).astimezone(start.tzinfo)


def _person(random: Random, market: Market, wish: Wish) -> Person:
    fits: dict[str, Callable[[Person], bool]] = {
        "consumer": lambda person: not person.business,
        "business": lambda person: person.business,
        "vip": lambda person: person.customer.tier is Tier.VIP and not person.business,
    }
    offshore = wish.where == "offshore"
    among = [
        person
        for person in market.people
        if fits[wish.who](person) and (person.home.region in OFFSHORE) == offshore
    ]
    return random.choice(among or market.people)


def _place(
    random: Random, market: Market, wish: Wish, person: Person
) -> tuple[Place, FulfillmentCenter | None]:
    """Draw where it goes, and the center it must be near, if any."""
    if wish.where == "center":
        center = random.choice(market.centers)
        return _near(random, market, center, NEAR_KM), None
    if wish.where == "counter":
        counters = [center for center in market.centers if center.pickup_counter]
        center = random.choice(counters)
        return _near(random, market, center, COUNTER_KM), center
    if wish.where == "storm":
        return pick_place(random, _touched(market)), None
    if wish.where == "offshore" and person.home.region not in OFFSHORE:
        offshore = tuple(city for city in market.cities if city.region in OFFSHORE)
        return pick_place(random, offshore), None
    return person.home, None


def _near(
    random: Random, market: Market, center: FulfillmentCenter, reach_km: int
) -> Place:
    """Draw a place that near, by people; next door where the table has none."""
    near = tuple(
        narrowed
        for city in market.cities
        if (narrowed := _only(city, lambda place: _km(center, place) <= reach_km))
    )
    return pick_place(random, near) if near else center.place


def _touched(market: Market) -> tuple[City, ...]:
    return tuple(
        narrowed
        for city in market.cities
        if (narrowed := _only(city, market.storm.touches))
    )


def _only(city: City, wanted: Callable[[Place], bool]) -> City | None:
    places = tuple(place for place in city.places if wanted(place))
    return city.model_copy(update={"places": places}) if places else None


def _km(center: FulfillmentCenter, place: Place) -> float:
    here = center.place
    ends = (here.latitude, here.longitude, place.latitude, place.longitude)
    return great_circle_km(*(degrees or 0.0 for degrees in ends))


def _lines(
    random: Random,
    market: Market,
    wish: Wish,
    center: FulfillmentCenter | None,
    left: Mapping[SkuId, int],
) -> tuple[Line, ...]:
    if wish.kind == "split" and (pair := _apart(random, market, wish, left)):
        return tuple(Line(sku=sku, units=1) for sku in pair)
    usual = [wish.categories] * random.randint(*wish.lines)
    chosen: dict[SkuId, int] = {}
    for categories in (*([category] for category in wish.extra), *usual):
        found = _candidates(market, categories, center, left)
        among = [sku for sku in found if sku not in chosen]
        if among:
            sku = random.choice(among)
            chosen[sku] = min(random.randint(*wish.units), left[sku])
    if not chosen:  # sold out: asked for all the same, a person has to see to it
        among = [s.id for s in market.skus.values() if s.category in wish.categories]
        chosen[random.choice(among)] = wish.units[0]
    return tuple(Line(sku=sku, units=units) for sku, units in chosen.items())


def _candidates(
    market: Market,
    categories: Collection[str],
    center: FulfillmentCenter | None,
    left: Mapping[SkuId, int],
) -> list[SkuId]:
    """List what is still to be had (at that center, if one is given)."""
    shelf = market.shelves[center.id] if center else left
    return [
        sku.id
        for sku in market.skus.values()
        if sku.category in categories and left[sku.id] > 0 and shelf.get(sku.id, 0) > 1
    ]


def _apart(
    random: Random, market: Market, wish: Wish, left: Mapping[SkuId, int]
) -> tuple[SkuId, SkuId] | None:
    """Draw two SKUs that no center has both of."""
    homes = {
        sku: frozenset(fc for fc, shelf in market.shelves.items() if shelf.get(sku))
        for sku in _candidates(market, wish.categories, None, left)
    }
    rare = [sku for sku, centers in homes.items() if len(centers) <= 2]
    pairs = [
        (one, other)
        for one, other in combinations(rare, 2)
        if not homes[one] & homes[other]
    ]
    return random.choice(pairs) if pairs else None
