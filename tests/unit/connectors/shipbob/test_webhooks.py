"""ShipBob's webhooks: believed only when signed, and read without a schema."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.errors import ConnectorError, ContractViolation
from domain.order import Line
from domain.quantities import OrderId, ParcelId
from domain.warehousing import WarehouseEvent, WarehouseNotice
from tests.unit.connectors.shipbob.platform import ELSEWHERE, Platform
from tests.unit.connectors.shipbob.world import (
    MUG,
    NOW,
    RENO,
    WEBHOOK_SECRET,
    a_warehouse,
    signed_headers,
)

SHIPMENT: dict[str, Any] = {
    "id": 501_000,
    "order_id": 1_000,
    "reference_id": "O-1/2/r1",
    "status": "Completed",
    "location": {"id": 211, "name": "Reno (NV)"},
    "created_date": "2026-03-02T09:00:00Z",
    "last_update_at": "2026-03-03T18:00:00+00:00",
    "products": [
        {"id": 5, "reference_id": "MUG", "inventory_items": [{"id": 1, "quantity": 2}]}
    ],
    "tracking": {
        **{"carrier": "UPS", "tracking_number": "1Z9"},
        "shipping_date": "2026-03-03T17:00:00Z",
    },
}
WAREHOUSE = a_warehouse(Platform().transport)


def read(document: Any) -> tuple[WarehouseNotice, ...]:
    told = WAREHOUSE.parse_webhook(json.dumps(document).encode())
    return tuple(notice for notice in told if isinstance(notice, WarehouseNotice))


def test_a_shipment_is_read() -> None:
    (notice,) = read(SHIPMENT)

    assert (notice.fc, notice.event) == (RENO, WarehouseEvent.SHIPPED)
    assert (notice.order_id, notice.parcel_id) == (OrderId("O-1"), ParcelId("O-1/2"))
    assert notice.lines == (Line(sku=MUG, units=2),)
    assert notice.tracking_number == "1Z9"
    assert str(notice.occurred_at) == "2026-03-03 17:00:00+00:00"


def test_an_order_tells_each_of_its_shipments() -> None:
    other = {**SHIPMENT, "id": 501_001, "status": "Cancelled"}
    tags = [
        {"name": "lanewise-order", "value": "O-7"},
        {"name": "lanewise-parcel", "value": "P-7"},
    ]
    order = {"id": 1_000, "reference_id": "x", "tags": tags}
    told = read({**order, "shipments": [SHIPMENT, other]})

    events = [WarehouseEvent.SHIPPED, WarehouseEvent.CANCELLED]
    assert [notice.event for notice in told] == events
    assert {(n.order_id, n.parcel_id) for n in told} == {("O-7", "P-7")}


def test_a_delivery_is_another_fact_than_the_departure() -> None:
    (left,) = read(SHIPMENT)
    (there,) = read({**SHIPMENT, "delivery_date": "2026-03-05T15:00:00Z"})

    assert there.event is WarehouseEvent.DELIVERED
    assert there.sequence > left.sequence
    assert there.event_id != left.event_id
    assert str(there.occurred_at) == "2026-03-05 15:00:00+00:00"


def test_what_is_wrapped_is_unwrapped() -> None:
    assert read({"topic": "order.shipped", "data": SHIPMENT}) == read(SHIPMENT)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("LabeledCreated", WarehouseEvent.PICKED),
        ("Cancelled", WarehouseEvent.CANCELLED),
        ("Exception", WarehouseEvent.UNKNOWN),
        ("OnHold", WarehouseEvent.UNKNOWN),
        ("Teleported", WarehouseEvent.UNKNOWN),
        (None, WarehouseEvent.UNKNOWN),
    ],
)
def test_a_status_is_told_in_our_words(
    status: str | None, event: WarehouseEvent
) -> None:
    (notice,) = read({**SHIPMENT, "status": status})

    assert notice.event is event


def test_a_copy_is_known_and_another_fact_is_not_one() -> None:
    (first,) = read(SHIPMENT)
    (copy,) = read({**SHIPMENT, "last_update_at": "2026-03-04T01:00:00Z"})
    (other,) = read({**SHIPMENT, "status": "LabeledCreated"})

    assert first.event_id == copy.event_id != other.event_id
    assert other.sequence < first.sequence


@pytest.mark.parametrize(
    "document",
    [
        {"id": 3, "status": "Completed", "total": 4},
        {**SHIPMENT, "location": {"id": ELSEWHERE}},
        {**SHIPMENT, "reference_id": None},
        {**SHIPMENT, "location": None},
    ],
    ids=["a return", "elsewhere", "not ours", "nowhere"],
)
def test_news_of_nothing_of_ours_tells_nothing(document: Any) -> None:
    assert read(document) == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null"])
def test_an_unreadable_webhook_is_a_contract_violation(body: bytes) -> None:
    with pytest.raises(ContractViolation):
        WAREHOUSE.parse_webhook(body)


@given(
    st.dictionaries(
        st.sampled_from([*SHIPMENT, "shipments", "data", "tags"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(["id", "name", "value", "quantity", *SHIPMENT]),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=6,
        ),
    )
)
@settings(deadline=None, max_examples=40)
def test_no_webhook_crashes_the_reader(changes: dict[str, Any]) -> None:
    try:
        read({**SHIPMENT, **changes})
    except ConnectorError:
        return


# Signatures


@pytest.mark.parametrize("padded", [True, False])
def test_a_genuine_webhook_is_believed(padded: bool) -> None:
    headers = signed_headers(b"{}", padded=padded)

    assert WAREHOUSE.verify_webhook(headers, b"{}")
    assert WAREHOUSE.verify_webhook({k.upper(): v for k, v in headers.items()}, b"{}")
    assert not WAREHOUSE.verify_webhook(headers, b"{ }")
    assert not WAREHOUSE.verify_webhook({}, b"{}")


def test_one_of_several_signatures_is_enough() -> None:
    headers = signed_headers(b"{}")
    headers["webhook-signature"] = f"v1,AAAA v2,x {headers['webhook-signature']}"

    assert WAREHOUSE.verify_webhook(headers, b"{}")


@pytest.mark.parametrize(
    ("seconds", "believed"), [(299, True), (-299, True), (301, False), (-301, False)]
)
def test_only_a_webhook_of_just_now_is_believed(seconds: int, believed: bool) -> None:
    headers = signed_headers(b"{}", at=NOW + timedelta(seconds=seconds))

    assert WAREHOUSE.verify_webhook(headers, b"{}") is believed


@pytest.mark.parametrize("secret", [None, "whsec_", "whsec_%%%", ""])
def test_without_a_secret_nothing_is_believed(secret: str | None) -> None:
    given = None if secret is None else SecretStr(secret)
    warehouse = a_warehouse(Platform().transport, webhook_secret=given)

    assert not warehouse.verify_webhook(signed_headers(b"{}", key=b""), b"{}")
    assert WEBHOOK_SECRET.get_secret_value() not in repr(vars(warehouse))
