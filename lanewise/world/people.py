"""The customers of the seeded world: pseudonyms, with a home each."""

from random import Random

from domain.customer import Customer, CustomerKind, Tier
from domain.quantities import CustomerId, Place, Value
from lanewise.world.geography import City, pick_place

OFFSHORE = frozenset({"AK", "HI"})
TIERS = {Tier.STANDARD: 62, Tier.SILVER: 20, Tier.GOLD: 11, Tier.VIP: 7}
BUSINESS_PERCENT = 24


class Person(Value):
    """A customer and where most of their orders go."""

    customer: Customer
    home: Place

    @property
    def business(self) -> bool:
        return self.customer.kind is CustomerKind.BUSINESS


def people(random: Random, cities: tuple[City, ...], count: int) -> tuple[Person, ...]:
    """Draw that many people, by where people live.

    The first eight are one of each tier and kind, so that even a small world
    has them all; one in forty lives in Alaska or Hawaii.
    """
    mainland = tuple(city for city in cities if city.region not in OFFSHORE)
    offshore = tuple(city for city in cities if city.region in OFFSHORE)
    return tuple(
        _person(random, n, offshore if n % 40 == 9 else mainland)
        for n in range(1, count + 1)
    )


def _person(random: Random, n: int, among: tuple[City, ...]) -> Person:
    tiers = list(Tier)
    tier = random.choices(tiers, weights=[TIERS[each] for each in tiers])[0]
    business = random.randrange(100) < BUSINESS_PERCENT
    if n <= 2 * len(tiers):
        tier, business = tiers[(n - 1) // 2], n % 2 == 0
    customer = Customer(
        id=CustomerId(f"CUST-{n:04d}"),
        tier=tier,
        kind=CustomerKind.BUSINESS if business else CustomerKind.CONSUMER,
    )
    return Person(customer=customer, home=pick_place(random, among))
