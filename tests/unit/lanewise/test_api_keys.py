"""Who may use the API: keys with scopes, until they are revoked."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.registry import Registry
from domain.order import Order
from domain.quantities import OrderId, Value
from lanewise.api.app import make_app
from lanewise.api.gate import Gate, Scope, make_key
from store import keys
from store.engine import Store
from tests.builders import MONDAY, an_order


@dataclass(frozen=True)
class Submitted:
    order_id: OrderId
    accepted: str = "new"


async def submit(order: Order) -> Submitted:
    return Submitted(order.id)


class NoSignals:
    async def send(self, workflow_id: str, name: str, arg: Value) -> bool:
        raise AssertionError(workflow_id)


@dataclass
class Guarded:
    """An API that asks for keys."""

    store: Store
    registry: Registry = field(default_factory=Registry)

    def __post_init__(self) -> None:
        self.app: FastAPI = make_app(self, NoSignals(), submit, gate=Gate(self.store))

    def key(self, *scopes: Scope) -> str:
        return make_key(self.store, "a shop", scopes, MONDAY)

    async def hands_over(self, authorization: str | None) -> httpx.Response:
        headers = {} if authorization is None else {"authorization": authorization}
        body = an_order(id="o-1").model_dump_json()
        return await self.ask("POST", "/orders", content=body, headers=headers)

    async def ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://lanewise.test"
        ) as client:
            return await client.request(method, path, **rest)


@pytest.fixture
def guarded(sqlite_store: Store) -> Guarded:
    return Guarded(sqlite_store)


async def test_a_key_with_the_scope_opens(guarded: Guarded) -> None:
    key = guarded.key(Scope.ORDERS_WRITE)

    answer = await guarded.hands_over(f"Bearer {key}")

    assert answer.status_code == 202


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Bearer ",
        "Bearer nonsense",
        "Basic bHc6bHc=",
        f"Bearer lw_{'a' * 12}_{'b' * 43}",
    ],
)
async def test_without_a_key_in_force_nothing_opens(
    guarded: Guarded, authorization: str | None
) -> None:
    answer = await guarded.hands_over(authorization)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "lanewise keys add" in answer.json()["detail"]


async def test_the_right_id_with_a_wrong_secret_does_not_open(guarded: Guarded) -> None:
    key = guarded.key(Scope.ORDERS_WRITE)

    answer = await guarded.hands_over(f"Bearer {key[:-3]}AAA")

    assert answer.status_code == 401


async def test_a_key_opens_only_what_it_is_for(guarded: Guarded) -> None:
    key = guarded.key(Scope.ORDERS_READ)

    answer = await guarded.hands_over(f"Bearer {key}")

    assert answer.status_code == 403
    assert "orders:write" in answer.json()["detail"]


async def test_a_revoked_key_is_shut_out_at_once(guarded: Guarded) -> None:
    key = guarded.key(Scope.ORDERS_WRITE)
    key_id = key.split("_")[1]

    guarded.store.write(lambda session: keys.revoke(session, key_id, MONDAY))

    assert (await guarded.hands_over(f"Bearer {key}")).status_code == 401


async def test_a_key_is_asked_for_before_the_body_is_looked_at(
    guarded: Guarded,
) -> None:
    answer = await guarded.ask("POST", "/orders", content=b"not json")

    assert answer.status_code == 401


async def test_health_needs_no_key(guarded: Guarded) -> None:
    assert (await guarded.ask("GET", "/healthz")).status_code == 200


def test_a_keys_secret_is_nowhere_in_the_store(guarded: Guarded) -> None:
    secret = guarded.key(Scope.ORDERS_READ).split("_", 2)[2]

    with guarded.store.reading() as session:
        [key] = keys.listed(session)
        kept = keys.find(session, key.id)

    assert kept is not None
    assert secret not in kept.model_dump_json()
    assert (key.name, key.scopes) == ("a shop", ("orders:read",))
