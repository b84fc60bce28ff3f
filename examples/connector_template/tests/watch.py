"""A stand-in for Hawk Watch: the alerts it lists, some of them broken."""

from dataclasses import dataclass, field
from typing import Any

KEY = "SCREECH"


@dataclass
class Watch:
    """Alerts by name."""

    listed: list[str] = field(default_factory=lambda: ["hawks-1", "hawks-2"])
    broken: set[str] = field(default_factory=set)

    async def announce(self, name: str) -> None:
        self.listed.append(name)

    async def withdraw(self, name: str) -> None:
        self.listed.remove(name)

    async def break_one(self, name: str) -> None:
        self.broken.add(name)
        self.listed.append(name)

    def answer(self, method: str, url: str, body: Any, key: str) -> tuple[int, Any]:
        """Answer one call as the service's own API would."""
        return 200, {"alerts": [self._alert(name) for name in self.listed]}

    def _alert(self, name: str) -> dict[str, Any]:
        until = "noon" if name in self.broken else "2026-03-09T12:00:00+00:00"
        return {
            "id": name,
            "what": "Hawks",
            "level": "severe",
            "from": "2026-03-02T12:00:00+00:00",
            "to": until,
            "where": {"lat": 39.5, "lon": -119.8, "km": 40},
            "said": "Hawks over the valley",
        }
