from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel, select

from domain.order import OrderStatus
from domain.quantities import OrderId
from store import decisions, erasing, inbox, orders, people, traces
from store.engine import Store
from store.tables import EventRow, SubjectStateRow
from tests.builders import MONDAY, a_place, an_order
from tests.unit.store.lives import Life, a_life, everything

# Tables with nothing of a customer's in them: whoever adds one decides.
NOBODYS = {
    *("active_versions", "capacity", "capacity_claims", "claims", "conditions"),
    *("daily_units", "decisions", "hazards", "networks", "releases", "rule_sets"),
    *("scarce", "verified_days", "violations", "api_keys"),
    *("rule_set_moves", "scores", "shipments", "skus", "stock", "stock_claims"),
    *("tellings", "order_sources", "sourced_orders", "told_shipments"),
    *("doubles", "manifests"),
}


def erase(store: Store, life: Life) -> dict[str, int]:
    tokens = count()
    with store.erasing() as session:
        return erasing.erase(session, life.alias, lambda: f"token-{next(tokens)}")


def test_every_table_is_known_to_hold_something_of_a_customer_or_nothing() -> None:
    assert {*erasing.TOUCHED} | NOBODYS == {*SQLModel.metadata.tables}
    assert not {*erasing.TOUCHED} & NOBODYS


def test_nothing_personal_is_left_in_any_row(store: Store) -> None:
    life = a_life(store)
    before = str(everything(store))
    assert all(secret in before for secret in life.secrets)

    erase(store, life)

    after = everything(store)
    assert not [secret for secret in life.secrets if secret in str(after)]
    named = [
        table for table, rows in after.items() if life.alias.pseudonym in str(rows)
    ]
    assert named == ["decisions"]


def test_what_was_erased_is_counted(store: Store) -> None:
    life = a_life(store)

    done = erase(store, life)

    assert done == {
        "classifications": 1,
        "customers": 1,
        "events": 2,
        "inbox": 2,
        "interests": 2,
        "membership_changes": 2,
        "memberships": 1,
        "orders": 1,
        "outcomes": 1,
        "parcels": 1,
        "profiles": 2,
        "pseudonyms": 1,
        "subject_memberships": 2,
        "subject_states": 2,
    }


def test_nobody_else_loses_anything(store: Store) -> None:
    ben = a_life(store, "CUST-BEN", number=2)
    before = everything(store)

    ada = a_life(store, "CUST-ADA", number=3)
    erase(store, ada)

    after = everything(store)
    for table in ("pseudonyms", "customers", "inbox", "memberships", "interests"):
        assert after[table] == before[table]
    assert all(secret in str(after) for secret in ben.secrets)


def test_an_order_stays_as_a_figure(store: Store) -> None:
    life = a_life(store)
    erase(store, life)

    with store.reading() as session:
        kept = orders.get(session, life.order.id)
        made = decisions.of_order(session, life.order.id)

    assert kept is not None
    assert (kept.status, kept.digest) == (OrderStatus.DELIVERED, life.order.digest())
    assert kept.order.lines == life.order.lines
    assert (kept.order.customer_id, kept.order.attributes) == ("erased", {})
    assert kept.order.ship_to == a_place("606", region="IL")
    assert len(made) == 1


def test_what_counts_for_a_sku_goes_on_counting_without_a_name(store: Store) -> None:
    life = a_life(store)
    erase(store, life)

    with store.reading() as session:
        (row,) = session.exec(select(EventRow))

    assert (row.subject, row.units, row.occurred_at) == ("sku/LAMP", 2, MONDAY)
    assert (row.event_id, row.order_id, row.labels) == ("erased-token-0", None, "{}")


def test_what_lost_its_labels_is_looked_at_again(store: Store) -> None:
    life = a_life(store)
    erase(store, life)

    with store.reading() as session:
        states = {row.subject: row for row in session.exec(select(SubjectStateRow))}

    assert states.keys() == {"sku/LAMP"}
    assert states["sku/LAMP"].dirty_from == MONDAY


def test_the_same_event_id_of_somebody_else_is_left_alone(store: Store) -> None:
    life = a_life(store)
    theirs = EventRow(
        subject="sku/VASE",
        event_id="seen-CUST-ADA",
        digest="d",
        kind="returned",
        occurred_at=MONDAY,
        received_at=MONDAY,
        labels='{"color": "red"}',
    )
    with store.writing() as session:
        session.add(theirs)

    erase(store, life)

    assert any("red" in row for row in everything(store)["events"])


def test_a_customer_called_erased_is_one_like_others(store: Store) -> None:
    erase(store, a_life(store))
    other = a_life(store, "erased", number=2)

    with store.reading() as session:
        assert traces.find(session, other.alias).orders.keys() == {other.order.id}


def test_erasing_again_changes_nothing(store: Store) -> None:
    life = a_life(store)
    erase(store, life)
    before = everything(store)

    assert erase(store, life) == {}
    assert everything(store) == before


def test_an_erasure_that_fails_half_way_changes_nothing(store: Store) -> None:
    life = a_life(store)
    before = everything(store)

    def fail() -> None:
        with store.erasing() as session:
            erasing.erase(session, life.alias, lambda: "token")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert everything(store) == before


def test_an_order_id_that_differs_by_case_keeps_its_inbox(store: Store) -> None:
    life = a_life(store)
    subject = f"warehouse/NEWARK/{life.order.id.upper()}/1"
    with store.writing() as session:
        inbox.take(session, "wms", subject, "e", 1, "{}", MONDAY)

    erase(store, life)

    assert any(subject in row for row in everything(store)["inbox"])


def test_traces_name_the_orders_and_the_telling_strings(store: Store) -> None:
    life = a_life(store, status=OrderStatus.RELEASED)

    with store.reading() as session:
        found = traces.find(session, life.alias)

    assert found.open == {life.order.id: OrderStatus.RELEASED}
    assert {"Elm Street 1", "1Z-TRACK-1", "seen-CUST-ADA"} <= set(found.telling)
    assert (found.events, found.decisions) == (1, 1)


def test_live_rows_say_where_a_word_still_is(store: Store) -> None:
    a_life(store)

    with store.reading() as session:
        found = {where for where, _ in traces.live(session, "CUST-ADA")}

    assert found == {"pseudonyms.known_as", "events.event_id", "events.labels"}


def test_an_order_nobody_accepted_is_unknown(store: Store) -> None:
    life = a_life(store)

    with store.reading() as session:
        unknown = traces.unknown_orders(session, [life.order.id, OrderId("o-9")])

    assert unknown == {"o-9"}


@given(
    st.text(
        st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=16
    )
)
@settings(max_examples=50, deadline=None)
def test_a_postal_code_is_never_kept_whole(code: str) -> None:
    order = an_order(ship_to=a_place(code, city="Ogdenville", latitude=1, longitude=2))

    place = erasing.redacted(order).ship_to

    assert len(place.postal_code) <= 3
    assert place.postal_code != code
    assert (place.city, place.located) == ("", False)


def test_an_order_of_somebody_erased_meanwhile_is_not_accepted(
    store: Store,
) -> None:
    life = a_life(store)
    erase(store, life)

    with store.writing() as session, pytest.raises(people.Forgotten):
        people.pseudonym_of(
            session, life.order.customer_id, MONDAY, lambda: life.alias.pseudonym
        )
