"""The neutral feed of alerts and clock under the kit, over the simulated world."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from conformance import clocks, hazards
from conformance.bench import ClockBench, HazardsBench
from conformance.running import Check
from connectors.neutral.client import NeutralClock, NeutralHazardFeed
from connectors.neutral.settings import NeutralSettings
from domain.hazard import Circle, Hazard
from lanewise.world.server import WorldServer
from lanewise.world.spec import AnnouncedHazard
from tests.conformance.verdicts import passes
from tests.conformance.worlds import API_KEY, START, a_spec, real_now

DAY = timedelta(days=1)
# The world's program is written before it begins.
NOT_TRIED = {
    "a new alert comes and a withdrawn one goes",
    "one broken alert keeps no other back",
}


def an_alert(name: str) -> AnnouncedHazard:
    hazard = Hazard(
        id=name,
        kind="flood",
        valid_from=START - DAY,
        valid_until=START + DAY,
        circle=Circle(latitude=39.5, longitude=-119.8, radius_km=50),
    )
    return AnnouncedHazard(hazard=hazard, announced_at=START - DAY)


@pytest.fixture(scope="module")
def settings() -> Iterator[NeutralSettings]:
    spec = a_spec(hazards=(an_alert("flood-1"), an_alert("flood-2")))
    with WorldServer(spec) as server:
        yield NeutralSettings(
            base_url=server.base_url, secret=API_KEY, circuit_failures=0
        )


@pytest.mark.parametrize("check", hazards.CHECKS, ids=lambda check: check.name)
async def test_the_neutral_feed_passes(
    settings: NeutralSettings, check: Check[HazardsBench]
) -> None:
    bench = HazardsBench(
        connect=lambda: NeutralHazardFeed(settings, real_now),
        run="kit",
        secrets=(API_KEY.get_secret_value(),),
    )

    await passes(check, bench, not_tried=NOT_TRIED)


@pytest.mark.parametrize("check", clocks.CHECKS, ids=lambda check: check.name)
async def test_the_neutral_clock_passes(
    settings: NeutralSettings, check: Check[ClockBench]
) -> None:
    bench = ClockBench(
        connect=lambda: NeutralClock(settings, real_now),
        run="kit",
        secrets=(API_KEY.get_secret_value(),),
    )

    await passes(check, bench)
