"""ShipBob: stock, orders, cancellations; built, called, read, refused."""

import json
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.connection import Connection, ConnectionKind
from connectors.ports import Ability
from connectors.registry import connect
from connectors.shipbob import requests
from connectors.shipbob.client import ShipBobWarehouse
from domain.errors import (
    AuthFailed,
    ConnectorError,
    ContractViolation,
    InvalidRequest,
    RateLimited,
    StateConflict,
    Unsupported,
)
from domain.order import Line
from domain.quantities import CarrierId, FcId, OrderId, ParcelId, SkuId
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    ReserveStock,
    WarehouseLabel,
    WorkStatus,
)
from tests.contracts import SHIPBOB, Contract, contract
from tests.shipments import KEYS, releases
from tests.unit.connectors.shipbob.platform import DUPLICATE, Platform, level
from tests.unit.connectors.shipbob.world import (
    ANA,
    BOISE,
    LAMP,
    MUG,
    NOW,
    RENO,
    STANDARD,
    a_release,
    a_warehouse,
    some_settings,
)

KEY = a_release().key


def answering(status: int, document: Any, **headers: str) -> httpx.MockTransport:
    return httpx.MockTransport(
        lambda _: httpx.Response(status, json=document, headers=headers)
    )


def saying(document: Any) -> httpx.MockTransport:
    """Answer with a document, also one with numbers that JSON has no words for."""
    body = json.dumps(document).encode()
    return httpx.MockTransport(lambda _: httpx.Response(200, content=body))


# Stock


async def test_counting_calls_the_levels_of_one_location() -> None:
    platform = Platform()
    await a_warehouse(platform.transport).stock(RENO, (MUG,))

    (request,) = platform.requests
    assert request.url.path == "/2026-01/inventory-level/locations"
    assert dict(request.url.params) == {"LocationId": "211", "PageSize": "250"}
    assert request.headers["Authorization"] == "Bearer OPEN-SESAME"
    assert request.headers["shipbob_channel_id"] == "433"


async def test_what_is_on_hand_there_is_counted() -> None:
    platform = Platform([level("MUG", 40)], [level("MUG", 2), level("cup-9", 5)])
    products = {"CUP": "cup-9"}
    warehouse = a_warehouse(platform.transport, products=products)
    report = await warehouse.stock(RENO, (MUG, SkuId("CUP"), LAMP))

    assert report.on_hand == {MUG: 42, SkuId("CUP"): 5, LAMP: 0}
    assert [r.url.params.get("Cursor") for r in platform.requests] == [None, "1"]
    assert (await warehouse.stock(RENO, None)).on_hand == {MUG: 42, "CUP": 5}


async def test_a_page_that_leads_to_itself_ends() -> None:
    page = {"items": [level("MUG", 1)], "next": "same"}
    report = await a_warehouse(answering(200, page)).stock(RENO, (MUG,))

    assert report.on_hand == {MUG: 2}


@pytest.mark.parametrize("document", [[], {}, {"items": None}, "x", None])
async def test_levels_that_cannot_be_read_are_a_contract_violation(
    document: Any,
) -> None:
    with pytest.raises(ContractViolation):
        await a_warehouse(answering(200, document)).stock(RENO, None)


async def test_a_center_that_is_not_mapped_is_named() -> None:
    with pytest.raises(InvalidRequest, match=r"'ELKO' is not mapped.*RENO"):
        await a_warehouse(Platform().transport).stock(FcId("ELKO"), None)


async def test_our_centers_are_listed() -> None:
    ((center, zone),) = await a_warehouse(Platform().transport).centers()

    assert (center.id, center.place.country, center.place.city) == (RENO, "US", "Reno")
    assert zone == "Pacific Standard Time"


# Releasing


def test_an_order_is_built() -> None:
    body = requests.order_body(a_release(), some_settings(products={MUG: "mug-1"}))

    assert (body["reference_id"], body["order_number"]) == (KEY, "O-1")
    assert (body["location_id"], body["shipping_method"]) == (211, "Standard")
    assert body["products"][0] == {
        **{"reference_id": "mug-1", "name": None, "quantity": 2}
    }
    assert body["recipient"]["address"]["address1"] == "12 Juniper Street"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"recipient": None}, r"recipient\.name"),
        ({"recipient": ANA.model_copy(update={"street_1": ""})}, "recipient.street_1"),
        ({"ship_to": None}, "ship_to"),
        ({"ship_to": BOISE.model_copy(update={"city": ""})}, r"ship_to\.city"),
        ({"fc": "ELKO"}, "ELKO"),
    ],
    ids=str,
)
def test_what_an_order_lacks_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRequest, match=named):
        requests.order_body(a_release(**changes), some_settings())


def test_a_service_without_a_shipping_method_is_not_its_to_ship() -> None:
    with pytest.raises(Unsupported, match="by-balloon"):
        requests.order_body(a_release(service="by-balloon"), some_settings())


async def test_releasing_calls_the_orders_once() -> None:
    platform = Platform()
    work = await a_warehouse(platform.transport).release_order(a_release())

    (request,) = platform.requests
    assert (request.method, request.url.path) == ("POST", "/2026-01/order")
    assert (work.id, work.status) == ("1000", WorkStatus.ACCEPTED)
    assert (work.key, work.parcel_id) == (KEY, ParcelId("O-1/2"))


async def test_a_reference_used_before_is_answered_with_what_is_there() -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    first = await warehouse.release_order(a_release())
    second = await warehouse.release_order(a_release())

    assert first.id == second.id
    assert len(platform.orders) == 1


async def test_a_reference_used_for_other_goods_is_refused() -> None:
    warehouse = a_warehouse(Platform().transport)
    await warehouse.release_order(a_release())

    with pytest.raises(StateConflict, match="other goods"):
        await warehouse.release_order(a_release(lines=(Line(sku=MUG, units=9),)))


async def test_a_mistake_that_is_no_repetition_stays_one() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=[])
        return httpx.Response(422, json={"Products[0].Name": ["is required"]})

    with pytest.raises(InvalidRequest, match="is required"):
        await a_warehouse(httpx.MockTransport(answer)).release_order(a_release())


@pytest.mark.parametrize(
    ("status", "document", "error"),
    [
        (400, {"Recipient.Address": ["The City field is required."]}, InvalidRequest),
        (401, None, AuthFailed),
        (403, "no access", AuthFailed),
        (400, {"code": "VALIDATION_ERROR", "message": "no"}, InvalidRequest),
    ],
)
async def test_a_refusal_is_read(
    status: int, document: Any, error: type[ConnectorError]
) -> None:
    with pytest.raises(error):
        await a_warehouse(answering(status, document)).release_order(a_release())


async def test_how_long_to_wait_is_read_from_its_own_header() -> None:
    spent = {"x-retry-after": "23", "x-remaining-calls": "0"}
    warehouse = a_warehouse(answering(429, {}, **spent))

    with pytest.raises(RateLimited) as limited:
        await warehouse.find_order(RENO, KEY)
    assert limited.value.retry_after_s == 23


@given(one=KEYS, other=KEYS)
@settings(deadline=None, max_examples=100)
def test_no_two_keys_share_a_reference(one: str, other: str) -> None:
    named = {requests.reference_of(one), requests.reference_of(other)}

    assert len(named) == len({one, other})
    assert not any("," in name or " " in name for name in named)


async def test_it_sets_nothing_aside() -> None:
    warehouse = a_warehouse(Platform().transport)
    line = Line(sku=MUG, units=1)
    wish = ReserveStock(key="k", fc=RENO, order_id=OrderId("O-1"), lines=(line,))

    assert not warehouse.capabilities().can(Ability.RESERVE)
    with pytest.raises(Unsupported):
        await warehouse.reserve(wish)
    await warehouse.release_reservation(RENO, "k")


# Where it stands


async def test_looking_up_asks_by_reference() -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    await warehouse.release_order(a_release())
    found = await warehouse.find_order(RENO, KEY)

    assert found is not None
    assert platform.requests[-1].url.params["ReferenceIds"] == KEY
    assert await warehouse.find_order(RENO, "O-1/2/r2") is None


@pytest.mark.parametrize(
    ("status", "details", "expected"),
    [
        ("Processing", [], WorkStatus.ACCEPTED),
        ("Processing", [{"id": 1, "name": "Picked"}], WorkStatus.PICKED),
        ("Exception", [{"id": 2, "name": "OutOfStock"}], WorkStatus.ACCEPTED),
        ("OnHold", None, WorkStatus.ACCEPTED),
        ("LabeledCreated", [], WorkStatus.PICKED),
        ("Completed", [], WorkStatus.SHIPPED),
        ("Cancelled", [], WorkStatus.CANCELLED),
    ],
)
async def test_a_status_is_told_in_our_words(
    status: str, details: Any, expected: WorkStatus
) -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    await warehouse.release_order(a_release())
    platform.move(KEY, status, status_details=details)

    found = await warehouse.find_order(RENO, KEY)
    assert found is not None
    assert found.status is expected


@pytest.mark.parametrize("word", ["Teleported", None, 7])
async def test_an_unheard_of_status_is_unknown(word: Any) -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    await warehouse.release_order(a_release())
    platform.move(KEY, "x")["shipments"][0]["status"] = word
    platform.orders[KEY]["status"] = word

    found = await warehouse.find_order(RENO, KEY)
    assert found is not None
    assert found.status is WorkStatus.UNKNOWN


async def test_what_left_and_what_did_not_is_told() -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    await warehouse.release_order(a_release())
    tracking = {"tracking_number": "1Z9", "shipping_date": "2026-03-03T17:00:00"}
    order = platform.move(KEY, "Completed", tracking=tracking)
    order["shipments"][0]["products"].pop()

    found = await warehouse.find_order(RENO, KEY)

    assert found is not None
    assert found.shipped == (Line(sku=MUG, units=2),)
    assert found.short == (Line(sku=LAMP, units=1),)
    assert found.tracking_number == "1Z9"
    assert str(found.shipped_at) == "2026-03-03 17:00:00+00:00"


async def test_its_own_label_is_told_in_our_words() -> None:
    platform = Platform()
    names = {CarrierId("brown"): ("UPS", "UPS Mail Innovations")}
    warehouse = a_warehouse(platform.transport, carrier_names=names)
    await warehouse.release_order(a_release())
    bare = await warehouse.find_order(RENO, KEY)
    tracking = {"tracking_number": "1Z9", "carrier": "ups", "carrier_service": "Ground"}
    charged = {"invoice_amount": 8.15, "invoice_currency_code": "USD"}
    platform.move(KEY, "Completed", tracking=tracking, **charged)
    platform.orders[KEY]["shipments"][0]["delivery_date"] = "2026-03-05T15:00:00Z"

    found = await warehouse.find_order(RENO, KEY)

    assert warehouse.capabilities().can(Ability.OWN_LABELS)
    assert bare is not None
    assert bare.label is None
    assert found is not None
    assert found.label == WarehouseLabel(
        tracking_number="1Z9", carrier="brown", service="Ground", cost_cents=815
    )
    assert str(found.delivered_at) == "2026-03-05 15:00:00+00:00"


@pytest.mark.parametrize("amount", [None, 0, "", "much", "NaN", True, [], -3.5])
async def test_a_cost_that_is_none_is_not_told(amount: Any) -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    await warehouse.release_order(a_release())
    tracking = {"pro_number": "PRO-1", "carrier": "Estes"}
    platform.move(KEY, "LabeledCreated", tracking=tracking, invoice_amount=amount)

    found = await warehouse.find_order(RENO, KEY)

    assert found is not None
    assert found.label == WarehouseLabel(tracking_number="PRO-1", carrier="Estes")


async def test_an_order_sent_in_parts_is_under_way_until_the_last() -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    await warehouse.release_order(a_release())
    order = platform.orders[KEY]
    order["shipments"].append({**order["shipments"][0], "status": "Completed"})
    order["status"] = "PartiallyFulfilled"

    found = await warehouse.find_order(RENO, KEY)
    assert found is not None
    assert (found.status, found.shipped) == (WorkStatus.PICKING, ())


@pytest.mark.parametrize("document", [{}, "x", None, [{"reference_id": KEY}]])
async def test_orders_that_cannot_be_read_are_a_contract_violation(
    document: Any,
) -> None:
    with pytest.raises(ContractViolation):
        await a_warehouse(answering(200, document)).find_order(RENO, KEY)


ORDER: dict[str, Any] = {
    "id": 1,
    "reference_id": KEY,
    "status": "Processing",
    "products": [{"reference_id": "MUG", "quantity": 2}],
    "shipments": [{"id": 2, "status": "Completed", "products": [], "tracking": {}}],
    "tags": [],
    "items": [level("MUG", 1)],
    "next": None,
}
FIELDS = sorted({*ORDER, "sku", "locations", "quantity", "inventory_items", "name"})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
        ),
        max_leaves=8,
    ),
    st.sampled_from(FIELDS),
)
@settings(deadline=None, max_examples=40)
async def test_no_answer_crashes_the_reader(odd: Any, field: str) -> None:
    shipment = {**ORDER["shipments"][0], field: odd}
    for document in (
        odd,
        {**ORDER, field: odd},
        [{**ORDER, field: odd}],
        [{**ORDER, "shipments": [shipment]}],
    ):
        warehouse = a_warehouse(saying(document))
        for answer in (
            warehouse.release_order(a_release()),
            warehouse.find_order(RENO, KEY),
            warehouse.cancel_order(RENO, KEY),
            warehouse.stock(RENO, (MUG,)),
            warehouse.centers(),
        ):
            with suppress(ConnectorError):
                await answer


# Stopping


async def test_cancelling_calls_the_order_found() -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    await warehouse.release_order(a_release())

    assert await warehouse.cancel_order(RENO, KEY) is CancelOutcome.CANCELLED
    last = platform.requests[-1]
    assert (last.method, last.url.path) == ("POST", "/2026-01/order/1000:cancel")
    assert await warehouse.cancel_order(RENO, KEY) is CancelOutcome.CANCELLED


@pytest.mark.parametrize("status", ["LabeledCreated", "Completed"])
async def test_once_under_way_it_is_too_late_to_stop(status: str) -> None:
    platform = Platform()
    warehouse = a_warehouse(platform.transport)
    await warehouse.release_order(a_release())
    platform.move(KEY, status)

    assert await warehouse.cancel_order(RENO, KEY) is CancelOutcome.TOO_LATE


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            httpx.Response(200, json={"status": "PartialSuccess"}),
            CancelOutcome.TOO_LATE,
        ),
        (httpx.Response(422, json=DUPLICATE), CancelOutcome.TOO_LATE),
        (httpx.Response(404), CancelOutcome.NEVER_RELEASED),
    ],
    ids=str,
)
async def test_what_became_of_a_cancellation_is_read(
    answer: httpx.Response, outcome: CancelOutcome
) -> None:
    order = {"id": 1, "reference_id": KEY, "status": "Processing", "shipments": []}

    def reply(request: httpx.Request) -> httpx.Response:
        listed = httpx.Response(200, json=[order])
        return listed if request.method == "GET" else answer

    warehouse = a_warehouse(httpx.MockTransport(reply))
    assert await warehouse.cancel_order(RENO, KEY) is outcome


# The published contract


@pytest.fixture(scope="module")
def judge() -> Contract:
    return contract(SHIPBOB)


@given(order=releases(RENO, STANDARD))
@settings(deadline=None, max_examples=20)
async def test_every_request_keeps_the_published_contract(
    judge: Contract, order: ReleaseOrder
) -> None:
    platform = Platform([level("MUG", 1)], [level("LAMP", 1)])
    warehouse = a_warehouse(platform.transport)
    await warehouse.centers()
    await warehouse.release_order(order)
    await warehouse.release_order(order)
    await warehouse.cancel_order(RENO, order.key)
    await warehouse.stock(RENO, None)

    # Its pages lead on by a link whose `Cursor` the contract does not name.
    own = [r for r in platform.requests if "Cursor" not in r.url.params]
    assert [fault for one in own for fault in judge.faults(one)] == []


def test_the_contract_can_say_no(judge: Contract) -> None:
    body = {**requests.order_body(a_release(), some_settings()), "type": "Pigeon"}
    request = httpx.Request("POST", "https://x.example/2026-01/order", json=body)

    assert judge.faults(request)


# A connection


def test_a_connection_makes_the_adapter() -> None:
    options = some_settings().model_dump(
        mode="json", include={"channel_id", "locations", "shipping_methods"}
    )
    connection = Connection(
        name="reno",
        kind=ConnectionKind.WAREHOUSE,
        provider="shipbob",
        secret="OPEN-SESAME",
        webhook_secret="whsec_AAAA",
        fcs=(RENO,),
        options=json.loads(json.dumps(options)),
    )
    made = connect((connection,), lambda: NOW).warehouse(RENO)

    assert isinstance(made, ShipBobWarehouse)
    assert "OPEN-SESAME" not in repr(vars(made))
