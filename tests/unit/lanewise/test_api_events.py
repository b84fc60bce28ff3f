"""Events over HTTP: kept whole or not at all, and what is wrong said by index."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from domain.quantities import CustomerId
from domain.subject import of_customer
from lanewise.api.app import make_app
from lanewise.api.happening import Happening
from lanewise.people import Pseudonyms
from store import events
from store.engine import Store
from tests.builders import MONDAY
from tests.fakes import FakeClock
from tests.unit.lanewise.test_api_orders import NoSignals, Process, RememberedOrders


class Bell:
    def __init__(self) -> None:
        self.rung = 0

    def ring(self) -> None:
        self.rung += 1


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest_asyncio.fixture
async def http(sqlite_store: Store, bell: Bell) -> AsyncIterator[httpx.AsyncClient]:
    clock = FakeClock(MONDAY)
    app = make_app(
        Process(sqlite_store),
        NoSignals(),
        RememberedOrders().submit,
        happening=Happening(sqlite_store, clock.now, bell.ring),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


def an_event(number: int = 1, **overrides: Any) -> dict[str, Any]:
    values = {
        "id": f"event-{number}",
        "kind": "viewed",
        "occurred_at": "2026-03-02T11:00:00Z",
        "customer_id": "ANNA",
        "sku": "LAMP",
    }
    return values | overrides


async def test_a_batch_is_kept_and_the_keeper_is_woken(
    http: httpx.AsyncClient, bell: Bell, sqlite_store: Store
) -> None:
    answer = await http.post("/events", json=[an_event(1), an_event(2), an_event(1)])

    assert (answer.status_code, bell.rung) == (200, 1)
    assert answer.json() == {
        "new": 2,
        "repeated": 1,
        "conflicting": [],
        "refused": [],
    }
    alias = Pseudonyms(sqlite_store).find(CustomerId("ANNA"))
    assert alias is not None
    whom = [of_customer(alias.pseudonym), of_customer(alias.known_as)]
    with sqlite_store.reading() as session:
        kept = events.histories(session, whom, MONDAY)
    assert [len(kept[subject].entries) for subject in whom] == [2, 0]


async def test_a_document_a_line_is_a_batch_too(http: httpx.AsyncClient) -> None:
    body = "\n".join(json.dumps(an_event(n)) for n in range(3)) + "\n\n"

    answer = await http.post("/events", content=body)

    assert answer.json()["new"] == 3


async def test_one_wrong_event_refuses_them_all_by_index_and_field(
    http: httpx.AsyncClient, bell: Bell
) -> None:
    wrong = an_event(2, occurred_at="yesterday", colour="red")

    answer = await http.post("/events", json=[an_event(1), wrong])
    later = await http.post("/events", json=[an_event(1)])

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    fields = [error["field"] for error in answer.json()["errors"]]
    assert sorted(fields) == ["1.colour", "1.occurred_at"]
    assert later.json()["new"] == 1
    assert bell.rung == 1


async def test_what_has_not_happened_is_named_with_the_reason(
    http: httpx.AsyncClient,
) -> None:
    ahead = an_event(1, occurred_at="2026-03-09T11:00:00Z")

    answer = await http.post("/events", json=[ahead])

    [refused] = answer.json()["refused"]
    event, why = refused["id"], refused["why"]
    assert event == "event-1"
    assert "in the future" in why


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "it is empty"),
        (b"[{", "body: not JSON"),
        (b'{"id": 1}\n{', "line 2: not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
async def test_what_is_no_json_is_refused_in_words(
    http: httpx.AsyncClient, body: bytes, said: str
) -> None:
    answer = await http.post("/events", content=body)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


async def test_a_batch_that_is_too_large_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/events", content=b" " * (1024 * 1024 + 1))

    assert answer.status_code == 413
