"""What a parcel knows of itself: its key, and what it lost on the floor."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.common import Priority

from domain.order import Line
from domain.policy import Limits
from domain.quantities import SkuId
from tests.builders import a_line, a_parcel, an_order
from workflows.shipment import Shipment

UNITS = st.dictionaries(
    st.sampled_from(["LAMP", "VASE", "CUP"]), st.integers(1, 5), min_size=1
)


def a_shipment(*lines: Line) -> Shipment:
    parcel = a_parcel(lines=lines or (a_line(units=5),))
    return Shipment(an_order(), 1, 2, parcel, Limits(), Priority())


def lines_of(units: dict[str, int]) -> tuple[Line, ...]:
    return tuple(Line(sku=SkuId(sku), units=n) for sku, n in units.items())


def total(lines: Sequence[Line]) -> int:
    return sum(line.units for line in lines)


def test_effects_are_keyed_by_order_parcel_and_revision() -> None:
    assert a_shipment().key == "ORDER-1/1/r2"


def test_a_short_pick_told_twice_is_new_once() -> None:
    shipment = a_shipment(a_line(units=5))
    told = (a_line(units=2),)

    first = shipment.newly_short(told)
    shipment.lose(first)

    assert first == told
    assert shipment.newly_short(told) == ()
    assert shipment.newly_short((a_line(units=3),)) == (a_line(units=1),)


@pytest.mark.parametrize(
    ("shipped", "missing"),
    [
        ((), ()),
        ((a_line(units=5),), ()),
        ((a_line(units=3),), (a_line(units=2),)),
        ((a_line("VASE"),), (a_line(units=5),)),
    ],
)
def test_what_did_not_leave_is_missing(
    shipped: tuple[Line, ...], missing: tuple[Line, ...]
) -> None:
    assert a_shipment(a_line(units=5)).missing_from(shipped) == missing


@given(UNITS, st.lists(UNITS, max_size=4))
def test_no_unit_is_lost_twice_or_made_up(
    ordered: dict[str, int], reports: list[dict[str, int]]
) -> None:
    shipment = a_shipment(*lines_of(ordered))

    for report in reports:
        shipment.lose(shipment.newly_short(lines_of(report)))

    assert total(shipment.lines) + total(shipment.short) == sum(ordered.values())
    assert total(shipment.missing_from(shipment.lines)) == 0
