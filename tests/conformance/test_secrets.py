"""Secrets stay in the adapter: not in Temporal, not in logs, not in what is shown."""

import logging
import typing
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, SecretStr
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from activities.deciding import Deciding
from activities.gathering import Gathering
from activities.recording import Recording
from activities.retrying import for_retries
from activities.shipping import Shipping
from activities.warehousing import Warehousing
from activities.watching import Watching
from connectors.connection import Connection
from connectors.neutral.client import NeutralCarrier
from connectors.neutral.settings import NeutralSettings
from connectors.registry import connect
from domain.shipping import Booking
from lanewise.converter import data_converter
from lanewise.wiring import WORKFLOWS
from tests.conformance.worlds import CARRIER, a_parcel, a_question, real_now

SECRET = "SWORDFISH-AND-CHIPS"
# How temporalio marks an activity.
ACTIVITY = "__temporal_activity_definition"


def a_carrier(status: int) -> NeutralCarrier:
    """Reach a counterpart that repeats whatever it was sent."""

    def echo(request: httpx.Request) -> httpx.Response:
        said = f"{dict(request.headers)} {request.url}"
        return httpx.Response(status, json={"code": said, "detail": said})

    settings = NeutralSettings(
        base_url="http://echo", secret=SecretStr(SECRET), webhook_secret=SECRET
    )
    return NeutralCarrier(settings, real_now, httpx.MockTransport(echo))


@pytest.mark.parametrize("status", [200, 400, 401, 404, 409, 422, 429, 500, 503])
async def test_what_fails_in_an_activity_takes_no_secret_to_temporal(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    converter, failure = data_converter(), Failure()

    with pytest.raises(ApplicationError) as raised, for_retries():
        await a_carrier(status).book(a_parcel("echoed"))
    await converter.encode_failure(raised.value, failure)

    assert failure.message
    assert SECRET.encode() not in failure.SerializeToString()
    assert SECRET not in caplog.text


async def test_a_raw_answer_is_not_part_of_what_travels() -> None:
    booking = Booking(
        id="B-1",
        reference="r",
        carrier=CARRIER,
        service=a_question().services[0],
        tracking_number="1Z",
        cost_cents=1,
        raw=f'{{"token": "{SECRET}"}}',
    )

    (payload,) = await data_converter().encode([booking])

    assert SECRET.encode() not in payload.SerializeToString()
    assert SECRET not in repr(booking)
    assert SECRET in booking.raw


def test_connections_and_adapters_show_no_secret() -> None:
    connection = Connection.model_validate(
        {
            "name": "echo",
            "kind": "carrier",
            "base_url": "http://echo",
            "secret": SECRET,
            "webhook_secret": SECRET,
            "secrets": {"account": SECRET},
        }
    )

    shown = f"{connection!r} {connection!s} {connection.model_dump_json()}"

    assert SECRET not in shown
    with pytest.raises(Exception, match="account") as refused:
        connect((connection,), real_now)
    assert SECRET not in str(refused.value)


def test_nothing_workflows_or_activities_take_has_room_for_a_secret() -> None:
    activities = (Deciding, Gathering, Shipping, Warehousing, Recording, Watching)
    methods: list[Any] = [vars(workflow)["run"] for workflow in WORKFLOWS]
    for room in activities:
        methods += [m for m in vars(room).values() if hasattr(m, ACTIVITY)]
    models = {m for method in methods for m in models_of(method)}

    holding = [m.__name__ for m in models for t in fields_of(m) if t is SecretStr]

    assert len(methods) > len(WORKFLOWS) + 10
    assert len(models) > 30
    assert holding == []


def models_of(method: Any) -> Iterator[type[BaseModel]]:
    for hint in typing.get_type_hints(method).values():
        yield from _models(hint, set())


def fields_of(model: type[BaseModel]) -> Iterator[Any]:
    for field in model.model_fields.values():
        yield from _parts(field.annotation)


def _models(hint: Any, seen: set[Any]) -> Iterator[type[BaseModel]]:
    for part in _parts(hint):
        if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
            seen.add(part)
            yield part
            for field in part.model_fields.values():
                yield from _models(field.annotation, seen)


def _parts(hint: Any) -> Iterator[Any]:
    inside = typing.get_args(hint)
    if not inside:
        yield hint
    for part in inside:
        yield from _parts(part)
