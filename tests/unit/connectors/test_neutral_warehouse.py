"""The four questions to a mapping: built, sent, read, refused."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.neutral import mapping
from connectors.neutral.client import NeutralWarehouse
from connectors.neutral.settings import NeutralSettings
from domain.errors import (
    ContractViolation,
    InsufficientStock,
    StateConflict,
    Unsupported,
)
from domain.quantities import FcId
from domain.warehousing import (
    CancelOutcome,
    StockNotice,
    WarehouseEvent,
    WarehouseNotice,
    WorkStatus,
)
from domain.wire import raw_of
from tests.conformance.worlds import a_release, a_reservation

RENO = FcId("RENO")


class Counterpart:
    """Answers every call alike and remembers what it was asked."""

    def __init__(self, status: int, document: Any) -> None:
        self.status, self.document = status, document
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, json=self.document)

    @property
    def asked(self) -> list[str]:
        return [f"{r.method} {r.url.raw_path.decode()}" for r in self.requests]


def a_warehouse(counterpart: Counterpart) -> NeutralWarehouse:
    return NeutralWarehouse(
        NeutralSettings(base_url="http://wms/api"),
        lambda: datetime(2026, 3, 2, tzinfo=UTC),
        httpx.MockTransport(counterpart),
    )


def test_a_wish_to_set_aside_is_built() -> None:
    assert mapping.reserve_body(a_reservation("k/1", units=3)) == {
        "reference": "k/1",
        "order_id": "O-1",
        "lines": [{"sku": "MUG", "units": 3}],
    }


def test_a_release_is_built() -> None:
    assert mapping.release_body(a_release("w", "r")) == {
        "reference": "w",
        "order_id": "O-1",
        "parcel_id": "P-w",
        "reservation_reference": "r",
        "lines": [{"sku": "MUG", "units": 2}],
        "cartons": [],
        "service": "heron-ground",
        "tracking_number": "",
        "hand_over_at": "2026-03-02T17:00:00+00:00",
    }


async def test_the_right_addresses_are_called() -> None:
    counterpart = Counterpart(200, RESERVATION)
    warehouse = a_warehouse(counterpart)

    await warehouse.reserve(a_reservation("k/1"))
    await warehouse.release_reservation(FcId("A/B"), "k/1")

    assert counterpart.asked == [
        "POST /api/warehouses/RENO/reservations",
        "DELETE /api/warehouses/A%2FB/reservations?reference=k%2F1",
    ]
    assert counterpart.requests[0].headers["idempotency-key"] == "k/1"


async def test_a_partial_reservation_is_read() -> None:
    reservation = await a_warehouse(Counterpart(201, RESERVATION)).reserve(
        a_reservation("k/1", units=8)
    )

    assert (reservation.id, reservation.key, reservation.fc) == ("R-1", "k/1", "RENO")
    assert not reservation.complete
    assert [(line.sku, line.reserved) for line in reservation.short] == [("MUG", 6)]


async def test_an_order_with_an_unknown_status_is_read_as_unknown() -> None:
    found = {"orders": [{**ORDER, "status": "beamed-up"}]}

    order = await a_warehouse(Counterpart(200, found)).find_order(RENO, "w")

    assert order is not None
    assert order.status is WorkStatus.UNKNOWN


async def test_nothing_found_is_none() -> None:
    assert (
        await a_warehouse(Counterpart(200, {"orders": []})).find_order(RENO, "w")
        is None
    )


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (409, "insufficient-stock", InsufficientStock),
        (409, "not-reserved", StateConflict),
        (501, "not-supported", Unsupported),
    ],
)
async def test_a_refusal_is_read(status: int, code: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=code):
        await a_warehouse(Counterpart(status, {"code": code})).reserve(
            a_reservation("k/1")
        )


async def test_never_released_is_an_answer() -> None:
    outcome = await a_warehouse(Counterpart(404, {})).cancel_order(RENO, "w")

    assert outcome is CancelOutcome.NEVER_RELEASED


@pytest.mark.parametrize(
    "document",
    [
        [],
        "RENO",
        {"as_of": "2026-03-02T09:00:00"},
        {"as_of": "2026-03-02T09:00:00", "on_hand": {}},
        {"as_of": "2026-03-02T09:00:00Z", "on_hand": {"MUG": "many"}},
        {"as_of": "2026-03-02T09:00:00Z", "on_hand": {"MUG": 1.5}},
    ],
)
async def test_an_unreadable_count_is_a_contract_violation(document: Any) -> None:
    with pytest.raises(ContractViolation) as violation:
        await a_warehouse(Counterpart(200, document)).stock(RENO, None)

    assert violation.value.raw == raw_of(document)


def test_notices_are_read_and_extra_fields_ignored() -> None:
    body = json.dumps({"events": [NOTICE, COUNT], "sent_by": "robot"}).encode()

    notice, count = mapping.parse_warehouse_events(body)

    assert isinstance(notice, WarehouseNotice)
    assert notice.event is WarehouseEvent.SHORT_PICKED
    assert [(line.sku, line.units) for line in notice.lines] == [("MUG", 1)]
    assert isinstance(count, StockNotice)
    assert count.on_hand == 3


@pytest.mark.parametrize("event", ["teleported", None, 7, ["picked"]])
def test_an_unknown_event_is_unknown(event: Any) -> None:
    body = json.dumps({"events": [{**NOTICE, "event": event}]}).encode()

    (notice,) = mapping.parse_warehouse_events(body)

    assert isinstance(notice, WarehouseNotice)
    assert notice.event is WarehouseEvent.UNKNOWN


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"events": [1]}', b'{"events": [{}]}', b"\xff"]
)
def test_an_unreadable_webhook_is_a_contract_violation(body: bytes) -> None:
    with pytest.raises(ContractViolation):
        mapping.parse_warehouse_events(body)


RESERVATION = {
    "id": "R-1",
    "reference": "k/1",
    "lines": [{"sku": "MUG", "asked": 8, "reserved": 6, "shelf": "A-7"}],
    "mood": "helpful",
}
ORDER: dict[str, Any] = {
    "id": "W-1",
    "reference": "w",
    "parcel_id": "P-w",
    "status": "picked",
    "shipped": [],
    "short": [],
    "shipped_at": None,
}
NOTICE = {
    "type": "order-progressed",
    "event_id": "RENO:P-w:1",
    "fc": "RENO",
    "order_id": "O-1",
    "parcel_id": "P-w",
    "event": "short-picked",
    "sequence": 1,
    "occurred_at": "2026-03-02T13:00:00+00:00",
    "lines": [{"sku": "MUG", "units": 1}],
    "picker": "R2",
}
COUNT = {
    "type": "stock-counted",
    "event_id": "RENO:count:5",
    "fc": "RENO",
    "sku": "MUG",
    "on_hand": 3,
    "occurred_at": "2026-03-02T13:00:00+00:00",
}
