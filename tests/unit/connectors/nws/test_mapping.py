"""Alerts of the US National Weather Service become hazards, each by itself."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.alerts import Reading
from connectors.nws.mapping import WHILE_LISTED, hazards
from domain.errors import ContractViolation
from domain.hazard import Hazard, Severity
from segmentation.locating import locate
from tests.unit.connectors.nws.templates import resolved

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAMPLES = Path(__file__).parents[5] / "shared" / "specs" / "nws"
SQUARE = [[[-93.0, 45.0], [-92.0, 45.0], [-92.0, 46.0], [-93.0, 46.0], [-93.0, 45.0]]]


def alert(geometry: Any = None, **overrides: Any) -> dict[str, Any]:
    properties = {
        "id": "urn:oid:2.49.0.1.840.0.aa.001.1",
        "geocode": {"SAME": ["027123"], "UGC": ["MNZ062"]},
        "affectedZones": ["https://api.weather.gov/zones/forecast/MNZ062"],
        "sent": (NOW - 3 * HOUR).isoformat(),
        "effective": (NOW - 2 * HOUR).isoformat(),
        "onset": (NOW - HOUR).isoformat(),
        "expires": (NOW + 2 * HOUR).isoformat(),
        "ends": (NOW + 5 * HOUR).isoformat(),
        "status": "Actual",
        "messageType": "Alert",
        "severity": "Severe",
        "event": "Ice Storm Warning",
        "headline": "Ice Storm Warning\n until this evening",
    }
    properties |= overrides
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def read(*features: Any, **document: Any) -> Reading:
    return hazards(
        {"type": "FeatureCollection", "features": list(features)} | document, NOW
    )


def only(*features: Any) -> Hazard:
    reading = read(*features)
    assert reading.problems == ()
    [hazard] = reading.hazards
    return hazard


def test_an_alert_is_read_with_all_we_use() -> None:
    hazard = only(alert())

    assert hazard.id == "urn:oid:2.49.0.1.840.0.aa.001.1"
    assert (hazard.kind, hazard.severity) == ("ice-storm-warning", Severity.SEVERE)
    assert (hazard.valid_from, hazard.valid_until) == (NOW - HOUR, NOW + 5 * HOUR)
    assert hazard.zones == ("SAME:027123", "UGC:MNZ062")
    assert hazard.headline == "Ice Storm Warning until this evening"


@pytest.mark.parametrize(
    ("times", "begins", "over"),
    [
        ({"onset": None}, NOW - 2 * HOUR, NOW + 5 * HOUR),
        ({"onset": None, "effective": None}, NOW - 3 * HOUR, NOW + 5 * HOUR),
        ({"ends": None}, NOW - HOUR, NOW + 2 * HOUR),
        (
            {"ends": None, "expires": (NOW - HOUR).isoformat()},
            NOW - HOUR,
            NOW + WHILE_LISTED,
        ),
        ({"ends": None, "expires": None}, NOW - HOUR, NOW + WHILE_LISTED),
        (
            {"ends": None, "onset": (NOW + 9 * HOUR).isoformat()},
            NOW + 9 * HOUR,
            NOW + 10 * HOUR,
        ),
        (
            {"expires": (NOW - HOUR).isoformat(), "onset": "2026-03-02T05:00:00-0600"},
            NOW - HOUR,
            NOW + 5 * HOUR,
        ),
        (
            {"ends": (NOW - 90 * timedelta(minutes=1)).isoformat()},
            NOW - 2 * HOUR,
            NOW - 90 * timedelta(minutes=1),
        ),
    ],
)
def test_an_alert_lasts_until_it_ends_not_until_its_message_expires(
    times: dict[str, Any], begins: datetime, over: datetime
) -> None:
    hazard = only(alert(**times))

    assert (hazard.valid_from, hazard.valid_until) == (begins, over)


def test_polygons_are_longitude_first_and_only_their_outlines_count() -> None:
    hole = [[-92.6, 45.4], [-92.4, 45.4], [-92.4, 45.6], [-92.6, 45.4]]
    far = [[[180.5, 1], [181, 1], [181, 2]]]

    hazard = only(
        alert({"type": "MultiPolygon", "coordinates": [[*SQUARE, hole], far]})
    )

    assert [tuple(point) for point in hazard.polygons[0][:2]] == [(45, -93), (45, -92)]
    assert hazard.polygons[1][0].longitude == -179.5
    assert hazard.rings[0].holds(45.5, -92.5)


def test_a_fire_zones_number_is_not_taken_for_a_forecast_zones() -> None:
    hazard = only(
        alert(
            geocode={"SAME": [], "UGC": ["NMZ101", "NMC001"]},
            affectedZones=[
                "https://api.weather.gov/zones/fire/NMZ101",
                "https://api.weather.gov/zones/county/NMC001",
                "https://somewhere/else",
            ],
        )
    )

    assert hazard.zones == ("FIRE:NMZ101", "UGC:NMC001")


def test_an_update_replaces_what_it_refers_to() -> None:
    old, new = "urn:oid:2.49.0.1.840.0.old", "urn:oid:2.49.0.1.840.0.new"
    url = f"https://api.weather.gov/alerts/{old}"
    update = alert(id=new, messageType="Update", references=[{"@id": url}])

    reading = read(alert(id=old), update)

    assert [hazard.id for hazard in reading.hazards] == [new]
    assert reading.left_out == (f"{old}: replaced by {new}",)


def test_a_cancellation_replaces_and_is_no_hazard_itself() -> None:
    references = [{"identifier": "urn:oid:2.49.0.1.840.0.aa.001.1"}]
    cancel = alert(id="b", messageType="Cancel", references=references)

    assert read(alert(), cancel).hazards == ()


def test_an_update_that_cannot_be_read_replaces_nothing() -> None:
    references = [{"identifier": "urn:oid:2.49.0.1.840.0.aa.001.1"}]
    late = {"onset": "9999-12-31T23:59:00Z", "ends": None}
    lost = alert(id="b", messageType="Update", references=references, **late)

    reading = read(lost, alert())

    assert [h.id for h in reading.hazards] == ["urn:oid:2.49.0.1.840.0.aa.001.1"]
    assert reading.unreadable == ("b",)


def test_an_instant_that_cannot_be_read_is_reported_and_its_alert_kept() -> None:
    reading = read(alert(id="a", onset="soon", ends="2026-03-02T17:00:00"))

    [hazard] = reading.hazards
    assert (hazard.valid_from, hazard.valid_until) == (NOW - 2 * HOUR, NOW + 2 * HOUR)
    assert reading.problems == (
        "a: onset: 'soon' is not an instant such as 2026-03-02T12:00:00-06:00",
        "a: ends: '2026-03-02T17:00:00' has no offset from UTC",
    )


def test_an_alert_that_ends_before_all_its_beginnings_is_over() -> None:
    ends = NOW - 9 * HOUR

    hazard = only(alert(ends=ends.isoformat()))

    assert (hazard.valid_until, hazard.active(NOW)) == (ends, False)


@pytest.mark.parametrize("status", ["Test", "Exercise", "Draft", "System"])
def test_a_test_is_no_hazard(status: str) -> None:
    reading = read(alert(status=status))

    assert reading.hazards == ()
    assert status in reading.left_out[0]


def test_words_nobody_knows_are_unknown_and_nothing_crashes() -> None:
    hazard = only(alert(severity="Purple", event=None, headline=None, geocode=7))

    assert (hazard.severity, hazard.kind) == (Severity.UNKNOWN, "alert")


def test_a_shape_that_cannot_be_read_leaves_its_alert_to_its_zones() -> None:
    reading = read(
        alert({"type": "Polygon", "coordinates": [[[1, 2], ["x", 3]]]}, id="a"),
        alert({"type": "Spiral"}, id="b"),
        alert({"type": "Polygon", "coordinates": [[[1, 95], [2, 3], [4, 5]]]}, id="c"),
    )

    assert [hazard.zones[0] for hazard in reading.hazards] == ["SAME:027123"] * 3
    assert [problem.split(":")[0] for problem in reading.problems] == ["a", "b", "c"]


def test_two_alerts_under_one_id_are_both_kept_whatever_their_order() -> None:
    one, other = alert(severity="Minor"), alert(severity="Extreme")

    reading = read(one, other, one)

    assert [h.severity for h in reading.hazards] == [Severity.MINOR, Severity.EXTREME]
    assert len({h.id for h in reading.hazards}) == 2


@pytest.mark.parametrize(
    "document", [None, [], {}, {"title": "Unexpected Problem", "status": 500}]
)
def test_an_answer_that_is_no_list_says_nothing_about_what_holds(document: Any) -> None:
    with pytest.raises(ContractViolation, match="no list of alerts"):
        hazards(document, NOW)


def test_a_page_of_several_is_not_the_whole_list() -> None:
    paged = read(
        alert(), pagination={"next": "https://api.weather.gov/alerts?cursor=x"}
    )

    assert not paged.complete
    assert read(alert()).complete


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted(alert()["properties"])), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["geometry", *alert()["properties"]]), _json)
def test_no_value_of_a_field_keeps_the_other_alerts_from_being_read(
    name: str, value: Any
) -> None:
    odd = alert(id="odd")
    place = odd if name == "geometry" else odd["properties"]
    place[name] = value

    reading = read(odd, alert(id="good"), value)

    assert "good" in {hazard.id for hazard in reading.hazards}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendors' samples are not here")
@pytest.mark.parametrize(
    ("name", "alerts", "located"), [("small", 8, 8), ("e2e", 152, 13)]
)
def test_real_alerts_are_read_and_located(name: str, alerts: int, located: int) -> None:
    text = (SAMPLES / f"alerts_active.{name}.json").read_text(encoding="utf-8")

    reading = hazards(resolved(json.loads(text), NOW), NOW)

    assert (len(reading.hazards), reading.problems) == (alerts, ())
    assert sum(locate(hazard).located for hazard in reading.hazards) == located
    # What stays unlocated names no county and has no geometry.
    unlocated = [h for h in reading.hazards if not locate(h).located]
    assert {zone for h in unlocated for zone in h.zones} <= {"UGC:ARZ045"}
