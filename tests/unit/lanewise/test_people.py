from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customer import Customer
from domain.event import BusinessEvent
from domain.order import Order
from domain.quantities import CustomerId, SkuId
from lanewise.people import Pseudonyms, draw, events_in, order_in
from store import orders, people
from store.engine import Store
from tests.builders import MONDAY, a_center, a_network, an_order

ADA = CustomerId("CUST-ADA")


def pseudonyms(store: Store) -> Pseudonyms:
    return Pseudonyms(store, lambda: MONDAY)


def an_event(**changes: object) -> BusinessEvent:
    values = {"id": "e-1", "kind": "viewed", "occurred_at": MONDAY, "sku": "LAMP"}
    return BusinessEvent.model_validate(values | changes)


def test_draws_have_the_form_and_never_repeat() -> None:
    drawn = {draw() for _ in range(500)}

    assert len(drawn) == 500
    assert all(people.FORM.fullmatch(name) for name in drawn)


def test_everything_of_one_customer_has_one_pseudonym(sqlite_store: Store) -> None:
    named = pseudonyms(sqlite_store)
    network = a_network(centers=(a_center(only_customers=("BEN", ADA)),))

    order = named.order(an_order(customer_id=ADA))
    customer = named.customer(Customer(id=ADA))
    event = named.event(an_event(customer_id=ADA))
    only = named.network(network).centers[0].only_customers

    assert only is not None
    assert {order.customer_id, customer.id, event.customer_id} == {only[1]}
    assert people.FORM.fullmatch(only[1])


def test_nothing_but_the_name_changes(sqlite_store: Store) -> None:
    order = an_order(customer_id=ADA)

    renamed = pseudonyms(sqlite_store).order(order)

    assert renamed.model_copy(update={"customer_id": ADA}) == order


def test_events_are_translated_within_a_transaction(sqlite_store: Store) -> None:
    given = [an_event(id="e-1", customer_id=ADA), an_event(id="e-2")]

    with sqlite_store.writing() as session:
        first, second = events_in(session, given, MONDAY)

    assert first == pseudonyms(sqlite_store).event(given[0])
    assert second is given[1]


def test_what_names_nobody_stays_as_it_is(sqlite_store: Store) -> None:
    named, event, network = pseudonyms(sqlite_store), an_event(), a_network()

    assert named.event(event) is event
    assert named.network(network) is network
    assert named.events([]) == ()


def test_a_submission_repeated_has_the_same_digest(sqlite_store: Store) -> None:
    named, order = pseudonyms(sqlite_store), an_order(customer_id=ADA)

    assert named.order(order).digest() == named.order(order).digest()
    assert named.order(order).digest() != order.digest()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(customer=st.text(min_size=1, max_size=80).filter(lambda s: "\0" not in s))
def test_translated_at_the_edge_or_by_the_worker_it_is_one_order(
    sqlite_store: Store, customer: str
) -> None:
    order = an_order(id="o-1", customer_id=customer)
    at_the_edge = pseudonyms(sqlite_store).order(order)

    with sqlite_store.writing() as session:
        by_worker = order_in(session, order, MONDAY)
        both = order_in(session, at_the_edge, MONDAY)

    assert at_the_edge == by_worker == both
    assert at_the_edge.digest() == both.digest()


@pytest.mark.parametrize("again", [False, True])
def test_the_same_order_is_the_same_after_whatever_way_it_came(
    sqlite_store: Store, again: bool
) -> None:
    order = an_order(id="o-1", customer_id=ADA)
    named = pseudonyms(sqlite_store)

    first = _admitted(sqlite_store, named.order(order) if again else order)
    second = _admitted(sqlite_store, order if again else named.order(order))

    assert (first, second) == ("new", "same")


def test_an_order_of_another_customer_under_its_id_is_a_conflict(
    sqlite_store: Store,
) -> None:
    order = an_order(id="o-1", customer_id=ADA)
    _admitted(sqlite_store, order)

    other = order.model_copy(update={"customer_id": CustomerId("BEN")})

    assert _admitted(sqlite_store, other) == "conflict"


def test_a_question_in_passing_leaves_no_trace(sqlite_store: Store) -> None:
    named, order = pseudonyms(sqlite_store), an_order(customer_id=ADA)

    assert named.known([order]) == (order,)
    assert named.find(ADA) is None


def test_a_question_in_passing_knows_who_was_met(sqlite_store: Store) -> None:
    named, order = pseudonyms(sqlite_store), an_order(customer_id=ADA)
    met = named.order(order)

    assert named.known([order, an_order(customer_id="BEN")])[0] == met
    alias = named.find(ADA)
    assert alias is not None
    assert alias.pseudonym == met.customer_id


def test_an_order_under_an_erased_pseudonym_is_refused(sqlite_store: Store) -> None:
    named = pseudonyms(sqlite_store)
    order = named.order(an_order(customer_id=ADA))
    with sqlite_store.writing() as session:
        people.forget(session, order.customer_id)

    with pytest.raises(people.Forgotten, match="erased"):
        named.order(order)


def _admitted(store: Store, order: Order, now: datetime = MONDAY) -> str:
    with store.writing() as session:
        named = order_in(session, order, now)
        return orders.admit(session, named, now).verdict.value


def test_goods_have_no_pseudonym(sqlite_store: Store) -> None:
    event = an_event(customer_id=ADA, sku=SkuId("LAMP"))

    assert pseudonyms(sqlite_store).event(event).sku == "LAMP"
