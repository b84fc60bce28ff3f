"""Every feed of alerts under the kit, over real HTTP."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from conformance import hazards
from conformance.bench import HazardsBench
from conformance.running import Check
from connectors.cap.client import CapFeed
from connectors.cap.settings import CapSettings
from connectors.nws.client import NwsFeed
from connectors.nws.settings import NwsSettings
from tests.conformance.serving import served
from tests.conformance.verdicts import passes
from tests.unit.connectors.cap.test_client import a_feed, an_entry
from tests.unit.connectors.cap.test_client import an_alert as a_cap_alert
from tests.unit.connectors.nws.test_client import an_alert as an_nws_alert

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOSTED = "http://alerts.test"


class Office:
    """A weather office: alerts by name, two on a page, each under a link."""

    def __init__(self) -> None:
        self.listed = ["flood-1", "flood-2", "flood-3"]
        self.broken: set[str] = set()

    async def announce(self, name: str) -> None:
        self.listed.append(name)

    async def withdraw(self, name: str) -> None:
        self.listed.remove(name)

    async def break_one(self, name: str) -> None:
        self.broken.add(name)
        self.listed.append(name)

    def pages(self, request: httpx.Request) -> httpx.Response:
        """Answer as the US service does."""
        page = int(request.url.params.get("cursor", "0"))
        shown = self.listed[2 * page : 2 * page + 2]
        document: dict[str, object] = {
            "type": "FeatureCollection",
            "features": [self._feature(name) for name in shown],
        }
        if len(self.listed) > 2 * page + 2:
            link = f"https://elsewhere.test/alerts/active?cursor={page + 1}"
            document["pagination"] = {"next": link}
        return httpx.Response(200, json=document)

    def links(self, request: httpx.Request) -> httpx.Response:
        """Answer a list of links, or what is under one of them."""
        host = f"http://{request.headers['host']}"
        if request.url.path == "/":
            listed = a_feed(*(an_entry(name) for name in self.listed))
            return httpx.Response(200, text=listed.replace(HOSTED, host))
        name = request.url.path.strip("/").removesuffix(".cap")
        if name in self.broken:
            return httpx.Response(200, text="<alert><sent>soon</sent></alert>")
        return httpx.Response(200, text=a_cap_alert(name))

    def _feature(self, name: str) -> dict[str, object]:
        feature = an_nws_alert(name)
        if name in self.broken:
            feature["properties"]["sent"] = "soon"
            feature["properties"]["ends"] = 7
        return feature


def bench(office: Office, connect: Callable[[], object]) -> HazardsBench:
    return HazardsBench(
        connect=connect,  # type: ignore[arg-type]
        run=f"kit-{uuid4().hex[:8]}",
        announce=office.announce,
        withdraw=office.withdraw,
        break_one=office.break_one,
    )


@pytest.fixture
def nws() -> Iterator[HazardsBench]:
    office = Office()
    with served(office.pages) as url:
        settings = NwsSettings(
            base_url=url, user_agent="(tests, ops@example.com)", requests_per_s=10_000
        )
        yield bench(office, lambda: NwsFeed(settings, lambda: NOW))


@pytest.fixture
def cap() -> Iterator[HazardsBench]:
    office = Office()
    with served(office.links) as url:
        settings = CapSettings(base_url=f"{url}/")
        yield bench(office, lambda: CapFeed(settings, lambda: NOW))


@pytest.mark.parametrize("check", hazards.CHECKS, ids=lambda check: check.name)
async def test_the_nws_feed_passes(
    nws: HazardsBench, check: Check[HazardsBench]
) -> None:
    await passes(check, nws)


@pytest.mark.parametrize("check", hazards.CHECKS, ids=lambda check: check.name)
async def test_a_cap_feed_passes(cap: HazardsBench, check: Check[HazardsBench]) -> None:
    await passes(check, cap)
