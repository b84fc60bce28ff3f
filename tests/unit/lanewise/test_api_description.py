"""The API keeps to its own description, whatever is sent."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import CheckFunction, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from activities.evaluating import Evaluated
from connectors.registry import Registry
from domain.order import Order
from domain.quantities import Instant, OrderId, Value
from lanewise.api.app import make_app
from lanewise.api.gate import Gate, Scope, make_key
from lanewise.api.happening import Happening
from store.engine import Store
from tests.builders import MONDAY

# What a schema cannot say (a SKU on two lines) is refused all the same.
NOT_CHECKED: list[CheckFunction] = [checks.positive_data_acceptance]


@dataclass
class Process:
    store: Store
    registry: Registry = field(default_factory=Registry)


@dataclass(frozen=True)
class Submitted:
    order_id: OrderId
    accepted: str = "new"


class NoSignals:
    async def send(self, workflow_id: str, name: str, arg: Value) -> bool:
        raise AssertionError(workflow_id)


async def submit(order: Order) -> Submitted:
    return Submitted(order.id)


async def evaluate(*orders: Order) -> Evaluated:
    return Evaluated(as_of=MONDAY, plans=(), segments=((),) * len(orders))


async def now() -> Instant:
    return MONDAY


@pytest.fixture
def api(sqlite_store: Store) -> OpenApiSchema:
    app = make_app(
        Process(sqlite_store),
        NoSignals(),
        submit,
        happening=Happening(sqlite_store, now),
        evaluate=evaluate,
        gate=Gate(sqlite_store),
    )
    key = make_key(sqlite_store, "a test", tuple(Scope), MONDAY)
    config = SchemathesisConfig()
    config.projects.default.update(headers={"Authorization": f"Bearer {key}"})
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


OPERATIONS = (
    ("POST", "/webhooks/{connection}"),
    ("POST", "/orders"),
    ("GET", "/orders/{order_id}"),
    ("POST", "/evaluate"),
    ("POST", "/events"),
    ("GET", "/doubles"),
    ("GET", "/healthz"),
)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_one_that_was_described(
    api: OpenApiSchema, method: str, path: str, mode: GenerationMode
) -> None:
    operation = api[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(excluded_checks=NOT_CHECKED)

    with suppress(Unsatisfiable):
        # An operation without arguments can be asked in no wrong way.
        ask()


def test_every_operation_and_refusal_is_described(api: OpenApiSchema) -> None:
    described = api.raw_schema["paths"]

    assert set(described) == {path for _, path in OPERATIONS}
    assert set(described["/orders"]["post"]["responses"]) == {
        *("200", "202", "400", "401", "403", "409", "413", "422", "503")
    }
    assert described["/orders"]["post"]["security"] == [{"key": []}]
    assert "security" not in described["/webhooks/{connection}"]["post"]
