"""A small Karrio of our own making: it speaks the wire format and remembers."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.unit.connectors.karrio.samples import (
    LABEL,
    SECRET,
    a_draft,
    a_page,
    a_rate,
    a_tracker,
    an_error,
)


@dataclass
class KarrioSide:
    """What Karrio keeps: shipments by id, oldest first, and what it charges."""

    charge: float = 7.25
    rate: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    shipments: dict[str, dict[str, Any]] = field(default_factory=dict)

    def rates(self) -> list[dict[str, Any]]:
        ground = a_rate(total_charge=self.charge, **self.rate)
        return [ground, a_rate(id="rat_2", service="air")]


def karrio_app(side: KarrioSide) -> FastAPI:
    """Make an application that answers as Karrio does."""
    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def known(request: Request, call_next: Any) -> Any:
        if request.headers.get("authorization") != f"Token {SECRET}":
            return JSONResponse(an_error("invalid_token", "not valid"), 401)
        return await call_next(request)

    @app.post("/v1/proxy/rates")
    async def rates() -> Any:
        return {"rates": side.rates(), "messages": []}

    @app.get("/v1/shipments")
    async def listed(reference: str, limit: int, offset: int) -> Any:
        word = reference.lower()
        newest = list(side.shipments.values())[::-1]
        found = [one for one in newest if word in one["reference"].lower()]
        return a_page(*found[offset : offset + limit])

    @app.post("/v1/shipments", status_code=201)
    async def create(body: dict[str, Any]) -> Any:
        number = len(side.shipments) + 1
        made = a_draft(
            id=f"shp_{number}",
            reference=body["reference"],
            metadata=body["metadata"],
            rates=side.rates(),
            created_at=f"2026-03-02 09:00:00.{number:06}+00:00",
        )
        side.shipments[made["id"]] = made
        return made

    @app.post("/v1/shipments/{name}/rates")
    async def refresh(name: str) -> Any:
        return _changed(side, name, rates=side.rates())

    @app.post("/v1/shipments/{name}/purchase")
    async def purchase(name: str, body: dict[str, Any]) -> Any:
        shipment = side.shipments[name]
        if shipment["status"] != "draft":
            return JSONResponse(an_error("state_error", "cannot be purchased"), 409)
        ids = {rate["id"]: rate for rate in shipment["rates"]}
        rate = ids[body["selected_rate_id"]]
        return _changed(
            side,
            name,
            status="created",
            carrier_id=rate["carrier_id"],
            tracking_number=f"T{name}",
            selected_rate=rate,
        )

    @app.post("/v1/shipments/{name}/cancel")
    async def cancel(name: str) -> Any:
        if name not in side.shipments:
            return JSONResponse(an_error("not_found", "Resource not found"), 404)
        status = side.shipments[name]["status"]
        if status == "cancelled":
            return JSONResponse(side.shipments[name], 202)
        if status not in ("draft", "created"):
            said = f"The shipment is '{status}' and can not be cancelled anymore..."
            return JSONResponse(an_error("state_error", said), 409)
        return _changed(side, name, status="cancelled")

    @app.post("/v1/shipments/{name}/documents/label")
    async def label(name: str) -> Any:
        return LABEL

    @app.get("/v1/trackers/{number}")
    async def tracker(number: str) -> Any:
        return a_tracker(*side.events, tracking_number=number, **_carrier(side))

    return app


def _carrier(side: KarrioSide) -> dict[str, Any]:
    ground = side.rates()[0]
    return {name: ground[name] for name in ("carrier_id", "carrier_name")}


def _changed(side: KarrioSide, name: str, **changes: Any) -> dict[str, Any]:
    side.shipments[name] |= changes
    return side.shipments[name]
