"""All pages of the active alerts, asked for as the service wants it."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from connectors.connection import Connection, ConnectionKind
from connectors.nws.client import NwsFeed, hazards
from connectors.nws.settings import NwsSettings
from domain.errors import ContractViolation, Unavailable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def an_alert(name: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": None,
        "properties": {
            "id": name,
            "event": "Flood Warning",
            "severity": "Severe",
            "status": "Actual",
            "messageType": "Alert",
            "sent": "2026-03-02T10:00:00+00:00",
            "ends": "2026-03-03T10:00:00+00:00",
            "geocode": {"SAME": ["032031"], "UGC": ["NVC031"]},
        },
    }


def a_page(*names: str, following: str | None = None) -> dict[str, Any]:
    page: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [an_alert(name) for name in names],
    }
    if following:
        link = f"https://elsewhere.test/alerts/active?cursor={following}"
        page["pagination"] = {"next": link}
    return page


class Service:
    """Answers pages by their cursor, and remembers what it was asked."""

    def __init__(self, **pages: dict[str, Any]) -> None:
        self.pages = pages
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(
            200, json=self.pages[request.url.params.get("cursor", "first")]
        )

    def feed(self, **changes: Any) -> NwsFeed:
        fields = {
            "base_url": "http://nws.test",
            "user_agent": "(tests, ops@example.com)",
        }
        return NwsFeed(
            NwsSettings.model_validate(fields | changes),
            lambda: NOW,
            httpx.MockTransport(self),
        )


async def test_it_says_who_asks_and_for_which_states() -> None:
    service = Service(first=a_page("a"))

    await service.feed(areas=("NV", "CA")).poll()

    [request] = service.asked
    assert request.url.path == "/alerts/active"
    assert request.url.params["area"] == "NV,CA"
    assert request.headers["user-agent"] == "(tests, ops@example.com)"


async def test_all_pages_are_one_list_and_the_host_is_ours() -> None:
    service = Service(first=a_page("a", following="two"), two=a_page("b"))

    reading = await service.feed().poll()

    assert len(reading.hazards) == 2
    assert reading.complete
    assert {request.url.host for request in service.asked} == {"nws.test"}


async def test_a_list_longer_than_we_turn_pages_withdraws_nothing() -> None:
    service = Service(first=a_page("a", following="first"))

    reading = await service.feed(most_pages=3).poll()

    assert not reading.complete
    assert len(service.asked) == 3


async def test_what_is_no_list_changes_nothing() -> None:
    service = Service(first={"title": "Service Unavailable"})

    with pytest.raises(ContractViolation, match="Service Unavailable"):
        await service.feed().poll()


async def test_a_service_that_is_down_is_unavailable() -> None:
    feed = NwsFeed(
        NwsSettings(base_url="http://nws.test", user_agent="x@example.com"),
        lambda: NOW,
        httpx.MockTransport(lambda _: httpx.Response(503)),
    )

    with pytest.raises(Unavailable):
        await feed.poll()


def test_who_asks_must_be_named() -> None:
    with pytest.raises(ValidationError, match="user_agent"):
        NwsSettings(user_agent="lanewise")


async def test_a_connection_makes_one() -> None:
    connection = Connection(
        name="weather",
        kind=ConnectionKind.HAZARDS,
        provider="nws",
        options={"user_agent": "(tests, ops@example.com)"},
    )

    feed = hazards(connection, lambda: NOW)

    assert isinstance(feed, NwsFeed)
    await feed.close()
