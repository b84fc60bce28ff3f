"""A Tryton that answers from a script, method by method."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from connectors.tryton.client import TrytonWarehouse
from connectors.tryton.settings import TrytonSettings
from domain.order import Line
from domain.quantities import FcId, OrderId, ParcelId, ServiceId, SkuId
from domain.warehousing import ReleaseOrder, ReserveStock

RNO = FcId("RNO")
MUG = SkuId("MUG")
PASSWORD = "a-long-password"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WRITTEN = {
    **{"__class__": "datetime", "year": 2026, "month": 3, "day": 2},
    **{"hour": 8, "minute": 30, "second": 15, "microsecond": 250000},
}
SHIPMENT = "model.stock.shipment.out"

Script = dict[str, Any]


def setting(**changes: Any) -> TrytonSettings:
    given = {
        **{"base_url": "https://erp.example", "database": "prod", "user": "lanewise"},
        **{"secret": SecretStr(PASSWORD), "customer": "LW"},
        "warehouses": {"RNO": "WH"},
    }
    return TrytonSettings.model_validate(given | changes)


def shipment(state: str, reference: str = "o/1", /, **changes: Any) -> dict[str, Any]:
    return {
        **{"id": 9, "state": state, "reference": reference, "warehouse": 5},
        **{"write_date": WRITTEN, "_timestamp": "1772440215.25"},
    } | changes


def move(number: int, state: str, units: float, **changes: Any) -> dict[str, Any]:
    """Return a move from the shelves; ``out=True`` for one to the customer."""
    places = (2, 7) if changes.pop("out", False) else (3, 2)
    return {
        **{"id": number, "state": state, "internal_quantity": units},
        **{"shipment": "stock.shipment.out,9", "write_date": WRITTEN},
        **{"from_location": places[0], "to_location": places[1]},
        "product.": {"id": 1, "code": "MUG"},
    } | changes


def eight(assigned: float, state: str = "assigned") -> list[dict[str, Any]]:
    """Return the moves of a shipment of eight units, some of them assigned."""
    rest = [move(13, "draft", 8 - assigned)] if assigned < 8 else []
    return [move(11, "draft", 8, out=True), move(12, state, assigned), *rest]


def product(units: float) -> dict[str, Any]:
    return {"id": 1, "code": "MUG", "default_uom": 1, "quantity": units}


SITE: Script = {
    "model.stock.move.search_read": [],
    "common.db.login": [4, "session-token", None],
    "model.res.user.get_preferences": {"company": 1, "language": "en"},
    "model.company.company.read": [{"id": 1, "currency": 3}],
    "model.stock.location.search_read": [
        {
            **{"id": 5, "code": "WH", "storage_location": 3, "output_location": 2},
            "picking_location": None,
        }
    ],
    "model.party.party.search_read": [
        {"id": 2, "addresses": [6], "customer_location": 7}
    ],
    "model.ir.note.search_read": [],
    "model.product.product.search_read": [product(20.0)],
}


class Erp:
    """Answers each method with the next of its answers; the last one stays."""

    def __init__(self, **answers: Any) -> None:
        self.calls: list[tuple[str, list[Any]]] = []
        self.requests: list[httpx.Request] = []
        self._answers: Script = dict(SITE)
        self._turns: dict[str, list[Any]] = {}

    def says(self, method: str, *answers: Any) -> "Erp":
        """Script a method's answers; an ``Error`` is an error in a 200."""
        self._turns[method] = list(answers)
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        call = json.loads(request.content)
        method = call["method"]
        self.calls.append((method, call["params"]))
        turns = self._turns.get(method)
        answer = self._answers.get(method) if turns is None else turns[0]
        if turns is not None and len(turns) > 1:
            turns.pop(0)
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, Error):
            return httpx.Response(200, json={"id": 1, "error": answer.said})
        return httpx.Response(200, json={"id": 1, "result": answer})

    def params(self, method: str) -> list[list[Any]]:
        """Return the parameters of every call of a method."""
        return [params for name, params in self.calls if name == method]

    def warehouse(self, **changes: Any) -> TrytonWarehouse:
        """Return an adapter that talks to this."""
        real_time: Callable[[], datetime] = lambda: NOW  # noqa: E731
        return TrytonWarehouse(setting(**changes), real_time, httpx.MockTransport(self))


class Error:
    """What Tryton says in a 200 when something went wrong."""

    def __init__(self, *said: Any) -> None:
        self.said = list(said)


def wish(units: int = 8, key: str = "o/1") -> ReserveStock:
    lines = (Line(sku=MUG, units=units),)
    return ReserveStock(key=key, fc=RNO, order_id=OrderId("o"), lines=lines)


def release(units: int = 8, key: str = "o/1", **changes: Any) -> ReleaseOrder:
    return ReleaseOrder.model_validate(
        {
            **{"key": key, "fc": RNO, "order_id": "o", "parcel_id": ParcelId("o/1")},
            **{"reservation_key": "o/1", "service": ServiceId("ground")},
            **{"lines": (Line(sku=MUG, units=units),), "tracking_number": "1Z9"},
            "hand_over_at": NOW,
        }
        | changes
    )
