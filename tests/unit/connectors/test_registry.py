from datetime import UTC, datetime
from importlib.metadata import EntryPoint

import pytest
from pydantic import SecretStr

from connectors import registry
from connectors.neutral.client import NeutralCarrier, NeutralWarehouse
from connectors.ports import Idempotency
from connectors.registry import Connection, ConnectionKind, connect
from domain.errors import InvalidRequest, NotFound
from domain.quantities import CarrierId, FcId


def real_time() -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC)


def a_connection(**changes: object) -> Connection:
    fields = {"name": "depot", "kind": "warehouse", "base_url": "http://depot"}
    return Connection.model_validate({**fields, **changes})


def test_a_center_is_reached_through_the_connection_that_names_it() -> None:
    mine = a_connection(name="mine", fcs=("RENO",))
    rest = a_connection(name="rest")

    made = connect((mine, rest), real_time)

    assert made.warehouse(FcId("RENO")) is made.warehouses["mine"]
    assert made.warehouse(FcId("DALLAS")) is made.warehouses["rest"]


def test_a_center_nobody_serves_is_not_found() -> None:
    made = connect((a_connection(fcs=("RENO",)),), real_time)

    with pytest.raises(NotFound, match="DALLAS"):
        made.warehouse(FcId("DALLAS"))
    with pytest.raises(NotFound, match="heron"):
        made.carrier(CarrierId("heron"))


def test_options_reach_the_adapter() -> None:
    connection = a_connection(
        kind="carrier",
        options={"idempotency": "unique-reference", "quote_lifetime_s": "600"},
        webhook_secret=SecretStr("PEPPERCORN"),
    )

    adapter = connect((connection,), real_time).carriers["depot"]

    assert isinstance(adapter, NeutralCarrier)
    assert adapter.capabilities().idempotency is Idempotency.UNIQUE_REFERENCE
    assert adapter.capabilities().quote_lifetime_s == 600


@pytest.mark.parametrize(
    ("connections", "complaint"),
    [
        ((a_connection(options={"colour": "red"}),), "option 'colour'"),
        ((a_connection(), a_connection()), "used twice"),
        ((a_connection(), a_connection(name="b")), "already served by 'depot'"),
        (
            (a_connection(fcs=("A",)), a_connection(name="b", fcs=("A",))),
            "center 'A' is already served by 'depot'",
        ),
        ((a_connection(provider="pigeon"),), "provider 'pigeon' is unknown"),
    ],
)
def test_a_wrong_connection_is_named(
    connections: tuple[Connection, ...], complaint: str
) -> None:
    with pytest.raises(InvalidRequest, match=complaint):
        connect(connections, real_time)


def test_adapters_of_others_plug_in_by_entry_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offered(*, group: str, name: str) -> list[EntryPoint]:
        there = (group, name) == ("lanewise.warehouses", "pigeon")
        return [EntryPoint(name, f"{__name__}:a_pigeon_loft", group)] if there else []

    monkeypatch.setattr(registry, "entry_points", offered)

    made = connect((a_connection(provider="pigeon"),), real_time)

    adapter: object = made.warehouses["depot"]
    assert adapter == ("pigeon loft", "depot")


def a_pigeon_loft(connection: Connection, _: object) -> tuple[str, str]:
    return ("pigeon loft", connection.name)


async def test_a_secret_is_never_shown() -> None:
    connection = a_connection(secret="SWORDFISH", kind=ConnectionKind.WAREHOUSE)

    made = connect((connection,), real_time)
    await made.close()

    assert isinstance(made.warehouses["depot"], NeutralWarehouse)
    assert "SWORDFISH" not in repr(connection) + repr(made.warehouses)
