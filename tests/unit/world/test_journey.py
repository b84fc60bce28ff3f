from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.hazard import Hazard
from domain.network import ServiceMode
from domain.shipping import ParcelStatus
from lanewise.world.journey import Scan, Way, hazard_delay_h, journey, transit_h
from lanewise.world.spec import CarrierTraits
from tests.conformance.worlds import BOISE, GROUND, RENO, a_network

START = datetime(2026, 3, 2, 17, tzinfo=UTC)
WAY = Way(RENO, BOISE, "UTC", START)
BLIZZARD = Hazard(
    id="A-1",
    kind="blizzard",
    valid_from=START - timedelta(hours=1),
    valid_until=START + timedelta(hours=1),
    regions=("ID",),
    delay_h=20,
)


def a_journey(
    seed: int = 1, hazards: tuple[Hazard, ...] = (), **traits: int
) -> list[Scan]:
    service = a_network().service(GROUND)
    return journey(
        Random(seed), service, 2, WAY, hazards, CarrierTraits.model_validate(traits)
    )


def statuses(scans: list[Scan]) -> list[ParcelStatus]:
    return [scan.status for scan in scans]


def test_half_arrive_by_the_median_and_nine_in_ten_by_the_90th_percentile() -> None:
    drawn = [transit_h(Random(seed), 40, 60) for seed in range(3_000)]

    by_median = sum(hours <= 40 for hours in drawn) / len(drawn)
    by_p90 = sum(hours <= 60 for hours in drawn) / len(drawn)
    assert by_median == pytest.approx(0.5, abs=0.04)
    assert by_p90 == pytest.approx(0.9, abs=0.02)


def test_a_belief_without_spread_is_met_to_the_hour() -> None:
    assert {transit_h(Random(seed), 24, 24) for seed in range(50)} == {24}


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    exception=st.sampled_from([0, 500, 1000]),
    lost=st.sampled_from([0, 500_000]),
    storm=st.booleans(),
)
def test_scans_run_forward_from_handover_to_one_end(
    seed: int, exception: int, lost: int, storm: bool
) -> None:
    scans = a_journey(
        seed,
        (BLIZZARD,) if storm else (),
        exception_permille=exception,
        lost_ppm=lost,
    )

    assert scans[0] == Scan(START, ParcelStatus.HANDED_OVER)
    assert scans[-1].status in (ParcelStatus.DELIVERED, ParcelStatus.LOST)
    assert [s.at for s in scans] == sorted(s.at for s in scans)
    assert not {ParcelStatus.DELIVERED, ParcelStatus.LOST} & set(statuses(scans[:-1]))


def test_a_hazard_at_the_destination_delays_by_about_what_is_believed() -> None:
    calm, stormy = a_journey(3), a_journey(3, (BLIZZARD,))

    delay_h = (stormy[-1].at - calm[-1].at) / timedelta(hours=1)

    assert 0.7 * 20 - 1 <= delay_h <= 1.3 * 20 + 1
    assert ParcelStatus.EXCEPTION in statuses(stormy)
    assert ParcelStatus.EXCEPTION not in statuses(calm)


def test_a_hazard_that_is_over_or_elsewhere_delays_nothing() -> None:
    over = BLIZZARD.model_copy(update={"valid_until": START})
    elsewhere = BLIZZARD.model_copy(update={"regions": ("FL",)})

    assert hazard_delay_h(Random(1), WAY, (over, elsewhere)) == 0


def test_every_parcel_may_be_lost() -> None:
    scans = a_journey(lost_ppm=1_000_000)

    assert scans[-1].status is ParcelStatus.LOST
    assert scans[-1].at == START + timedelta(hours=3 * 60)


def test_what_the_customer_collects_is_delivered_at_the_counter() -> None:
    counter = (
        a_network().service(GROUND).model_copy(update={"mode": ServiceMode.PICKUP})
    )

    scans = journey(Random(1), counter, 0, WAY, (), CarrierTraits())

    assert [scan.at for scan in scans] == [START, START]
    assert scans[-1].status is ParcelStatus.DELIVERED


def test_a_service_that_rests_on_weekends_arrives_after_them() -> None:
    friday = datetime(2026, 3, 6, 17, tzinfo=UTC)
    resting = a_network().service(GROUND).model_copy(update={"working_days_only": True})
    way = Way(RENO, BOISE, "UTC", friday)

    scans = journey(Random(1), resting, 2, way, (), CarrierTraits())

    assert all(scan.at.weekday() < 5 for scan in scans)
    assert scans[-1].at - friday > timedelta(hours=48 + 16)
