"""A CAP feed with its alerts in it, or behind links."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.cap.client import CapFeed
from connectors.cap.document import parse
from connectors.cap.links import Link, links
from connectors.cap.settings import CapSettings
from domain.errors import Unavailable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def an_alert(name: str) -> str:
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{name}</identifier><sender>met@example.org</sender>
  <sent>2026-03-02T10:00:00+00:00</sent><status>Actual</status>
  <msgType>Alert</msgType><scope>Public</scope>
  <info><category>Met</category><event>Flood</event><urgency>Expected</urgency>
    <severity>Severe</severity><certainty>Likely</certainty>
    <expires>2026-03-03T10:00:00+00:00</expires>
    <area><areaDesc>River</areaDesc><circle>39.5,-119.8 50</circle></area>
  </info></alert>"""


def an_entry(name: str, updated: str = "2026-03-02T10:00:00Z") -> str:
    return f"""<entry><id>{name}</id><updated>{updated}</updated>
  <link rel="alternate" href="http://pages.test/{name}.html"/>
  <link type="application/cap+xml" href="http://alerts.test/{name}.cap"/></entry>"""


def a_feed(*entries: str) -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'


class Office:
    """A list at one host, alerts at another; what is missing is 404."""

    def __init__(self, listed: str, **alerts: str) -> None:
        self.listed, self.alerts = listed, alerts
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.host == "list.test":
            return httpx.Response(200, text=self.listed)
        name = request.url.path.strip("/").removesuffix(".cap")
        found = self.alerts.get(name)
        return httpx.Response(404) if found is None else httpx.Response(200, text=found)

    def fetched(self) -> list[str]:
        return [r.url.path for r in self.asked if r.url.host == "alerts.test"]

    def feed(self, **changes: Any) -> CapFeed:
        settings = CapSettings(base_url="http://list.test/atom", **changes)
        return CapFeed(settings, lambda: NOW, httpx.MockTransport(self))


async def test_alerts_behind_links_are_fetched_and_read_as_one_list() -> None:
    office = Office(
        a_feed(an_entry("a"), an_entry("b")), a=an_alert("a"), b=an_alert("b")
    )

    reading = await office.feed().poll()

    assert len(reading.hazards) == 2
    assert (reading.complete, reading.problems) == (True, ())


async def test_an_alert_is_fetched_once_until_the_list_says_it_changed() -> None:
    office = Office(a_feed(an_entry("a")), a=an_alert("a"))
    feed = office.feed()
    await feed.poll()
    await feed.poll()
    office.listed = a_feed(an_entry("a", updated="2026-03-02T11:00:00Z"))

    await feed.poll()

    assert office.fetched() == ["/a.cap", "/a.cap"]


async def test_an_alert_that_cannot_be_fetched_makes_the_list_incomplete() -> None:
    office = Office(a_feed(an_entry("a"), an_entry("gone")), a=an_alert("a"))

    reading = await office.feed().poll()

    assert len(reading.hazards) == 1
    assert not reading.complete
    assert "gone.cap" in reading.problems[0]


async def test_a_linked_page_that_is_no_alert_makes_the_list_incomplete() -> None:
    office = Office(a_feed(an_entry("a")), a="<html><p>sorry</html>")

    reading = await office.feed().poll()

    assert not reading.complete


async def test_links_beyond_the_limit_are_named_and_not_followed() -> None:
    names = ("a", "b", "c")
    office = Office(
        a_feed(*map(an_entry, names)), **{name: an_alert(name) for name in names}
    )

    reading = await office.feed(most_links=2).poll()

    assert len(office.fetched()) == 2
    assert not reading.complete


async def test_a_feed_with_its_alerts_in_it_needs_no_links() -> None:
    office = Office(a_feed(f"<entry><content>{an_alert('a')}</content></entry>"))

    reading = await office.feed().poll()

    assert len(reading.hazards) == 1
    assert office.fetched() == []


async def test_our_secret_goes_to_the_list_and_to_no_link() -> None:
    office = Office(a_feed(an_entry("a")), a=an_alert("a"))

    await office.feed(secret=SecretStr("s3cret")).poll()

    with_secret = [r.url.host for r in office.asked if "authorization" in r.headers]
    assert with_secret == ["list.test"]


async def test_a_feed_that_is_down_is_unavailable() -> None:
    feed = CapFeed(
        CapSettings(base_url="http://list.test/atom"),
        lambda: NOW,
        httpx.MockTransport(lambda _: httpx.Response(502)),
    )

    with pytest.raises(Unavailable):
        await feed.poll()


def test_items_of_an_rss_list_are_links_too() -> None:
    rss = """<rss><channel><link>http://met.test/</link>
      <item><title>Flood</title><link>http://alerts.test/a.cap</link>
      <pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>"""

    assert links(parse(rss.encode())) == (
        Link(url="http://alerts.test/a.cap", changed="Mon, 02 Mar 2026 10:00:00 GMT"),
    )
