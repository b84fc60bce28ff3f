"""Histories: orders of the past, out of the store or a file, with facts of then."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from activities.classifying import Classifier
from domain.event import BusinessEvent
from domain.policy import Effects
from domain.quantities import CustomerId, OrderId
from domain.subject import SubjectKind, of_customer, of_order
from lanewise import past
from lanewise.past import Ground, HistoryError, Past
from segmentation.classify import Rules
from segmentation.simulation import judge
from store import events, network, orders, segments
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_network,
    a_place,
    a_rule_set,
    a_segment,
    a_sku,
    an_order,
    two_centers,
)

HOUR = timedelta(hours=1)


def written(path: Path, *lines: object) -> str:
    file = path / "history.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines) + "\n", "utf-8")
    return str(file)


def as_json(order: object = None, **more: object) -> dict[str, object]:
    document = (order or an_order()).model_dump(mode="json")  # type: ignore[attr-defined]
    return {"order": document, **more} if more else document


def test_a_line_is_an_order_as_of_its_placing(tmp_path: Path) -> None:
    (found,) = past.read(written(tmp_path, as_json()), None)

    assert found == Past(an_order(), MONDAY)


def test_a_line_may_state_facts_and_an_instant(tmp_path: Path) -> None:
    line = as_json(
        facts={"units": 9, "categories": ["a"]}, as_of="2026-03-05T00:00:00Z"
    )

    (found,) = past.read(written(tmp_path, line), None)

    assert found.stated == {"units": 9, "categories": ("a",)}
    assert found.as_of == MONDAY + timedelta(days=2, hours=12)


def test_orders_come_oldest_first_and_the_newest_are_kept(tmp_path: Path) -> None:
    placed = [MONDAY + hours * HOUR for hours in (2, 0, 1)]
    lines = [as_json(an_order(id=f"o-{at:%H}", placed_at=at)) for at in placed]
    file = written(tmp_path, *lines)

    assert [p.order.id for p in past.read(file, None)] == ["o-12", "o-13", "o-14"]
    assert [p.order.id for p in past.read(file, None, limit=2)] == ["o-13", "o-14"]
    later = past.read(file, None, since=MONDAY + 2 * HOUR)
    assert [p.order.id for p in later] == ["o-14"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2: this is not JSON"),
        ('{"id": "o-1"}', "line 2: order.customer_id: is missing"),
        ('{"order": {}, "fatcs": {}}', "fatcs: is not a field here"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(
    tmp_path: Path, line: str, complaint: str
) -> None:
    file = Path(written(tmp_path, as_json()))
    file.write_text(file.read_text("utf-8") + line, "utf-8")

    with pytest.raises(HistoryError, match=complaint):
        past.read(str(file), None)


def test_the_store_tells_its_orders_as_of_when_they_came_in(
    sqlite_store: Store,
) -> None:
    with sqlite_store.writing() as session:
        orders.admit(session, an_order(), MONDAY + HOUR)

    (found,) = past.read("store", sqlite_store)

    assert found == Past(an_order(), MONDAY + HOUR)


def test_only_events_of_before_count(sqlite_store: Store) -> None:
    rules = Rules(a_rule_set(a_segment(when="events('viewed', within='7d') >= 1")))
    with sqlite_store.writing() as session:
        network.publish(session, a_network(), MONDAY)
        network.save_skus(session, [a_sku()])
        viewed = BusinessEvent(
            id="e-1",
            kind="viewed",
            occurred_at=MONDAY + HOUR,
            customer_id=CustomerId("CUST-1"),
        )
        events.ingest(session, [viewed], MONDAY + 2 * HOUR)
    ground = past.ground_of(sqlite_store, MONDAY + 2 * HOUR)
    pasts = [Past(an_order(), MONDAY + hours * HOUR) for hours in (0, 1)]

    early, late = past.tell(pasts, ground, rules)

    (window,) = rules.windows
    own = of_order(an_order().id)
    counted = [told.facts[own].values.get(window.key) for told in (early, late)]
    assert counted == [0, 1]


def test_facts_stated_stand_above_facts_told() -> None:
    ground = Ground(network=a_network(), skus={a_sku().id: a_sku()})
    stated = Past(an_order(), MONDAY, {"units": 40, "customer_tier": "vip"})

    (told,) = past.tell([stated], ground, Rules(a_rule_set()))

    values = told.facts[of_order(told.order.id)].values
    assert (values["units"], values["customer_tier"]) == (40, "vip")
    assert values["weight_g"] == 800


def test_without_a_network_only_what_is_stated_is_known() -> None:
    stated = Past(an_order(), MONDAY, {"units": 40})

    (told,) = past.tell([stated], Ground(), Rules(a_rule_set()))

    assert dict(told.facts[of_order(OrderId("ORDER-1"))].values) == {"units": 40}


def test_whatever_rules_are_on_is_told() -> None:
    on = {
        SubjectKind.CUSTOMER: "orders_90d >= 1",
        SubjectKind.SKU: "fragile",
        SubjectKind.LANE: "center == 'EAST'",
    }
    rules = Rules(
        a_rule_set(
            *(a_segment(id=kind, on=kind, when=rule) for kind, rule in on.items())
        )
    )
    ground = Ground(network=two_centers(), skus={a_sku().id: a_sku()})

    (told,) = past.tell([Past(an_order(), MONDAY)], ground, rules)

    assert of_customer(CustomerId("CUST-1")) in told.facts
    assert sum(name.startswith("lane/") for name in told.facts) == 4
    assert told.facts["sku/LAMP"].values["fragile"] is False  # type: ignore[index]


def test_destinations_are_found_on_the_map() -> None:
    nowhere = a_place("60601", latitude=None, longitude=None, region="")

    found = past.located(an_order(ship_to=nowhere))

    assert found.ship_to.region == "IL"
    assert found.ship_to.located


def test_an_order_is_judged_as_when_it_is_decided(sqlite_store: Store) -> None:
    on = {
        SubjectKind.ORDER: "units >= 1",
        SubjectKind.CUSTOMER: "events('viewed', within='7d') >= 1",
        SubjectKind.SKU: "not fragile",
        SubjectKind.LANE: "center == 'EAST' and mode == 'air'",
    }
    effects = {SubjectKind.LANE: Effects(block_lane=True)}
    rules = a_rule_set(
        *(
            a_segment(id=k, on=k, when=rule, effects=effects.get(k, Effects()))
            for k, rule in on.items()
        )
    )
    viewed = BusinessEvent(
        id="e-1", kind="viewed", occurred_at=MONDAY, customer_id=CustomerId("CUST-1")
    )
    with sqlite_store.writing() as session:
        network.publish(session, a_network(), MONDAY)
        network.save_skus(session, [a_sku()])
        segments.publish(session, rules, MONDAY)
        events.ingest(session, [viewed], MONDAY)
    ground = past.ground_of(sqlite_store, MONDAY)

    (told,) = past.tell([Past(an_order(), MONDAY)], ground, Rules(rules))
    judged = judge(
        Rules(rules), told.order, told.facts, MONDAY, down=told.down, looks=told.looks
    )

    with sqlite_store.reading() as session:
        decided = Classifier().classify(session, told.order, MONDAY)
    assert judged.classification == decided.classification
    assert judged.policy == decided.policy
    assert len(judged.segments) == 4
