"""Centers that give in turn until nothing is missing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.order import Line
from optimizer.sourcing import Sourcing, in_turn
from tests.builders import a_line

Offer = tuple[tuple[Line, ...], dict[int, tuple[int, ...]], int]


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    wanted = draw(st.lists(st.integers(1, 5), min_size=1, max_size=14))
    lines = tuple(a_line(f"SKU-{n}", units) for n, units in enumerate(wanted))
    free = {
        c: tuple(draw(st.integers(0, units)) for units in wanted)
        for c in range(draw(st.integers(0, 7)))
    }
    return lines, free, draw(st.integers(2, 4))


def total_of(sourcing: Sourcing) -> dict[str, int]:
    units: dict[str, int] = {}
    for _, part in sourcing:
        for line in part:
            units[line.sku] = units.get(line.sku, 0) + line.units
    return units


@settings(max_examples=150, deadline=None)
@given(offers())
def test_together_they_give_just_what_is_wanted(offer: Offer) -> None:
    lines, free, most = offer

    for sourcing in in_turn(lines, free, most):
        assert total_of(sourcing) == {line.sku: line.units for line in lines}
        assert 2 <= len(sourcing) <= most


@settings(max_examples=150, deadline=None)
@given(offers())
def test_nobody_gives_more_than_it_has_nor_the_same_twice(offer: Offer) -> None:
    lines, free, most = offer
    at = {line.sku: n for n, line in enumerate(lines)}

    found = list(in_turn(lines, free, most))

    assert len(set(found)) == len(found)
    for sourcing in found:
        for c, part in sourcing:
            assert all(0 < line.units <= free[c][at[line.sku]] for line in part)


def test_who_has_most_of_what_is_missing_goes_next() -> None:
    lines = tuple(a_line(sku, 1) for sku in "ABCD")
    free = {0: (1, 0, 0, 0), 1: (0, 1, 0, 0), 2: (0, 0, 1, 0), 3: (0, 0, 1, 1)}

    found = set(in_turn(lines, free, 3))

    assert {tuple(c for c, _ in sourcing) for sourcing in found} == {(0, 1, 3)}


def test_one_center_that_has_everything_is_no_sharing() -> None:
    lines = (a_line("LAMP", 2),)

    assert list(in_turn(lines, {0: (2,), 1: (0,)}, 3)) == []
