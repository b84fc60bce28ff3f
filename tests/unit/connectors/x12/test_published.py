"""Published partner documents, dirty as they are; skipped where they are not."""

from datetime import UTC
from pathlib import Path

import pytest

from connectors.x12.reading import Received, Terms, read_set
from connectors.x12.shipping_advice import ShippingAdvice
from connectors.x12.shipping_order import ShippingOrder
from tests.unit.connectors.x12.samples import NOON, defects_of, only_set

FOLDER = Path(__file__).parents[5] / "shared" / "specs" / "edi"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="needs the published documents in ../shared/specs/edi"
)


def read(content: bytes, *tolerated: str) -> Received:
    terms = Terms(zone=UTC, now=NOON, tolerated=frozenset(tolerated))
    return read_set(only_set(content), terms)


def test_an_order_with_foreign_control_numbers_is_read_and_told() -> None:
    content = (FOLDER / "1edisource_940_dirty_controls.edi").read_bytes()

    order = read(content).document

    assert isinstance(order, ShippingOrder)
    assert [(line.sku, line.units) for line in order.lines] == [
        *(("000100", 12), ("000200", 32), ("000300", 12)),
    ]
    assert {
        f"{d.segment}{d.element:02d}" for d in defects_of(content) if d.element
    } == {
        *("GE02", "IEA02"),
    }


def test_an_advice_with_a_wrong_count_and_shifted_elements_is_told() -> None:
    content = (FOLDER / "simplot_945.edi").read_bytes()

    strict, lenient = read(content), read(content, "se-count")

    assert strict.verdict.code == "R"
    assert lenient.verdict.code == "E"
    assert isinstance(lenient.document, ShippingAdvice)
    assert [(line.sku, line.shipped) for line in lenient.document.lines] == [
        *(("10071179016458", 72), ("10071179016458", 72), ("10071179000709", 96)),
    ]
    told = {(d.segment, d.element) for d in lenient.verdict.defects}
    assert {("SE", 1), ("W12", 7), ("W12", 9), ("W12", 13), ("N9", 2)} <= told


def test_an_invented_advice_is_rejected_with_every_position_named() -> None:
    content = (FOLDER / "invented_945_bad_positions.edi").read_bytes()

    received = read(content)

    assert received.verdict.code == "R"
    told = {(d.kind, d.segment, d.element) for d in received.verdict.defects}
    assert {
        ("segment-missing", "N1", None),
        ("too-long", "W12", 1),
        ("number", "W12", 3),
    } <= told
