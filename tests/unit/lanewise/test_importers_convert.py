from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanewise.importers.convert import BadCell, convert
from lanewise.importers.mapping import FieldMap


def a_field(kind: str, **overrides: Any) -> FieldMap:
    return FieldMap.model_validate({"column": "X", "as": kind} | overrides)


@pytest.mark.parametrize(
    ("text", "unit", "grams"),
    [
        ("2", "kg", 2_000),
        ("1.2345", "kg", 1_235),
        ("0.0001", "kg", 1),
        ("1,250", "g", 1_250),
        ("1", "lb", 454),
        ("16", "oz", 454),
        ("2.5 kg", "kg", 2_500),
        ("1e3", "g", 1_000),
    ],
)
def test_weights_are_rounded_up_to_grams(text: str, unit: str, grams: int) -> None:
    assert convert(text, a_field("weight", unit=unit)) == grams


@pytest.mark.parametrize(
    ("text", "unit", "millimeters"),
    [("30", "cm", 300), ("1", "in", 26), ("0.5", "m", 500), ("2", "ft", 610)],
)
def test_lengths_are_rounded_up_to_millimeters(
    text: str, unit: str, millimeters: int
) -> None:
    assert convert(text, a_field("length", unit=unit)) == millimeters


@pytest.mark.parametrize(
    ("text", "unit", "hours"), [("2", "day", 48), ("90", "minute", 2), ("0", "h", 0)]
)
def test_durations_are_started_hours(text: str, unit: str, hours: int) -> None:
    assert convert(text, a_field("hours", unit=unit)) == hours


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        (" $43.23 ", 4_323),
        ("$ 1,234.50", 123_450),
        ("0.125", 13),
        ("($2.00)", -200),
        ("12", 1_200),
    ],
)
def test_money_is_read_with_signs_blanks_and_groups(text: str, cents: int) -> None:
    assert convert(text.strip(), a_field("money")) == cents


def test_a_rate_below_a_cent_is_kept_in_thousandths() -> None:
    assert convert("$0.0831", a_field("money", unit="millicents")) == 8_310


def test_a_decimal_comma_is_read_where_the_mapping_says_so() -> None:
    assert convert("1.234,50", a_field("money", decimal=",", currency="€")) == 123_450


@pytest.mark.parametrize(
    ("kind", "text", "extra", "problem"),
    [
        ("weight", "0", {"unit": "kg"}, "zero"),
        ("weight", "-1", {"unit": "kg"}, "negative"),
        ("weight", "heavy", {"unit": "kg"}, "not a number"),
        ("weight", "1,2", {"unit": "kg"}, "not a number"),
        ("weight", "Infinity", {"unit": "kg"}, "size that can be"),
        ("weight", "NaN", {"unit": "kg"}, "size that can be"),
        ("weight", "1e99", {"unit": "kg"}, "size that can be"),
        ("integer", "1_000", {}, "not a number"),
        ("integer", "٣", {}, "not a number"),
        ("money", "€5", {}, "another currency"),
        ("instant", "2026-02-29", {}, "no such date"),
        ("instant", "2026-13-01", {"format": "%Y-%d-%m %H"}, "no such date"),
        ("date", "31/31/2026", {"format": "%d/%m/%Y"}, "no such date"),
        ("time", "25:00", {}, "no time of day"),
        ("flag", "maybe", {}, "neither yes nor no"),
        ("text", "STDD", {"values": {"STD": "standard"}}, "none of the values"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    kind: str, text: str, extra: dict[str, Any], problem: str
) -> None:
    with pytest.raises(BadCell, match=problem) as refused:
        convert(text, a_field(kind, **extra))

    assert refused.value.remedy


def test_a_local_time_is_read_in_its_zone() -> None:
    field = a_field("instant", format="%m/%d/%Y %H:%M", zone="America/New_York")

    assert convert("07/01/2026 12:00", field) == "2026-07-01T16:00:00+00:00"


def test_a_time_the_clocks_skipped_is_refused() -> None:
    field = a_field("instant", format="%Y-%m-%d %H:%M", zone="America/New_York")

    with pytest.raises(BadCell, match="skipped"):
        convert("2026-03-08 02:30", field)


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    field = a_field("instant", format="%Y-%m-%d %H:%M", zone="America/New_York")

    assert convert("2026-11-01 01:30", field) == "2026-11-01T05:30:00+00:00"


def test_a_mere_date_gets_the_time_of_day_that_is_meant() -> None:
    field = a_field("instant", format="%d.%m.%Y", zone="Europe/Berlin", at="18:00")

    assert convert("02.03.2026", field) == "2026-03-02T17:00:00+00:00"


def test_several_date_formats_are_tried_in_turn() -> None:
    field = a_field("date", format=["%m/%d/%y", "iso"])

    assert convert("5/26/13", field) == "2013-05-26"
    assert convert("2013-05-26", field) == "2013-05-26"


def test_a_misspelled_word_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(BadCell) as refused:
        convert("AIRR", a_field("text", values={"AIR": "air", "GROUND": "ground"}))

    assert "did you mean 'AIR'?" in refused.value.remedy


@settings(max_examples=200, deadline=None)
@given(cents=st.integers(-(10**12), 10**12))
def test_money_written_by_a_spreadsheet_is_read_back(cents: int) -> None:
    written = f"${abs(cents) / 100:,.2f}"

    assert convert(f"({written})" if cents < 0 else written, a_field("money")) == cents


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(min_size=1, max_size=30),
    kind=st.sampled_from(["integer", "number", "money", "instant", "date", "flag"]),
)
def test_any_text_is_read_or_refused_in_words(text: str, kind: str) -> None:
    refused: BadCell | None = None
    try:
        convert(text, a_field(kind))
    except BadCell as bad:
        refused = bad

    assert refused is None or (refused.problem and refused.remedy)
