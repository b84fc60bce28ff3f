"""A stand-in for a shop: its orders by number, and what it was told of them."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "CHEEP"
A_PAGE = 2


@dataclass
class Nest:
    """Orders in the order they came; told what by which key."""

    names: list[str] = field(default_factory=lambda: ["E-1", "E-2", "E-3"])
    broken: set[str] = field(default_factory=set)
    told: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def order(self, name: str) -> None:
        self.names.append(name)

    async def break_one(self, name: str) -> None:
        self.broken.add(name)
        self.names.append(name)

    async def count_taken(self, name: str) -> int:
        return [*self.told.values()].count((name, "taken"))

    async def count_sent(self, name: str) -> int:
        return [*self.told.values()].count((name, "sent"))

    def answer(self, method: str, url: str, body: Any, key: str) -> tuple[int, Any]:
        """Answer one call as the shop's own API would."""
        parts = [unquote(part) for part in urlsplit(url).path.strip("/").split("/")]
        if method == "POST":
            self.told[key] = (parts[1], parts[2])
            return 200, {}
        after = int(parse_qs(urlsplit(url).query)["after"][0])
        page = self.names[after : after + A_PAGE]
        last = after + len(page)
        eggs = [self._egg(name) for name in page]
        return 200, {"eggs": eggs, "last": last, "more": last < len(self.names)}

    def _egg(self, name: str) -> dict[str, Any]:
        items = 7 if name in self.broken else [{"sku": "MUG", "qty": 1}]
        return {
            "id": name,
            "state": "laid",
            "placed": "2026-03-02T09:00:00+00:00",
            "changed": "2026-03-02T10:00:00+00:00",
            "who": "c-1",
            "to": {"name": "A. Nyone", "zip": "89501", "state": "NV"},
            "items": items,
        }
