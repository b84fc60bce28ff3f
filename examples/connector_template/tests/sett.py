"""A stand-in for Badger Sett, with its own state."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "DIG-DIG-DIG"
AT = "2026-03-02T12:00:00+00:00"


@dataclass
class Sett:
    """Shelves of one site, what is held on them, and what is picked."""

    shelf: dict[str, int] = field(default_factory=lambda: {"MUG": 500, "LAMP": 4})
    holds: dict[str, dict[str, Any]] = field(default_factory=dict)
    picks: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, method: str, url: str, body: Any, key: str) -> tuple[int, Any]:
        """Answer one call as the warehouse's own API would."""
        asked = parse_qs(urlsplit(url).query)
        parts = [unquote(part) for part in urlsplit(url).path.strip("/").split("/")]
        match method, *parts:
            case "GET", "sites", _, "stock":
                skus = asked["skus"][0].split(",") if "skus" in asked else self.shelf
                known = [sku for sku in skus if sku in self.shelf]
                return 200, {"items": [self._item(sku) for sku in known]}
            case method, "holds", key:
                return self._hold(method, key, body)
            case "POST", "picks":
                return self._pick(body)
            case "GET", "picks":
                found = [p for p in self.picks if p["ref"] == asked["ref"][0]]
                return 200, {"picks": found}
            case "POST", "picks", pick, "stop":
                return self._stop(pick)
            case "GET", "events":
                later = [e for e in self.events if e["n"] > int(asked["after"][0])]
                last = later[-1]["n"] if later else int(asked["after"][0])
                return 200, {"events": later, "last": last, "more": False}
        return 404, {"title": "no such thing"}

    def dig(self, ref: str) -> None:
        """Let the floor begin with an order, unless it was stopped."""
        for pick in self.picks:
            if pick["ref"] == ref and pick["state"] == "open":
                self._move(pick, "dug")

    def _item(self, sku: str) -> dict[str, Any]:
        free = self.shelf[sku] - self._held(sku)
        return {"sku": sku, "shelf": self.shelf[sku], "free": free}

    def _held(self, sku: str) -> int:
        lines = [line for hold in self.holds.values() for line in hold["lines"]]
        return sum(line["held"] for line in lines if line["sku"] == sku)

    def _hold(self, method: str, key: str, body: Any) -> tuple[int, Any]:
        known = self.holds.get(key)
        if method == "PUT" and known is None:
            lines = [
                {**line, "held": min(line["asked"], self._free(line["sku"]))}
                for line in _wanted(body)
            ]
            self.holds[key] = {"hold": f"H-{key}", "lines": lines}
            return 201, self.holds[key]
        if known is None:
            return 404, {"title": "no such hold"}
        if method == "DELETE":
            return 200, self.holds.pop(key)
        asked = [{"sku": li["sku"], "asked": li["asked"]} for li in known["lines"]]
        if method == "PUT" and asked != _wanted(body):
            return 409, {"code": "hold-differs", "title": "held for other goods"}
        return 200, known

    def _free(self, sku: str) -> int:
        return self.shelf.get(sku, 0) - self._held(sku)

    def _pick(self, body: Any) -> tuple[int, Any]:
        if any(pick["ref"] == body["ref"] for pick in self.picks):
            return 409, {"code": "ref-taken", "title": "picked before"}
        self.picks.append({**body, "pick": f"P-{len(self.picks)}", "state": "open"})
        return 201, self.picks[-1]

    def _stop(self, number: str) -> tuple[int, Any]:
        (pick,) = [pick for pick in self.picks if pick["pick"] == number]
        if pick["state"] not in ("open", "stopped"):
            return 409, {"code": "under-way", "title": "too late"}
        self._move(pick, "stopped")
        return 200, pick

    def _move(self, pick: dict[str, Any], state: str) -> None:
        if pick["state"] != state:
            pick["state"] = state
            told = {name: pick[name] for name in ("site", "order", "parcel", "lines")}
            event = {"n": len(self.events) + 1, "what": state, "at": AT, **told}
            self.events.append(event)


def _wanted(body: Any) -> list[dict[str, Any]]:
    return [{"sku": line["sku"], "asked": line["qty"]} for line in body["lines"]]
