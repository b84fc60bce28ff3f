import pytest
import yaml

from lanewise.importers.document import load_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("NO", "NO"),
        ("Y", "Y"),
        ("07030", "07030"),
        ("17:00", "17:00"),
        ("2026-01-31", "2026-01-31"),
        ("1_000", "1_000"),
        ("true", True),
        ("12", 12),
        ("-1.5e3", -1500.0),
        ("~", None),
        ("", None),
    ],
)
def test_words_stay_words(text: str, value: object) -> None:
    assert load_yaml(f"key: {text}") == {"key": value}


def test_words_stay_words_as_keys() -> None:
    assert load_yaml("{on: a, no: b, 007: c}") == {"on": "a", "no": "b", "007": "c"}


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="'fields' stands twice"):
        load_yaml("fields: {}\nfields: {}\n")


def test_aliases_and_merges_work_as_usual() -> None:
    assert load_yaml("a: &x {b: 1}\nc: {<<: *x, d: 2}") == {
        "a": {"b": 1},
        "c": {"b": 1, "d": 2},
    }
