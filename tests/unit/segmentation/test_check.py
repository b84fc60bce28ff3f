import pytest

from domain.segment import Fact
from segmentation.fact_table import SCHEMA
from segmentation.language.check import check
from segmentation.language.compile import fuse
from segmentation.language.errors import RuleError
from segmentation.schema import FactSource, FactSpec, FactType, Schema, Sensitivity


def refusal(text: str) -> RuleError:
    with pytest.raises(RuleError) as refused:
        check(text, SCHEMA)
    return refused.value


def test_a_misspelled_fact_is_met_with_the_one_probably_meant() -> None:
    assert refusal("weigth_g > 1").hint == "did you mean 'weight_g'?"


def test_a_misspelled_word_of_a_choice_is_met_with_the_one_probably_meant() -> None:
    error = refusal("temperature == 'chiled'")

    assert error.message == "'chiled' is never a value of temperature"
    assert error.hint == "did you mean 'chilled'?"


def test_a_word_unlike_any_is_met_with_all_that_are_possible() -> None:
    assert refusal("temperature == 'x'").hint == "it is ambient, chilled or frozen"


def test_a_word_on_the_left_is_checked_as_well() -> None:
    assert refusal("'chiled' == temperature").column == 1


def test_mixed_units_are_named() -> None:
    assert refusal("weight_g > longest_mm").message == "'>' mixes units: g and mm"


def test_a_ratio_has_a_unit_of_its_own() -> None:
    error = refusal("order_value_cents / weight_g > weight_g")

    assert error.message == "'>' mixes units: cents/g and g"


def test_a_number_as_written_takes_any_unit() -> None:
    assert check("order_value_cents / units > 5_000", SCHEMA).reads == (
        "order_value_cents",
        "units",
    )


def test_a_number_alone_is_answered_with_a_comparison() -> None:
    assert refusal("lines and fragile").hint == "write 'lines > 0'"


def test_every_mistake_of_a_rule_is_reported_from_left_to_right() -> None:
    error = refusal("fragil or lines > 'a' or weight_g > lines")

    assert [one.column for one in error.all] == [1, 19, 37]


def test_a_mistake_on_the_second_line_has_that_line() -> None:
    error = refusal("fragile\n  and fragil")

    assert (error.line, error.column) == (2, 7)


def test_columns_count_characters_where_texts_hold_others_than_ascii() -> None:
    assert refusal("region == 'Łódź' and fragil").column == 22


def test_a_personal_fact_is_refused_unless_a_purpose_is_granted() -> None:
    spec = FactSpec(
        "age",
        FactType.NUMBER,
        "age",
        "",
        FactSource.CUSTOMER,
        sensitivity=Sensitivity.PERSONAL,
        purpose="age-restricted goods",
    )

    assert "personal" in refusal("customer_id == 'C-1'").message
    assert check("age >= 18", Schema((spec,))).reads == ("age",)


def test_a_personal_fact_is_not_betrayed_by_a_suggestion() -> None:
    assert "customer_id" not in refusal("customer_idd == 'C-1'").hint


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("temperature >= 'chilled'", {"temperature": "frozen"}, True),
        ("'chilled' > temperature", {"temperature": "ambient"}, True),
        ("'ambient' < temperature < 'frozen'", {"temperature": "chilled"}, True),
        ("1 < lines <= 3 < units", {"lines": 2, "units": 3}, False),
        ("1 < lines <= 3 < units", {"lines": 5}, False),
        ("1 < lines <= 3 < units", {"lines": 2}, None),
        ("not fragile", {}, None),
        ("fragile or lines > 2", {"lines": 3}, True),
        ("fragile and lines > 2", {"lines": 1}, False),
        ("weight_g / lines > 5", {"weight_g": 10, "lines": 0}, None),
        ("lines > 0 and weight_g / lines > 5", {"weight_g": 10, "lines": 0}, False),
        ("known(region) and region == 'IL'", {}, False),
        ("not known(region) or region == 'IL'", {}, True),
        ("'lithium' in categories", {"categories": ("lithium", "toys")}, True),
        ("channel not in ['web', 'app']", {"channel": "store"}, True),
        ("count(categories) >= 2", {"categories": ("a",)}, False),
        ("startswith(region, 'N')", {"region": "NY"}, True),
        ("max(longest_mm, girth_mm) > 10", {"longest_mm": 11, "girth_mm": 3}, True),
        ("max(longest_mm, girth_mm) > 10", {"longest_mm": 11}, None),
        ("abs(hours_to_deliver_by) < 2", {"hours_to_deliver_by": -1.5}, True),
        ("fragile == hazmat", {"fragile": False, "hazmat": False}, True),
        ("-lines * 2 + 1 == -3", {"lines": 2}, True),
    ],
)
def test_a_rule_means_what_it_says(
    text: str, facts: dict[str, Fact], expected: bool | None
) -> None:
    true, unknown = fuse([check(text, SCHEMA)]).verdicts(facts)

    assert (true, unknown) == (expected is True, expected is None)
