"""Sessions, warnings, and what must never be shown."""

import base64

import httpx
import pytest

from domain.errors import AuthFailed, ConnectorError, InvalidRequest, StateConflict
from domain.quantities import FcId
from tests.unit.connectors.tryton.answers import (
    MUG,
    PASSWORD,
    RNO,
    SHIPMENT,
    Erp,
    Error,
    shipment,
)

GOODS = "model.product.product.search_read"


def warned(kind: str) -> Error:
    name = f"0cc175b9c0f1b6a831c399e269772661.{kind}"
    return Error("UserWarning", [name, "Is that meant so?", ""])


def canceling(*answers: object) -> Erp:
    found = [shipment("assigned")]
    erp = Erp().says(f"{SHIPMENT}.search_read", found)
    return erp.says(f"{SHIPMENT}.cancel", *answers)


async def test_one_sign_in_serves_many_calls() -> None:
    erp = Erp()
    warehouse = erp.warehouse()
    for _ in range(2):
        await warehouse.stock(RNO, (MUG,))
    coded = base64.b64encode(b"lanewise:4:session-token").decode()
    sent = {request.headers.get("Authorization") for request in erp.requests[1:]}
    assert len(erp.params("common.db.login")) == 1
    assert sent == {f"Session {coded}"}


async def test_an_ended_session_is_renewed_once() -> None:
    erp = Erp().says(GOODS, [], httpx.Response(401), [])
    warehouse = erp.warehouse()
    await warehouse.stock(RNO, (MUG,))
    await warehouse.stock(RNO, (MUG,))
    assert len(erp.params("common.db.login")) == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, text=f"{PASSWORD} is wrong"),
        Error("LoginException", ["password", f"not {PASSWORD}", "password"]),
    ],
)
async def test_a_refused_sign_in_shows_no_password(answer: object) -> None:
    erp = Erp().says("common.db.login", answer)
    with pytest.raises(AuthFailed) as refused:
        await erp.warehouse().stock(RNO, (MUG,))
    assert PASSWORD not in str(refused.value) + refused.value.raw
    assert len(erp.calls) == 1


async def test_a_harmless_warning_is_acknowledged_and_the_call_repeated() -> None:
    erp = canceling(warned("done"), None)
    await erp.warehouse().release_reservation(RNO, "o/1")
    skipped = erp.params("model.res.user.warning.skip")
    assert [p[0] for p in skipped] == ["0cc175b9c0f1b6a831c399e269772661.done"]
    assert len(erp.params(f"{SHIPMENT}.cancel")) == 2


async def test_any_other_warning_stops_and_is_named() -> None:
    erp = canceling(warned("effective_date_future"), None)
    with pytest.raises(StateConflict, match="effective_date_future"):
        await erp.warehouse().release_reservation(RNO, "o/1")
    assert not erp.params("model.res.user.warning.skip")
    assert len(erp.params(f"{SHIPMENT}.cancel")) == 1


async def test_an_operator_says_what_else_is_harmless() -> None:
    erp = canceling(warned("effective_date_future"), None)
    warehouse = erp.warehouse(harmless=["effective_date_future"])
    await warehouse.release_reservation(RNO, "o/1")
    assert len(erp.params(f"{SHIPMENT}.cancel")) == 2


async def test_warnings_without_end_are_given_up() -> None:
    erp = canceling(warned("done"))
    with pytest.raises(StateConflict, match="again and again"):
        await erp.warehouse().release_reservation(RNO, "o/1")


@pytest.mark.parametrize(
    ("method", "answer", "named"),
    [
        ("model.res.user.get_preferences", {}, "company"),
        ("model.stock.location.search_read", [], "WH"),
        ("model.party.party.search_read", [], "LW"),
    ],
)
async def test_what_is_configured_wrongly_is_named(
    method: str, answer: object, named: str
) -> None:
    with pytest.raises(InvalidRequest, match=named):
        await Erp().says(method, answer).warehouse().stock(RNO, (MUG,))


async def test_a_center_that_is_not_configured_is_named() -> None:
    with pytest.raises(ConnectorError, match="CMH"):
        await Erp().warehouse().stock(FcId("CMH"), None)
