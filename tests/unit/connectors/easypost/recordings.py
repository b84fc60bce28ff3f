"""Replays recorded scenarios: each request is answered once, in order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml

FOLDER = Path(__file__).parents[5] / "shared" / "specs" / "easypost"
CASSETTES = FOLDER / "cassettes"
# In C where it is there: these files are long.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MISSING = "needs the recordings in ../shared/specs/easypost"


@dataclass(frozen=True)
class Exchange:
    """One recorded request and what came back."""

    method: str
    path: str
    query: dict[str, str]
    asked: Any
    status: int
    said: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.said)


@dataclass
class Replay:
    """Answers a request as it was recorded for its method and path.

    What was never recorded is not found. A body must have the recorded
    outermost names, unless it is for one of the ``free`` paths.
    """

    exchanges: Sequence[Exchange]
    free: tuple[str, ...] = ()
    played: list[Exchange] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        for exchange in self.exchanges:
            same = (exchange.method, exchange.path) == (
                request.method,
                request.url.path,
            )
            if same and exchange not in self.played:
                self._hold_against(exchange, request)
                self.played.append(exchange)
                return httpx.Response(exchange.status, content=exchange.said)
        return httpx.Response(404, json={"error": {"code": "NOT_FOUND"}})

    def _hold_against(self, exchange: Exchange, request: httpx.Request) -> None:
        if not exchange.asked or exchange.path in self.free:
            return
        sent = json.loads(request.content)
        assert set(sent) <= set(exchange.asked) | {"verify", "insurance"}, sent
        for name, part in exchange.asked.items():
            if isinstance(part, dict) and name in sent:
                assert set(sent[name]) & set(part), (name, sent[name])


@cache
def recorded(name: str) -> tuple[Exchange, ...]:
    """Read one cassette."""
    text = (CASSETTES / f"{name}.yaml").read_text()
    interactions = yaml.load(text, Loader=LOADER)["interactions"]
    return tuple(_exchange(one) for one in interactions)


def names() -> list[str]:
    """List the cassettes there are; none where the folder is absent."""
    return sorted(path.stem for path in CASSETTES.glob("*.yaml"))


def documents(thing: str) -> list[tuple[str, Any]]:
    """List every recorded object of a kind, wherever it stands, by cassette."""
    found: list[tuple[str, Any]] = []
    for name in names():
        for exchange in recorded(name):
            left = [exchange.document] if exchange.said else []
            while left:
                part = left.pop()
                if isinstance(part, dict):
                    found += [(name, part)] if part.get("object") == thing else []
                    left += part.values()
                elif isinstance(part, list):
                    left += part
    return found


def _exchange(one: dict[str, Any]) -> Exchange:
    url = httpx.URL(one["request"]["uri"])
    asked = one["request"].get("body")
    said = one["response"]["body"]["string"]
    return Exchange(
        method=one["request"]["method"],
        path=url.path,
        query=dict(url.params),
        asked=json.loads(asked) if asked else None,
        status=one["response"]["status"]["code"],
        said=said.encode() if isinstance(said, str) else said,
    )
