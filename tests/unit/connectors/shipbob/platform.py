"""A small ShipBob with a memory, on its wire format; of our own making."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx

RENO_LOCATION = 211
ELSEWHERE = 7
CENTER = {
    "id": RENO_LOCATION,
    "name": "Reno (NV)",
    "address1": "1 Mill Road",
    "city": "Reno",
    "state": "NV",
    "zip_code": "89501",
    "country": "USA",
    "timezone": "Pacific Standard Time",
}
DUPLICATE = {"": ["Cannot insert order with existing ReferenceId"]}


def level(sku: str, on_hand: int, location: int = RENO_LOCATION) -> dict[str, Any]:
    """Return how much of a SKU is at one location and, as much, elsewhere."""
    counts = {
        **{"on_hand_quantity": on_hand, "fulfillable_quantity": on_hand - 1},
        **{"committed_quantity": 1, "awaiting_quantity": 0},
    }
    locations = [
        {"location_id": location, "name": "Reno (NV)", **counts},
        {"location_id": ELSEWHERE, "name": "Elsewhere", **counts},
    ]
    return {"inventory_id": 1, "name": sku, "sku": sku, "locations": locations}


class Platform:
    """Orders by reference, each with one shipment, and levels in pages."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.requests: list[httpx.Request] = []
        self.orders: dict[str, dict[str, Any]] = {}
        self.pages = list(pages) or [[level("MUG", 40), level("LAMP", 3)]]
        self._routes: list[tuple[str, str, Callable[..., httpx.Response]]] = [
            ("GET", r"/2026-01/inventory-level/locations", self._levels),
            ("GET", r"/2026-01/fulfillment-center", self._centers),
            ("POST", r"/2026-01/order", self._create),
            ("GET", r"/2026-01/order", self._find),
            ("POST", r"/2026-01/order/(\d+):cancel", self._cancel),
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
        return httpx.Response(404, json={"code": "NOT_FOUND", "message": "no such"})

    def move(self, reference: str, status: str, **more: Any) -> dict[str, Any]:
        """Let the floor bring an order's shipment to a status."""
        order = self.orders[reference]
        order["shipments"][0] |= {"status": status, **more}
        whole = {"Completed": "Fulfilled", "Cancelled": "Cancelled"}
        order["status"] = whole.get(status, "Processing")
        return order

    def _levels(self, request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("Cursor", "0")
        if not cursor.isdigit():
            return httpx.Response(400, json={"Cursor": ["is not valid"]})
        page = int(cursor)
        following = None
        if page + 1 < len(self.pages):
            following = f"/inventory-level/locations?Cursor={page + 1}"
        answer = {"items": self.pages[page], "next": following, "prev": None}
        return httpx.Response(200, json={**answer, "first": None, "last": None})

    def _centers(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[CENTER, {**CENTER, "id": ELSEWHERE}])

    def _create(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if body["reference_id"] in self.orders:
            return httpx.Response(422, json=DUPLICATE)
        number = 1_000 + len(self.orders)
        products = [
            {"reference_id": p["reference_id"], "sku": p["reference_id"], "id": 5}
            for p in body["products"]
        ]
        pieces = [
            {**product, "inventory_items": [{"id": 1, "quantity": p["quantity"]}]}
            for product, p in zip(products, body["products"], strict=True)
        ]
        shipment = {
            "id": number + 500_000,
            "order_id": number,
            "reference_id": body["reference_id"],
            "status": "Processing",
            "status_details": [],
            "location": {"id": body["location_id"], "name": "Reno (NV)"},
            "created_date": "2026-03-02T09:00:00Z",
            "last_update_at": "2026-03-02T09:30:00Z",
            "products": pieces,
            "tracking": None,
        }
        order = {
            **body,
            "id": number,
            "status": "Processing",
            "created_date": "2026-03-02T09:00:00Z",
            "shipments": [shipment],
        }
        self.orders[body["reference_id"]] = order
        return httpx.Response(201, json=order)

    def _find(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params["ReferenceIds"].split(",")
        return httpx.Response(
            200, json=[o for ref, o in self.orders.items() if ref in wanted]
        )

    def _cancel(self, request: httpx.Request, number: str) -> httpx.Response:
        for reference, order in self.orders.items():
            if order["id"] == int(number):
                late = order["shipments"][0]["status"] != "Processing"
                if not late:
                    self.move(reference, "Cancelled")
                status = "Failure" if late else "Success"
                answer = {"order_id": order["id"], "order": order, "status": status}
                return httpx.Response(200, json=answer)
        return httpx.Response(404, json={"code": "NOT_FOUND", "message": "no such"})
