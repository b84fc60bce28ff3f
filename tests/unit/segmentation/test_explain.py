import pytest

from domain.segment import Fact
from segmentation.fact_table import SCHEMA
from segmentation.language.check import check
from segmentation.language.explain import verdict, why


def reasons(text: str, facts: dict[str, Fact]) -> tuple[str, ...]:
    return why(check(text, SCHEMA).tree, facts, SCHEMA)


@pytest.mark.parametrize(
    ("text", "facts", "sentence"),
    [
        (
            "order_value_cents >= 500_00",
            {"order_value_cents": 61_250},
            "order value is $612.50, at least $500.00",
        ),
        (
            "hours_to_deliver_by <= 48",
            {"hours_to_deliver_by": 20.5},
            "time to deliver-by is 20.5 h, at most 48 h",
        ),
        (
            "hours_to_deliver_by <= 48",
            {"hours_to_deliver_by": 50},
            "time to deliver-by is 50 h, not at most 48 h",
        ),
        ("2 < lines", {"lines": 3}, "lines is 3, more than 2"),
        ("region == 'IL'", {"region": "IL"}, "region is IL"),
        ("region == 'IL'", {"region": "NY"}, "region is NY, not equal to IL"),
        ("region != 'IL'", {"region": "NY"}, "region is NY, other than IL"),
        (
            "region in ['IL', 'NY']",
            {"region": "NY"},
            "region is NY, one of IL, NY",
        ),
        ("region not in ['IL']", {"region": "NY"}, "region is NY, none of IL"),
        (
            "'ice' in hazard_kinds",
            {"hazard_kinds": ()},
            "hazards is nothing, without ice",
        ),
        ("fragile", {"fragile": True}, "fragile is true"),
        ("not fragile", {"fragile": False}, "fragile is false"),
        ("known(region)", {}, "region is not known"),
        (
            "startswith(region, 'N')",
            {"region": "NY"},
            'region is NY and begins with "N"',
        ),
        (
            "weight_g / units > 10",
            {"weight_g": 100, "units": 4},
            "weight_g / units is 25, more than 10",
        ),
        (
            "longest_mm > heaviest_unit_g / lines * lines / heaviest_unit_g * girth_mm",
            {"longest_mm": 9, "heaviest_unit_g": 1, "lines": 1, "girth_mm": 7},
            "longest side is 9 mm, more than heaviest_unit_g / lines * lines / "
            "heaviest_unit_g * girth_mm is 7",
        ),
        ("fragile", {}, "fragile is not known"),
    ],
)
def test_the_deciding_comparison_is_told_with_both_values(
    text: str, facts: dict[str, Fact], sentence: str
) -> None:
    assert reasons(text, facts) == (sentence,)


def test_of_an_or_only_what_holds_is_told() -> None:
    facts: dict[str, Fact] = {"fragile": False, "hazmat": True}

    assert reasons("fragile or hazmat", facts) == ("hazmat is true",)


def test_of_a_failing_and_only_what_fails_is_told() -> None:
    facts: dict[str, Fact] = {"fragile": False, "hazmat": True}

    assert reasons("fragile and hazmat", facts) == ("fragile is false",)


def test_an_unknown_rule_names_what_is_missing_and_matters() -> None:
    found = reasons("(fragile or lines > 2) and units > 1", {"lines": 1, "units": 5})

    assert found == ("fragile is not known",)


def test_a_division_by_zero_is_told_as_having_no_value() -> None:
    found = reasons("weight_g / units > 1", {"weight_g": 3, "units": 0})

    assert found == ("weight_g / units > 1 has no value",)


def test_the_tree_gives_every_part_with_its_verdict() -> None:
    tree = check("fragile or not hazmat", SCHEMA).tree

    found = verdict(tree, {"hazmat": False})

    assert (found.text, found.value) == ("fragile or not hazmat", True)
    assert [(part.text, part.value) for part in found.parts] == [
        ("fragile", None),
        ("not hazmat", True),
    ]
