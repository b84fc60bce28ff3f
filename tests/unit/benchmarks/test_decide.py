"""Deciding one order, by the kernel and by the real activity, in small."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import decide
from benchmarks.deciding.activity import declared
from benchmarks.waving.wave import a_wave
from domain.calendars import day_of


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file: Path = tmp_path_factory.mktemp("bench") / "decide.json"

    decide.main(["--orders", "4", "--rounds", "2", "--json", str(file)])

    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("what", ["kernel", "activity", "plan_with_reasons"])
def test_most_orders_take_no_longer_than_the_slowest(
    report: dict[str, Any], what: str
) -> None:
    assert 0 < report[f"{what}_p50_ms"] <= report[f"{what}_p99_ms"]


def test_the_activitys_time_is_shared_out_whole(report: dict[str, Any]) -> None:
    shares = report["activity_shares"]

    assert set(shares) == {"snapshot", "plan", "holds"}
    assert sum(shares.values()) == pytest.approx(1, abs=0.01)
    assert min(shares.values()) > 0


def test_an_activity_takes_longer_than_the_kernel_in_it(report: dict[str, Any]) -> None:
    assert report["activity_p50_ms"] > report["kernel_p50_ms"]
    assert report["options_share_of_wave"] > 0


def test_the_store_is_told_the_waves_days_and_trucks_as_capacities() -> None:
    wave = a_wave(5, "peak", 1)
    center = declared(wave).centers[3]
    day = day_of(center, wave.as_of)

    assert center.capacity_lines == wave.fc_lines[center.id, day]
    for pickup in center.pickups:
        key = (center.id, pickup.carrier, day)
        assert pickup.capacity_parcels == wave.carrier_parcels[key]
