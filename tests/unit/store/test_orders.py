from datetime import timedelta

from domain.order import OrderStatus
from domain.quantities import OrderId
from store import orders
from store.engine import Store
from store.orders import Verdict
from tests.builders import MONDAY, an_order

LATER = MONDAY + timedelta(days=90)


def test_the_first_order_under_an_id_is_new(store: Store) -> None:
    with store.writing() as session:
        admission = orders.admit(session, an_order(id="o-1"), MONDAY)

    assert admission.verdict is Verdict.NEW
    assert admission.received_at == MONDAY


def test_the_same_order_much_later_is_the_same(store: Store) -> None:
    with store.writing() as session:
        orders.admit(session, an_order(id="o-1"), MONDAY)
        orders.set_status(session, OrderId("o-1"), OrderStatus.DELIVERED, MONDAY)

    with store.writing() as session:
        admission = orders.admit(session, an_order(id="o-1"), LATER)

    assert admission.verdict is Verdict.SAME
    assert admission.status is OrderStatus.DELIVERED
    assert admission.received_at == MONDAY


def test_another_order_under_a_taken_id_is_a_conflict(store: Store) -> None:
    kept, other = an_order(id="o-1"), an_order(id="o-1", gift=True)
    with store.writing() as session:
        orders.admit(session, kept, MONDAY)

        admission = orders.admit(session, other, LATER)

    assert admission.verdict is Verdict.CONFLICT
    assert admission.digest == kept.digest()


def test_an_order_comes_back_as_it_was(store: Store) -> None:
    order = an_order(id="o-1", attributes={"note": "leave at the door"})
    with store.writing() as session:
        orders.admit(session, order, MONDAY)

    with store.reading() as session:
        stored = orders.get(session, OrderId("o-1"))
        assert orders.get(session, OrderId("o-2")) is None

    assert stored is not None
    assert stored.order == order
    assert stored.updated_at == MONDAY


def test_a_late_report_of_an_earlier_status_is_ignored(store: Store) -> None:
    with store.writing() as session:
        orders.admit(session, an_order(id="o-1"), MONDAY)
        orders.set_status(session, OrderId("o-1"), OrderStatus.RELEASED, LATER)

        late = orders.set_status(session, OrderId("o-1"), OrderStatus.PLANNED, MONDAY)

        assert not late
        assert orders.counts(session) == {OrderStatus.RELEASED: 1}


def test_orders_are_listed_newest_first_by_status(store: Store) -> None:
    with store.writing() as session:
        for hour in range(4):
            order = an_order(id=f"o-{hour}")
            orders.admit(session, order, MONDAY + timedelta(hours=hour))
        orders.set_status(session, OrderId("o-2"), OrderStatus.HELD, LATER)

        received = orders.listing(session, OrderStatus.RECEIVED, limit=2)

    assert [stored.order.id for stored in received] == ["o-3", "o-1"]
