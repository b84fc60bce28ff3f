"""A stand-in for Pigeon Post, with its own state."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "COO-COO-COO"
LANDS, UNTIL = "2026-03-04T12:00:00+00:00", "2026-03-02T12:00:00+00:00"


@dataclass
class Loft:
    """Every flight ever bought; ``stale`` lets every quote expire."""

    flights: list[dict[str, Any]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    stale: bool = False

    def answer(self, method: str, url: str, body: Any, key: str) -> tuple[int, Any]:
        """Answer one call as the carrier's own API would."""
        parts, query = urlsplit(url).path.strip("/").split("/"), urlsplit(url).query
        match method, *parts:
            case "POST", "rates":
                return 200, {"rates": [self._rate(s) for s in body["services"]]}
            case "POST", "flights":
                return self._buy(body)
            case "GET", "flights":
                wanted = parse_qs(query)["reference"][0]
                found = [f for f in self.flights if f["reference"] == wanted]
                return 200, {"flights": found}
            case method, "flights", flight, what:
                return self._of(flight, what)
        return 404, {"title": "no such thing"}

    def _rate(self, service: str) -> dict[str, Any]:
        rate = {"id": f"Q-{service}", "service": service, "price": "12.50"}
        return {**rate, "lands": LANDS, "until": UNTIL}

    def _buy(self, body: Any) -> tuple[int, Any]:
        if self.stale and body["quote"]:
            return 409, {"code": "quote-flown", "title": "that price has flown"}
        number = len(self.flights) + 1
        flight = {"id": f"F-{number}", "ring": f"RING{number}", "price": 12.5}
        flight |= {"reference": body["reference"], "service": body["service"]}
        self.flights.append({**flight, "state": "bought"})
        return 201, self.flights[-1]

    def _of(self, flight: str, what: str) -> tuple[int, Any]:
        for known in self.flights:
            if known["id"] == flight and what == "label":
                return 200, b"%PDF-1.4 pigeon"
            if known["id"] == flight and flight in self.gone:
                return 200, {"result": "gone"}
            if known["id"] == flight:
                known["state"] = "void"
                return 200, {"result": "void"}
        return 404, {"title": "no such flight"}
