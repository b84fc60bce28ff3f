"""What happens to orders and parcels, told as events: each with an id of its own."""

from datetime import timedelta

from activities import telling
from domain.event import BusinessEvent
from domain.order import OrderStatus
from domain.outcome import Outcome, ParcelOutcome
from domain.quantities import FcId, OrderId, ParcelId, ServiceId, SkuId
from domain.shipping import ParcelScan, ParcelStatus
from domain.warehousing import StockNotice
from tests.builders import MONDAY, a_line, a_sku, an_order

HOUR = timedelta(hours=1)
SKUS = {
    SkuId("LAMP"): a_sku(value_cents=2_500, category="lights"),
    SkuId("VASE"): a_sku(id="VASE", value_cents=1_000),
}
ORDER = an_order(lines=(a_line("LAMP", 2), a_line("VASE", 1)))


def told(events: tuple[BusinessEvent, ...]) -> list[tuple[object, ...]]:
    return [(e.kind, e.customer_id or e.sku or e.lane, e.units) for e in events]


def a_parcel_outcome(**overrides: object) -> ParcelOutcome:
    values: dict[str, object] = {
        "parcel_id": "ORDER-1/1",
        "fc": "EAST",
        "service": "SWIFT-GROUND",
        "method": "carton",
        "lines": ORDER.lines,
        "status": ParcelStatus.DELIVERED,
        "planned_hand_over_at": MONDAY,
        "handed_over_at": MONDAY + HOUR,
        "p90_at": MONDAY + 20 * HOUR,
        "delivered_at": MONDAY + 30 * HOUR,
    }
    return ParcelOutcome.model_validate(values | overrides)


def an_outcome(**overrides: object) -> Outcome:
    values: dict[str, object] = {
        "order_id": "ORDER-1",
        "status": OrderStatus.DELIVERED,
        "parcels": (a_parcel_outcome(),),
        "delivered_at": MONDAY + 30 * HOUR,
        "on_time": False,
        "ended_at": MONDAY + 31 * HOUR,
    }
    return Outcome.model_validate(values | overrides)


def test_an_order_counts_for_its_customer_and_each_sku() -> None:
    events = telling.of_order(ORDER, SKUS)

    assert told(events) == [
        ("order_placed", "CUST-1", 3),
        ("order_placed", "LAMP", 2),
        ("order_placed", "VASE", 1),
    ]
    assert [e.value_cents for e in events] == [6_000, 5_000, 1_000]
    assert events[1].labels == {"channel": "web", "category": "lights"}


def test_telling_twice_is_telling_once() -> None:
    twice = (*telling.of_order(ORDER, SKUS), *telling.of_order(ORDER, SKUS))

    assert len({event.id for event in twice}) == 3


def test_what_is_not_in_the_catalog_has_no_worth() -> None:
    events = telling.of_order(ORDER, {})

    assert [event.value_cents for event in events] == [None, None, None]


def test_a_late_delivery_counts_for_customer_goods_and_lane() -> None:
    lane = "EAST/SWIFT-GROUND"

    events = telling.of_outcome(ORDER, an_outcome(), SKUS)

    assert {(kind, whom) for kind, whom, _ in told(events)} == {
        *((kind, whom) for kind in ("delivered", "delivered_late")
          for whom in ("CUST-1", "LAMP", "VASE", lane)),
        ("handed_over", lane),
    }  # fmt: skip
    assert len({event.id for event in events}) == len(events)


def test_a_canceled_order_is_told_with_its_order_id() -> None:
    canceled = an_outcome(
        status=OrderStatus.CANCELLED, parcels=(), delivered_at=None, on_time=None
    )

    events = telling.of_outcome(ORDER, canceled, SKUS)

    assert told(events)[0] == ("order_canceled", "CUST-1", 3)
    assert {event.order_id for event in events} == {"ORDER-1"}


def test_a_lost_parcel_counts_for_lane_and_customer() -> None:
    lost = a_parcel_outcome(status=ParcelStatus.LOST, delivered_at=None)
    failed = an_outcome(
        status=OrderStatus.FAILED, parcels=(lost,), delivered_at=None, on_time=None
    )

    (_, event) = telling.of_outcome(ORDER, failed, SKUS)

    assert (event.kind, event.customer_id) == ("lost", "CUST-1")
    assert event.lane == "EAST/SWIFT-GROUND"


def test_a_scan_counts_on_the_parcels_lane() -> None:
    scan = ParcelScan.model_validate(
        {
            "event_id": "s-1",
            "carrier": "SWIFT",
            "tracking_number": "T-1",
            "status": "exception",
            "sequence": 2,
            "occurred_at": MONDAY,
        }
    )

    (event,) = telling.of_scan(
        scan,
        ParcelId("ORDER-1/1"),
        OrderId("ORDER-1"),
        FcId("EAST"),
        ServiceId("SWIFT-GROUND"),
    )

    assert (event.kind, event.lane) == ("carrier_scan", "EAST/SWIFT-GROUND")
    assert event.labels == {"status": "exception"}


def test_running_out_and_coming_in_again_are_told() -> None:
    def kinds(on_hand: int, before: int | None) -> list[str]:
        notice = StockNotice(
            event_id="n-1",
            fc=FcId("EAST"),
            sku=SkuId("LAMP"),
            on_hand=on_hand,
            occurred_at=MONDAY,
        )
        return [event.kind for event in telling.of_count(notice, before)]

    assert kinds(0, 4) == ["stock_change", "stocked_out"]
    assert kinds(4, 0) == ["stock_change", "restocked"]
    assert kinds(4, None) == ["stock_change"]


def test_a_center_whose_id_fits_no_lane_stops_nothing() -> None:
    odd = a_parcel_outcome(fc="A/B")

    events = telling.of_outcome(ORDER, an_outcome(parcels=(odd,)), SKUS)

    assert {event.lane for event in events} == {None}


def test_ids_stay_apart_and_short_however_long_what_they_are_made_of() -> None:
    long = [an_order(id=f"{'O' * 79}{n}", lines=(a_line("S" * 80),)) for n in (1, 2)]

    ids = [event.id for order in long for event in telling.of_order(order, {})]

    assert len(set(ids)) == 4
    assert max(map(len, ids)) <= 120
