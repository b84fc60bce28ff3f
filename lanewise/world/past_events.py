"""What the seeded world's customers did in the 400 days before it begins.

Each customer has a habit: some never ordered, some order every other week, some
fell silent, some were let down. What follows from it for segments is nobody's
draw: the facts are told from the events, as anywhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from domain.customer import CustomerKind
from domain.event import BusinessEvent
from domain.history import RETENTION
from domain.quantities import CustomerId, OrderId, SkuId
from domain.sku import Sku
from lanewise.world.people import Person

DELIVERED_AFTER = timedelta(days=4)
# How soon somebody complains of what came late.
COMPLAINS_WITHIN_H = 60
VIEWED_BEFORE = timedelta(days=1)
BULK_UNITS = 40


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody buys: its share of customers, and what is drawn from it.

    ``every`` are the days between two orders, ``silent`` the days since the
    newest one; ``orders`` limits how many there were. Of the newest orders
    ``late`` came late, and ``complains`` percent of those were complained of.
    ``looks`` are views in the last two weeks.
    """

    name: str
    share: int
    every: tuple[int, int] = (30, 60)
    silent: tuple[int, int] = (3, 30)
    orders: int = 100
    late: int = 0
    complains: int = 0
    looks: tuple[int, int] = (0, 2)


HABITS = (
    Habit("stranger", 14, orders=0, looks=(0, 5)),
    Habit("tried-once", 14, silent=(5, 390), orders=1),
    Habit("regular", 32, every=(70, 140), silent=(3, 60)),
    Habit("devoted", 18, every=(9, 25), silent=(1, 12), looks=(1, 6)),
    Habit("slipping", 8, every=(15, 28), silent=(95, 180)),
    Habit("gone", 6, every=(15, 30), silent=(366, 390)),
    Habit("let-down", 8, every=(14, 28), silent=(8, 24), late=2, complains=50),
)


def past_events(
    random: Random,
    start: datetime,
    people: Sequence[Person],
    skus: Mapping[SkuId, Sku],
) -> tuple[BusinessEvent, ...]:
    """Draw everybody's past, oldest first; the first customers have each habit once.

    Parameters
    ----------
    start
        When the world begins: everything happened before.
    """
    goods = sorted(skus)
    drawn: list[BusinessEvent] = []
    for n, person in enumerate(people):
        if n < len(HABITS):
            habit = HABITS[n]
        else:
            habit = random.choices(HABITS, [each.share for each in HABITS])[0]
        # An id that named the customer would name whoever is erased.
        drawn += _past(random, start, f"PAST-{n}", person, habit, goods, skus)
    return tuple(sorted(drawn, key=lambda event: (event.occurred_at, event.id)))


def _past(
    random: Random,
    start: datetime,
    who: str,
    person: Person,
    habit: Habit,
    goods: Sequence[SkuId],
    skus: Mapping[SkuId, Sku],
) -> Iterator[BusinessEvent]:
    customer = person.customer.id
    business = person.customer.kind is CustomerKind.BUSINESS
    placed = _instants(random, start, habit)
    for n, at in enumerate(placed):
        sku = skus[random.choice(goods)]
        units = random.randint(1, BULK_UNITS) if business else random.randint(1, 3)
        order = OrderId(f"{who}-{n}")
        yield BusinessEvent(
            id=f"{order}/placed",
            kind="order_placed",
            occurred_at=at,
            customer_id=customer,
            sku=sku.id,
            order_id=order,
            units=units,
            value_cents=units * sku.value_cents,
        )
        if n < habit.late:
            yield from _let_down(random, start, customer, order, at, habit)
    for n in range(random.randint(*habit.looks)):
        at = start - VIEWED_BEFORE - _minutes(random, timedelta(days=13))
        yield _viewed(f"{who}/viewed/{n}", customer, skus[random.choice(goods)], at)


def _instants(random: Random, start: datetime, habit: Habit) -> list[datetime]:
    """Draw when orders were placed, the newest first."""
    at = start - timedelta(days=random.randint(*habit.silent))
    at -= _minutes(random, timedelta(days=1))
    placed: list[datetime] = []
    while len(placed) < habit.orders and at > start - RETENTION:
        placed.append(at)
        at -= timedelta(days=random.randint(*habit.every))
        at -= _minutes(random, timedelta(days=1))
    return placed


def _let_down(
    random: Random,
    start: datetime,
    customer: CustomerId,
    order: OrderId,
    placed: datetime,
    habit: Habit,
) -> Iterator[BusinessEvent]:
    at = placed + DELIVERED_AFTER + _minutes(random, timedelta(days=2))
    late = BusinessEvent(
        id=f"{order}/late",
        kind="delivered_late",
        occurred_at=at,
        customer_id=customer,
        order_id=order,
    )
    yield late
    if random.randrange(100) < habit.complains:
        said = at + _minutes(random, timedelta(hours=COMPLAINS_WITHIN_H))
        if said < start:
            changed = {"id": f"{order}/complained", "kind": "complained"}
            yield late.model_copy(update=changed | {"occurred_at": said})


def _viewed(id: str, customer: CustomerId, sku: Sku, at: datetime) -> BusinessEvent:
    return BusinessEvent(
        id=id,
        kind="viewed",
        occurred_at=at,
        customer_id=customer,
        sku=sku.id,
        labels={"category": sku.category} if sku.category else {},
    )


def _minutes(random: Random, within: timedelta) -> timedelta:
    return timedelta(minutes=random.randrange(int(within.total_seconds()) // 60))
