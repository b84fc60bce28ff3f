"""The counterparts themselves, without HTTP: what they do, and that it adds up."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.order import Line
from domain.quantities import FcId, SkuId
from lanewise.world.books import audit, books
from lanewise.world.carriage import BookingBody, RatesBody
from lanewise.world.problems import Refused
from lanewise.world.spec import (
    AnnouncedHazard,
    CarrierTraits,
    Closure,
    Refusal,
    StockChange,
    WarehouseTraits,
)
from lanewise.world.state import World
from lanewise.world.warehouse import ReleaseBody, ReserveBody
from tests.conformance.worlds import (
    CARRIER,
    FC,
    GROUND,
    HAND_OVER,
    LAMP,
    MUG,
    START,
    a_parcel,
    a_spec,
)
from tests.unit.world.test_journey import BLIZZARD

SKUS = (MUG, LAMP)


def a_world(**changes: object) -> World:
    return World(a_spec(**changes))


def a_booking(reference: str, **changes: object) -> BookingBody:
    parcel = a_parcel(reference)
    piece = parcel.pieces[0]
    fields = parcel.model_dump() | {
        "pieces": [{**piece.size.model_dump(), "weight_g": piece.weight_g}]
    }
    return BookingBody.model_validate(fields | changes)


def reserve(world: World, reference: str, sku: SkuId, units: int) -> dict[str, Any]:
    body = ReserveBody(
        reference=reference, order_id="O-1", lines=(Line(sku=sku, units=units),)
    )
    return world.warehouse(FC).reserve(body)


def release(
    world: World, reference: str, sku: SkuId, units: int, tracking_number: str = ""
) -> dict[str, Any]:
    body = ReleaseBody(
        reference=reference,
        order_id="O-1",
        parcel_id=reference,
        reservation_reference=reference,
        lines=(Line(sku=sku, units=units),),
        service=GROUND,
        tracking_number=tracking_number,
        hand_over_at=max(HAND_OVER, world.clock.now),
    )
    return world.warehouse(FC).release(body)


def run_out(world: World) -> None:
    while world.clock.jump() is not None:
        pass


class Conservation(RuleBasedStateMachine):
    """Whatever is asked in whatever order, units and labels add up."""

    def __init__(self) -> None:
        super().__init__()
        self.world = a_world(
            warehouse=WarehouseTraits(stock_accuracy_permille=500),
            stock={FC: {MUG: 12, LAMP: 5}},
        )
        self.names = 0

    @rule(sku=st.sampled_from(SKUS), units=st.integers(1, 8), label=st.booleans())
    def order(self, sku: SkuId, units: int, label: bool) -> None:
        self.names += 1
        name = f"order-{self.names}"
        held = reserve(self.world, name, sku, units)["lines"][0]["reserved"]
        booked = self.world.carriers.book(a_booking(name)) if label else None
        if held:
            number = booked["tracking_number"] if booked else ""
            release(self.world, name, sku, held, number)

    @rule(which=st.integers(1, 40), first=st.booleans())
    def take_back(self, which: int, first: bool) -> None:
        name = f"order-{1 + which % max(1, self.names)}"
        warehouse = self.world.warehouse(FC)
        steps = [warehouse.cancel, warehouse.release_holds]
        for step in steps if first else reversed(steps):
            with suppress(Refused):
                step(name)

    @rule(sku=st.sampled_from(SKUS), units=st.integers(-6, 6))
    def change(self, sku: SkuId, units: int) -> None:
        self.world.warehouse(FC).change_stock(sku, units)

    @rule(jumps=st.integers(1, 4))
    def wait(self, jumps: int) -> None:
        for _ in range(jumps):
            self.world.clock.jump(self.world.clock.now + timedelta(days=1))

    @invariant()
    def adds_up(self) -> None:
        assert audit(books(self.world)) == []

    @invariant()
    def nothing_is_less_than_nothing(self) -> None:
        for shelf in self.world.warehouse(FC).shelves.values():
            assert min(shelf.system, shelf.true, shelf.reserved, shelf.picked) >= 0
            assert shelf.picked <= shelf.true


Conservation.TestCase.settings = settings(
    max_examples=30, stateful_step_count=40, deadline=None
)
TestConservation = Conservation.TestCase


def test_the_books_of_a_warehouse_that_cheats_do_not_add_up() -> None:
    world = a_world()
    reserve(world, "honest", MUG, 3)
    shelf = world.warehouse(FC).shelves[MUG]

    shelf.system -= 1
    shelf.reserved += 1

    assert audit(books(world)) == [
        "RENO MUG: 9 on hand, not 10",
        "RENO MUG: 4 reserved, but orders and reservations say 3",
    ]


def test_a_parcel_without_a_standing_label_is_noticed() -> None:
    world = a_world()
    booked = world.carriers.book(a_booking("b"))
    world.carriers.void(CARRIER, booked["id"])
    reserve(world, "w", MUG, 1)
    release(world, "w", MUG, 1, booked["tracking_number"])

    run_out(world)

    assert len(audit(books(world))) == 1
    assert books(world)["strays"][0]["tracking_number"] == booked["tracking_number"]


def test_two_standing_labels_for_one_reference_are_noticed() -> None:
    world = a_world()
    world.carriers.book(a_booking("b"))
    world.carriers.book(a_booking("b"))

    assert audit(books(world)) == ["heron: 2 standing labels for b"]


def test_only_what_stands_is_charged() -> None:
    world = a_world()
    kept = world.carriers.book(a_booking("kept"))
    voided = world.carriers.book(a_booking("voided"))
    world.carriers.void(CARRIER, voided["id"])

    account = books(world)["carriers"][CARRIER]

    assert account["charged_cents"] == kept["cost_cents"] > 0


def test_a_void_that_takes_a_while_is_requested_first() -> None:
    world = a_world(carrier=CarrierTraits(void_takes_min=60))
    booked = world.carriers.book(a_booking("b"))

    assert world.carriers.void(CARRIER, booked["id"]) == {"outcome": "requested"}
    run_out(world)

    assert world.carriers.find(CARRIER, "b")["bookings"][0]["voided"]
    assert world.carriers.void(CARRIER, booked["id"]) == {"outcome": "voided"}


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (Refusal(service=GROUND), 409, "service-full"),
        (Refusal(service=GROUND, region="ID", full=False), 422, "lane-suspended"),
        (Refusal(service=GROUND, fc=FC), 409, "service-full"),
    ],
)
def test_a_carrier_refuses_as_it_is_told(
    refusal: Refusal, status: int, code: str
) -> None:
    world = a_world(carrier=CarrierTraits(refusals=(refusal,)))

    with pytest.raises(Refused) as refused:
        world.carriers.book(a_booking("b"))

    assert (refused.value.status, refused.value.code) == (status, code)


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(service=GROUND, fc=FcId("DALLAS")),
        Refusal(service=GROUND, region="FL"),
        Refusal(service=GROUND, valid_until=START),
        Refusal(service=GROUND, valid_from=START + timedelta(minutes=1)),
    ],
)
def test_a_refusal_elsewhere_or_at_another_time_does_not_matter(
    refusal: Refusal,
) -> None:
    world = a_world(carrier=CarrierTraits(refusals=(refusal,)))

    assert world.carriers.book(a_booking("b"))["reference"] == "b"


def test_a_closed_center_takes_no_orders_until_it_opens_again() -> None:
    until = START + timedelta(hours=1)
    closed = WarehouseTraits(closures=(Closure(fc=FC, valid_until=until),))
    world = a_world(warehouse=closed)

    with pytest.raises(Refused, match="takes no orders"):
        reserve(world, "early", MUG, 1)
    world.clock.jump(until)

    assert reserve(world, "later", MUG, 1)["lines"][0]["reserved"] == 1


def test_a_quote_is_honored_until_it_expires() -> None:
    noisy = CarrierTraits(rate_noise_permille=200, quote_lifetime_s=3600)
    world = a_world(carrier=noisy, seed=3)
    question = a_booking("b").model_dump() | {"services": [GROUND], "ready_at": START}
    quote = world.carriers.rates(RatesBody.model_validate(question))["quotes"][0]
    world.clock.jump(START + timedelta(hours=1))

    at_quote = world.carriers.book(a_booking("b", quote_id=quote["id"]))
    by_tariff = world.carriers.book(a_booking("c"))
    world.clock.jump(START + timedelta(hours=1, seconds=1))

    assert at_quote["cost_cents"] == quote["total_cents"] != by_tariff["cost_cents"]
    with pytest.raises(Refused, match="expired"):
        world.carriers.book(a_booking("d", quote_id=quote["id"]))


def test_what_is_picked_too_late_waits_for_the_next_pickup() -> None:
    world = a_world()
    world.clock.jump(HAND_OVER - timedelta(minutes=5))
    reserve(world, "late", MUG, 1)
    release(world, "late", MUG, 1)

    run_out(world)

    (order,) = books(world)["warehouses"][FC]["orders"]
    tomorrow = HAND_OVER + timedelta(days=1)
    assert order["shipped_at"] == tomorrow.isoformat()


def test_the_feed_lists_an_alert_from_its_announcement_to_its_end() -> None:
    news = AnnouncedHazard(hazard=BLIZZARD, announced_at=START + timedelta(hours=2))
    world = a_world(hazards=(news,))
    seen = [len(world.hazards())]

    world.clock.jump()
    seen.append(len(world.hazards()))
    world.clock.jump(BLIZZARD.valid_until)
    seen.append(len(world.hazards()))

    assert seen == [0, 1, 0]


def test_goods_that_come_in_are_counted_and_told() -> None:
    change = StockChange(at=START + timedelta(hours=1), fc=FC, sku=MUG, units=5)
    world = a_world(stock_changes=(change,))

    world.clock.jump()

    assert world.warehouse(FC).stock((MUG,))["on_hand"] == {MUG: 15}
    assert [m.event["on_hand"] for m in world.outbox.messages] == [15]


def test_equal_seeds_make_equal_worlds_whatever_the_order_of_calls() -> None:
    first, second = a_world(seed=7), a_world(seed=7)
    for world, names in ((first, "ab"), (second, "ba")):
        for name in names:
            booked = world.carriers.book(a_booking(name))
            reserve(world, name, MUG, 1)
            release(world, name, MUG, 1, booked["tracking_number"])
        run_out(world)

    def fates(world: World) -> list[tuple[str, ...]]:
        bookings = books(world)["carriers"][CARRIER]["bookings"]
        fields = ("reference", "tracking_number", "delivered_at")
        return sorted(tuple(str(b[f]) for f in fields) for b in bookings)

    assert fates(first) == fates(second)
