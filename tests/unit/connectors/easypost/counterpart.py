"""A small EasyPost of our own making: it speaks the wire format and remembers."""

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

Document = dict[str, Any]
Said = tuple[int, Any]

CATALOG = (
    ("USPS", "GroundAdvantage", "6.07", 3, (1, 2)),
    ("USPS", "Priority", "7.42", 2, (2, 3)),
    ("USPS", "Express", "34.15", 1, (2, 3)),
)
LABEL = b"%PDF-1.4 a label"


def refused(status: int, code: str, message: str) -> Said:
    return status, {"error": {"code": code, "message": message, "errors": []}}


class EasyPostSide:
    """What EasyPost keeps, and how it answers."""

    def __init__(self, base_url: str = "https://api.easypost.com") -> None:
        self.base_url = base_url
        self.shipments: dict[str, Document] = {}
        self.trackers: list[Document] = []
        self.forms: list[Document] = []
        self.surcharge_cents = 0
        self.asked: list[tuple[str, str, Any]] = []
        self._lock = threading.Lock()

    def transport(self) -> httpx.MockTransport:
        """Return a transport that asks it without a network."""

        def answer(request: httpx.Request) -> httpx.Response:
            status, said = self.handle(
                request.method, str(request.url), request.content
            )
            if isinstance(said, bytes):
                return httpx.Response(status, content=said)
            return httpx.Response(status, json=said)

        return httpx.MockTransport(answer)

    def handle(self, method: str, url: str, content: bytes) -> Said:
        """Answer one request with a status and a document, or with a file."""
        parts = urlsplit(url)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        body = json.loads(content) if content else {}
        with self._lock:
            self.asked.append((method, parts.path, body))
            for known, pattern, work in self._routes():
                if known == method and (m := re.fullmatch(pattern, parts.path)):
                    return work(*[unquote(part) for part in m.groups()], body | query)
        return refused(404, "NOT_FOUND", "The requested resource could not be found.")

    def _routes(self) -> tuple[tuple[str, str, Callable[..., Said]], ...]:
        one = r"/v2/shipments/([^/]+)"
        return (
            ("POST", r"/v2/shipments", self._create),
            ("GET", r"/v2/shipments", self._list),
            ("GET", one, self._retrieve),
            ("GET", one + "/smartrate", self._smart),
            ("POST", one + "/buy", self._buy),
            ("POST", one + "/refund", self._refund),
            ("GET", r"/v2/trackers", self._trackers),
            ("POST", r"/v2/trackers", self._track),
            ("POST", r"/v2/scan_forms", self._close),
            ("POST", r"/v2/addresses", self._verify),
            ("GET", r"/files/([^/]+)", lambda name, _: (200, LABEL)),
        )

    def _create(self, body: Document) -> Said:
        asked = body["shipment"]
        number = len(self.shipments) + 1
        shipment = {
            "id": f"shp_{number}",
            "object": "Shipment",
            "created_at": now_text(),
            "reference": asked.get("reference"),
            "status": "unknown",
            "tracking_code": None,
            "to_address": asked["to_address"],
            "parcel": asked["parcel"],
            "messages": [],
            "rates": [self._rate(number, nth) for nth in range(len(CATALOG))],
            "postage_label": None,
            "refund_status": None,
            "scan_form": None,
            "selected_rate": None,
            "tracker": None,
            "fees": [],
        }
        self.shipments[f"shp_{number}"] = shipment
        return 201, shipment

    def _rate(self, number: int, nth: int) -> Document:
        carrier, service, price, days, _ = CATALOG[nth]
        price = f"{float(price) + self.surcharge_cents / 100:.2f}"
        return {
            "id": f"rate_{number}_{nth}",
            "object": "Rate",
            "carrier": carrier,
            "service": service,
            "rate": price,
            "currency": "USD",
            "delivery_days": days,
            "est_delivery_days": days,
            "shipment_id": f"shp_{number}",
            "carrier_account_id": "ca_1",
        }

    def _list(self, body: Document) -> Said:
        bought = [s for s in self.shipments.values() if s["tracking_code"]][::-1]
        ids = [shipment["id"] for shipment in bought]
        start = ids.index(body["before_id"]) + 1 if "before_id" in body else 0
        page = bought[start : start + int(body["page_size"])]
        more = start + len(page) < len(bought)
        return 200, {"shipments": page, "has_more": more}

    def _found(self, name: str) -> Document | None:
        named = [
            s for s in self.shipments.values() if name in (s["id"], s["reference"])
        ]
        return named[0] if named else None

    def _retrieve(self, name: str, body: Document) -> Said:
        found = self._found(name)
        return (200, found) if found else _no_such_shipment()

    def _smart(self, name: str, body: Document) -> Said:
        result = []
        for nth, rate in enumerate(self.shipments[name]["rates"]):
            half, most = CATALOG[nth][4]
            transit = {"percentile_50": half, "percentile_90": most}
            price = float(rate["rate"])
            result.append({**rate, "rate": price, "time_in_transit": transit})
        return 200, {"result": result}

    def _buy(self, name: str, body: Document) -> Said:
        shipment = self.shipments[name]
        if shipment["tracking_code"]:
            words = "Postage already exists for this shipment."
            return refused(422, "SHIPMENT.POSTAGE.EXISTS", words)
        rates = {rate["id"]: rate for rate in shipment["rates"]}
        chosen = rates[body["rate"]["id"]]
        code = f"9400{name.removeprefix('shp_'):0>16}"
        fee = {"type": "PostageFee", "amount": f"{chosen['rate']}000", "charged": True}
        shipment |= {
            "selected_rate": chosen,
            "tracking_code": code,
            "postage_label": {
                "created_at": now_text(),
                "label_file_type": "application/pdf",
                "label_url": f"{self.base_url}/files/{name}.pdf",
            },
            "fees": [{**fee, "refunded": False}],
            "tracker": a_tracker(code, "unknown"),
        }
        self.trackers.append(shipment["tracker"])
        return 200, shipment

    def _refund(self, name: str, body: Document) -> Said:
        shipment = self._found(name)
        if shipment is None:
            return _no_such_shipment()
        moving = shipment["status"] != "unknown"
        if moving or shipment["refund_status"] or not shipment["tracking_code"]:
            words = "Refund request unavailable for shipment."
            return refused(422, "SHIPMENT.REFUND.UNAVAILABLE", words)
        shipment["refund_status"] = "submitted"
        return 200, shipment

    def _trackers(self, body: Document) -> Said:
        code = body.get("tracking_code")
        same = [t for t in self.trackers if t["tracking_code"] == code]
        return 200, {"trackers": same, "has_more": False}

    def _track(self, body: Document) -> Said:
        tracker = a_tracker(body["tracker"]["tracking_code"], "pre_transit")
        self.trackers.append(tracker)
        return 200, tracker

    def _close(self, body: Document) -> Said:
        found = [self._found(one["id"]) for one in body["shipments"]]
        named = [one for one in found if one and not one["refund_status"]]
        if len(named) < len(found) or any(one["scan_form"] for one in named):
            words = "One of the shipments cannot be on this form."
            return refused(422, "SCAN_FORM.CREATE.FAILURE", words)
        form = {
            "id": f"sf_{len(self.forms) + 1}",
            "status": "created",
            "message": None,
            "tracking_codes": [shipment["tracking_code"] for shipment in named],
            "form_url": f"{self.base_url}/files/form.pdf",
        }
        self.forms.append(form)
        for shipment in named:
            shipment["scan_form"] = form
        return 200, form

    def _verify(self, body: Document) -> Said:
        details = {"latitude": 37.77551, "longitude": -122.39697}
        verdict = {"success": True, "errors": [], "details": details}
        found = {"residential": True, "verifications": {"delivery": verdict}}
        return 201, {"id": "adr_1", **body["address"], **found}


class EasyPostServer:
    """The same over real HTTP, on a port of this machine."""

    def __enter__(self) -> "EasyPostServer":
        self.side = side = EasyPostSide()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One write for head and body: two would wait for each other.
            wbufsize = 65_536

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                content = self.rfile.read(length)
                status, said = side.handle(self.command, self.path, content)
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
                kind = "application/pdf" if body is said else "application/json"
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *args: object) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        side.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def a_tracker(code: str, status: str, *details: Document) -> Document:
    return {
        "id": f"trk_{code}",
        "object": "Tracker",
        "tracking_code": code,
        "status": status,
        "status_detail": "unknown",
        "carrier": "USPS",
        "created_at": "2026-03-02T09:00:00Z",
        "updated_at": "2026-03-02T09:00:00Z",
        "tracking_details": list(details),
    }


def a_detail(status: str, at: str, detail: str = "status_update") -> Document:
    place = {"object": "TrackingLocation", "city": "RENO", "zip": None}
    return {
        "object": "TrackingDetail",
        "message": status.upper(),
        "status": status,
        "status_detail": detail,
        "datetime": at,
        "tracking_location": place,
    }


def an_event(result: Any, description: str = "tracker.updated") -> bytes:
    event = {"object": "Event", "id": "evt_1", "description": description}
    return json.dumps({**event, "result": result}).encode()


def now_text() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _no_such_shipment() -> Said:
    return refused(404, "NOT_FOUND", "The requested resource could not be found.")
