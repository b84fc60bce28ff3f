"""A small ShipEngine with a memory, on its wire format; of our own making."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI, Request, Response

REQUEST_ID = str(UUID(int=7))
PDF = b"%PDF-1.4 a label"
PDF_64 = "JVBERi0xLjQgYSBsYWJlbA=="
MONEY = {"currency": "usd", "amount": 0.0}
INSURANCE = {"currency": "usd", "amount": 2.0}
RATE: dict[str, Any] = {
    "rate_type": "check",
    "carrier_id": "se-101",
    "shipping_amount": {"currency": "usd", "amount": 9.41},
    "insurance_amount": MONEY,
    "confirmation_amount": {"currency": "usd", "amount": "3.15"},
    "other_amount": {"currency": "usd", "amount": 0.445},
    "zone": 6,
    "package_type": "package",
    "delivery_days": 3,
    "guaranteed_service": False,
    "estimated_delivery_date": "2026-03-05T18:00:00Z",
    "ship_date": "2026-03-02T00:00:00Z",
    "service_code": "ups_ground",
    "service_type": "UPS Ground",
    "validation_status": "valid",
    "warning_messages": [],
    "error_messages": [],
    "carrier_code": "ups",
}


def refusal(status: int, code: str, message: str, **more: str) -> httpx.Response:
    """Answer as it does when it says no."""
    error = {
        "error_source": "shipengine",
        "error_type": "validation",
        "error_code": code,
        "message": message,
        **more,
    }
    return httpx.Response(status, json={"request_id": REQUEST_ID, "errors": [error]})


class Platform:
    """Shipments by external id, and the labels bought for them."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.shipments: dict[str, dict[str, Any]] = {}
        self.labels: dict[str, dict[str, Any]] = {}
        self.handed_over: set[str] = set()
        self.events: list[dict[str, Any]] = []
        self.rated: dict[str, str] = {}
        self.rise = 0.0
        self.manifests: list[dict[str, Any]] = []
        self.later = False
        self._routes: list[tuple[str, str, Callable[..., httpx.Response]]] = [
            ("POST", r"/v1/rates/estimate", self._estimate),
            ("POST", r"/v1/rates", self._rates),
            ("POST", r"/v1/labels/rates/([^/]+)", self._buy_at),
            ("POST", r"/v1/manifests", self._close),
            ("GET", r"/v1/manifests", self._manifests),
            ("POST", r"/v1/labels", self._buy),
            ("POST", r"/v1/labels/shipment/([^/]+)", self._buy_for),
            ("GET", r"/v1/labels", self._list),
            ("GET", r"/v1/labels/([^/]+)", self._label),
            ("PUT", r"/v1/labels/([^/]+)/void", self._void),
            ("GET", r"/v1/shipments/external_shipment_id/([^/]+)", self._shipment),
            ("GET", r"/v1/tracking", self._tracking),
            ("POST", r"/v1/addresses/validate", self._validate),
        ]

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        for method, pattern, handle in self._routes:
            match = re.fullmatch(pattern, request.url.path)
            if match and method == request.method:
                return handle(request, *match.groups())
        return refusal(404, "unspecified", "no such resource")

    def _estimate(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[RATE])

    def _rates(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        shipment = body.get("shipment")
        if shipment is not None:
            external = shipment["external_shipment_id"]
            if external in self.shipments:
                return self._duplicate(external)
            number = f"se-{len(self.shipments) + 1}"
            self.shipments[external] = {**shipment, "shipment_id": number}
        else:
            (external,) = (
                name
                for name, known in self.shipments.items()
                if known["shipment_id"] == body["shipment_id"]
            )
        rate_id = f"se-5{len(self.rated) + 1:03}"
        self.rated[rate_id] = external
        (code,) = body["rate_options"]["service_codes"]
        amount = {"currency": "usd", "amount": 9.41 + self.rise}
        rate = {**RATE, "rate_id": rate_id, "service_code": code}
        rates = [{**rate, "shipping_amount": amount, "insurance_amount": INSURANCE}]
        told = {
            "rates": rates,
            "invalid_rates": [],
            "errors": [],
            "status": "completed",
        }
        known = self.shipments[external]
        return httpx.Response(200, json={**known, "rate_response": told})

    def _buy_at(self, request: httpx.Request, rate_id: str) -> httpx.Response:
        if rate_id not in self.rated:
            return refusal(404, "unspecified", "no such rate")
        return self._made(self.rated[rate_id])

    def _close(self, request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["label_ids"]
        voided = [one for one in ids if self.labels[one]["voided"]]
        if voided:
            return refusal(400, "invalid_field_value", f"{voided} are voided")
        form = {
            "manifest_id": f"se-7{len(self.manifests) + 1:03}",
            "carrier_id": "se-101",
            "label_ids": ids,
            "shipments": len(ids),
            "manifest_download": {"href": f"data:application/pdf;base64,{PDF_64}"},
        }
        self.manifests.append(form)
        asked = [{"manifest_request_id": "se-801", "status": "in_progress"}]
        if self.later:
            return httpx.Response(
                200, json={"manifests": [], "manifest_requests": asked}
            )
        told = {"manifests": [form], "manifest_requests": []}
        return httpx.Response(200, json=told)

    def _manifests(self, request: httpx.Request) -> httpx.Response:
        size, page = (int(request.url.params[n]) for n in ("page_size", "page"))
        part = self.manifests[(page - 1) * size : page * size]
        pages = -(-len(self.manifests) // size)
        counts = {"total": len(self.manifests), "page": page, "pages": pages}
        return httpx.Response(200, json={"manifests": part, **counts, "links": {}})

    def _duplicate(self, external: str) -> httpx.Response:
        return refusal(
            400,
            "invalid_field_value",
            f"external_shipment_id {external!r} already exists",
            field_name="shipment.external_shipment_id",
        )

    def _buy(self, request: httpx.Request) -> httpx.Response:
        shipment = json.loads(request.content)["shipment"]
        external = shipment["external_shipment_id"]
        if external in self.shipments:
            return self._duplicate(external)
        number = f"se-{len(self.shipments) + 1}"
        self.shipments[external] = {**shipment, "shipment_id": number}
        return self._made(external)

    def _buy_for(self, request: httpx.Request, shipment_id: str) -> httpx.Response:
        for external, shipment in self.shipments.items():
            if shipment["shipment_id"] == shipment_id:
                return self._made(external)
        return refusal(404, "unspecified", "no such shipment")

    def _made(self, external: str) -> httpx.Response:
        shipment, number = self.shipments[external], len(self.labels) + 1
        label = {
            "label_id": f"se-9{number:03}",
            "status": "completed",
            "shipment_id": shipment["shipment_id"],
            "external_shipment_id": external,
            "created_at": datetime(2026, 3, 2, 9, 0, number % 60, tzinfo=UTC)
            .isoformat()
            .replace("+00:00", "Z"),
            "shipment_cost": {"currency": "usd", "amount": 12.5},
            "insurance_cost": MONEY,
            "tracking_number": f"1Z{number:06}",
            "carrier_id": shipment["carrier_id"],
            "carrier_code": "ups",
            "service_code": shipment["service_code"],
            "voided": False,
            "voided_at": None,
            "is_return_label": False,
        }
        self.labels[label["label_id"]] = label
        return httpx.Response(200, json=label)

    def _list(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params["shipment_id"]
        size, page = (int(request.url.params[n]) for n in ("page_size", "page"))
        found = [la for la in self.labels.values() if la["shipment_id"] == wanted]
        part = found[(page - 1) * size : page * size]
        pages = -(-len(found) // size)
        counts = {"total": len(found), "page": page, "pages": pages, "links": {}}
        return httpx.Response(200, json={"labels": part, **counts})

    def _label(self, request: httpx.Request, label: str) -> httpx.Response:
        if label not in self.labels:
            return refusal(404, "unspecified", "no such label")
        places = {"href": f"data:application/pdf;base64,{PDF_64}"}
        answer = {**self.labels[label], "label_download": places}
        return httpx.Response(200, json=answer)

    def _void(self, request: httpx.Request, label: str) -> httpx.Response:
        found = self.labels.get(label)
        if found is None:
            return refusal(404, "unspecified", "no such label")
        reason = None
        if label in self.handed_over:
            reason = "label_already_used"
        elif found["voided"]:
            reason = "label_already_voided"
        if reason:
            no = {"approved": False, "message": "no", "reason_code": reason}
            return httpx.Response(200, json=no)
        found |= {"voided": True, "status": "voided"}
        yes = {"approved": True, "message": "This label has been voided."}
        return httpx.Response(200, json=yes)

    def _shipment(self, request: httpx.Request, external: str) -> httpx.Response:
        found = self.shipments.get(external)
        if found is None:
            return refusal(404, "unspecified", "no such shipment")
        return httpx.Response(200, json=found)

    def _tracking(self, request: httpx.Request) -> httpx.Response:
        number = request.url.params["tracking_number"]
        told = {"tracking_number": number, "carrier_code": "ups", "status_code": "NY"}
        return httpx.Response(200, json={**told, "events": self.events})

    def _validate(self, request: httpx.Request) -> httpx.Response:
        (address,) = json.loads(request.content)
        verdict = {"original_address": address, "matched_address": None}
        return httpx.Response(
            200, json=[{**verdict, "status": "unverified", "messages": []}]
        )


def platform_app(platform: Platform) -> FastAPI:
    """Make an application that answers as the platform does, over real HTTP."""
    app = FastAPI(openapi_url=None)

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT"])
    async def anything(request: Request) -> Response:
        asked = httpx.Request(
            request.method,
            str(request.url),
            headers=request.headers.raw,
            content=await request.body(),
        )
        told = platform.answer(asked)
        kind = told.headers.get("content-type")
        return Response(told.content, told.status_code, media_type=kind)

    return app
