import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from temporalio.service import RPCError, RPCStatusCode

from activities.evaluating import Evaluated
from connectors.registry import Registry
from domain.errors import OrderConflict
from domain.order import Order, OrderStatus
from domain.quantities import CarrierId, FcId, OrderId, SegmentId, Value
from domain.scarcity import Scarce, ScarceKind
from domain.segment import Classification, Membership
from domain.shipping import VoidOutcome
from lanewise.api.app import make_app
from store import doubles, orders, segments
from store.engine import Store
from tests.builders import MONDAY, an_order


@dataclass(frozen=True)
class Submitted:
    order_id: OrderId
    accepted: str


@dataclass
class RememberedOrders:
    """Takes each order once, as the client would."""

    taken: dict[str, Order] = field(default_factory=dict)

    async def submit(self, order: Order) -> Submitted:
        kept = self.taken.setdefault(order.id, order)
        if kept != order:
            msg = f"order {order.id!r} was accepted with other content"
            raise OrderConflict(msg)
        return Submitted(order.id, "new" if kept is order else "already")


class NoSignals:
    async def send(self, workflow_id: str, name: str, arg: Value) -> bool:
        raise AssertionError(workflow_id)


@dataclass
class Process:
    store: Store
    registry: Registry = field(default_factory=Registry)


@pytest.fixture
def taken() -> RememberedOrders:
    return RememberedOrders()


@pytest.fixture
def app(sqlite_store: Store, taken: RememberedOrders) -> FastAPI:
    return make_app(Process(sqlite_store), NoSignals(), taken.submit)


@dataclass
class Asked:
    """Remembers which orders were evaluated together; ``away`` is an outage."""

    store: Store
    registry: Registry = field(default_factory=Registry)
    together: list[tuple[str, ...]] = field(default_factory=list)
    away: bool = False

    def __post_init__(self) -> None:
        submit = RememberedOrders().submit
        self.app = make_app(self, NoSignals(), submit, evaluate=self.evaluate)

    async def evaluate(self, *given: Order) -> Evaluated:
        if self.away:
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
        self.together.append(tuple(order.id for order in given))
        return Evaluated(as_of=MONDAY, plans=())


@pytest.fixture
def asked(sqlite_store: Store) -> Asked:
    return Asked(sqlite_store)


async def ask(app: FastAPI, method: str, path: str, **body: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://lanewise.test"
    ) as client:
        return await client.request(method, path, **body)


def document(**changes: Any) -> dict[str, Any]:
    order: dict[str, Any] = json.loads(an_order(id="o-1").model_dump_json())
    return order | changes


async def test_an_order_is_handed_over(app: FastAPI, taken: RememberedOrders) -> None:
    answer = await ask(app, "POST", "/orders", json=document())

    assert answer.status_code == 202
    assert answer.json() == {"order_id": "o-1", "accepted": "new"}
    assert answer.headers["location"] == "/orders/o-1"
    assert taken.taken["o-1"] == an_order(id="o-1")


async def test_the_same_order_again_is_already_there(app: FastAPI) -> None:
    await ask(app, "POST", "/orders", json=document())

    again = await ask(app, "POST", "/orders", json=document())

    assert (again.status_code, again.json()["accepted"]) == (200, "already")


async def test_another_order_under_its_id_is_a_conflict(app: FastAPI) -> None:
    await ask(app, "POST", "/orders", json=document())

    other = await ask(app, "POST", "/orders", json=document(gift=True))

    assert other.status_code == 409
    assert "other content" in other.json()["detail"]


async def test_a_wrong_order_is_refused_by_field_value_and_remedy(
    app: FastAPI, taken: RememberedOrders
) -> None:
    wrong = document(lines=[{"sku": "LAMP", "units": -2}])

    answer = await ask(app, "POST", "/orders", json=wrong)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {
            "field": "lines.0.units",
            "value": "-2",
            "remedy": "Input should be greater than 0",
        }
    ]
    assert taken.taken == {}


async def test_a_misspelt_field_is_refused_at_any_depth(app: FastAPI) -> None:
    wrong = document(lines=[{"sku": "LAMP", "units": 1, "unit": 2}], delivr_by=None)

    answer = await ask(app, "POST", "/orders", json=wrong)

    found = {each["field"]: each["remedy"] for each in answer.json()["errors"]}
    assert found == {
        "lines.0.unit": "did you mean 'units'?",
        "delivr_by": "did you mean 'deliver_by'?",
    }


@pytest.mark.parametrize("body", [b"{", b"", b"\xff"])
async def test_what_is_not_json_is_refused(app: FastAPI, body: bytes) -> None:
    answer = await ask(app, "POST", "/orders", content=body)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("body: not JSON")


async def test_an_order_says_where_it_stands(app: FastAPI, sqlite_store: Store) -> None:
    member = Membership(segment=SegmentId("urgent"), version="v1", since=MONDAY)
    with sqlite_store.writing() as session:
        orders.admit(session, an_order(id="o-1"), MONDAY)
        orders.set_status(session, OrderId("o-1"), OrderStatus.PLANNED, MONDAY)
        segments.record(
            session, OrderId("o-1"), Classification(memberships=(member,)), MONDAY
        )

    answer = await ask(app, "GET", "/orders/o-1")

    assert answer.status_code == 200
    assert answer.json()["status"] == "planned"
    assert answer.json()["segments"] == ["urgent"]


async def test_an_order_nobody_knows_is_not_found(app: FastAPI) -> None:
    answer = await ask(app, "GET", "/orders/o-9")

    assert answer.status_code == 404
    assert answer.json()["detail"] == "id: no order 'o-9' is known"


async def test_a_healthy_process_says_so(app: FastAPI) -> None:
    answer = await ask(app, "GET", "/healthz")

    assert answer.json() == {"status": "ok", "facts_waiting": 0}


async def test_several_orders_are_evaluated_together(asked: Asked) -> None:
    orders_given = [document(), document(id="o-2")]

    answer = await ask(asked.app, "POST", "/evaluate", json=orders_given)

    assert answer.status_code == 200
    assert asked.together == [("o-1", "o-2")]
    assert answer.json()["as_of"] == MONDAY.isoformat().replace("+00:00", "Z")


async def test_one_order_is_evaluated_alone(asked: Asked) -> None:
    await ask(asked.app, "POST", "/evaluate", json=document())

    assert asked.together == [("o-1",)]


async def test_a_wrong_order_among_several_is_named_and_none_is_evaluated(
    asked: Asked,
) -> None:
    wrong = document(id="o-2", lines=[])

    answer = await ask(asked.app, "POST", "/evaluate", json=[document(), wrong])

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "1.lines"
    assert asked.together == []


async def test_more_orders_than_are_evaluated_at_once_are_refused(
    asked: Asked,
) -> None:
    answer = await ask(asked.app, "POST", "/evaluate", json=[document()] * 101)

    assert answer.status_code == 422
    assert "1 to 100" in answer.json()["detail"]


async def test_without_a_worker_evaluation_is_for_later(asked: Asked) -> None:
    asked.away = True

    answer = await ask(asked.app, "POST", "/evaluate", json=document())

    assert answer.status_code == 503


async def test_what_is_scarce_can_be_asked_for(
    sqlite_store: Store, taken: RememberedOrders
) -> None:
    async def scarce() -> tuple[Scarce, ...]:
        return (
            Scarce(
                kind=ScarceKind.FC_LINES,
                fc=FcId("EAST"),
                day=MONDAY.date(),
                millicents=4_400,
                strict_millicents=500,
                found_at=MONDAY,
            ),
        )

    process = Process(sqlite_store)
    app = make_app(process, NoSignals(), taken.submit, scarce=scarce)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as api:
        (told,) = (await api.get("/prices")).json()

    assert told["what"] == "line EAST can work on 2026-03-02"
    assert told["cents"] == 5
    assert told["kind"] == "fc-lines"


async def test_labels_bought_twice_that_are_owed_can_be_asked_for(
    asked: Asked, sqlite_store: Store
) -> None:
    with sqlite_store.writing() as session:
        for number, outcome in enumerate((VoidOutcome.VOIDED, VoidOutcome.REFUSED)):
            doubles.note(
                session,
                doubles.Double(
                    carrier=CarrierId("SWIFT"),
                    booking_id=f"LABEL-{number}",
                    reference="ORDER-1/1/r1",
                    outcome=outcome,
                    found_at=MONDAY,
                ),
            )

    told = (await ask(asked.app, "GET", "/doubles")).json()

    assert (told["found"], told["voided"], told["owed"]) == (2, 1, 1)
    assert [label["booking_id"] for label in told["labels"]] == ["LABEL-1"]
