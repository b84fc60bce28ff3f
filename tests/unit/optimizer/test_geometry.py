"""The checker of packings itself finds each kind of fault."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.order import Line
from domain.plan import Placement
from domain.quantities import CartonId, Dimensions, SkuId
from domain.sku import TemperatureBand
from optimizer.pieces import PackedPiece, Packing
from tests.unit.optimizer.packing_cases import M, a_carton, a_sku, laid, size, units
from verification.geometry import packing_faults

BOX = a_carton("box", 400, 300, 300, tare_g=200, cost_cents=70, max_load_g=5_000)
WEAK = a_sku("weak", 200, 100, 100, weight_g=1_000, max_load_g=1_500)
TALL = a_sku("tall", 100, 100, 150, weight_g=1_000, this_side_up=True)
SKUS = {WEAK.id: WEAK, TALL.id: TALL}
LINES = units(weak=2, tall=1)


def at(sku: str, x: int, y: int, z: int, sides: Dimensions) -> Placement:
    return Placement(sku=SkuId(sku), x_mm=x, y_mm=y, z_mm=z, size=sides)


FLOOR = at("weak", 0, 0, 0, size(200, 100, 100))
UPPER = at("weak", 0, 0, 100, size(200, 100, 100))
BESIDE = at("tall", 200, 0, 0, size(100, 100, 150))
PIECE = PackedPiece(
    carton=CartonId("box"),
    method=M.CARTON,
    outer=BOX.outer,
    weight_g=3_200,
    lines=LINES,
    layout=laid(FLOOR, UPPER, BESIDE),
    hold_h=None,
    temperature=TemperatureBand.AMBIENT,
    coolant_cents_per_h=0,
)


def faults(piece: PackedPiece, lines: tuple[Line, ...] = LINES) -> list[str]:
    packing = Packing(M.CARTON, (piece,), 70)
    return packing_faults(packing, lines, SKUS, {BOX.id: BOX})


def moved(*placements: Placement) -> Callable[[PackedPiece], PackedPiece]:
    return lambda piece: replace(piece, layout=laid(*placements))


def test_a_true_piece_has_no_fault() -> None:
    assert faults(PIECE) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (moved(FLOOR, UPPER), "but placed"),
        (moved(FLOOR, UPPER, at("tall", 150, 0, 0, size(100, 100, 150))), "overlap"),
        (moved(FLOOR, UPPER, at("tall", 350, 0, 0, size(100, 100, 150))), "sticks out"),
        (moved(FLOOR, UPPER, at("tall", 200, 0, 0, size(150, 100, 100))), "upright"),
        (moved(FLOOR, UPPER, at("tall", 200, 0, 0, size(90, 90, 150))), "size"),
        (moved(FLOOR, at("weak", 81, 0, 100, size(200, 100, 100)), BESIDE), "overlap"),
        (
            moved(FLOOR, at("weak", 0, 41, 100, size(200, 100, 100)), BESIDE),
            "hangs in the air",
        ),
        (
            moved(FLOOR, UPPER, at("tall", 0, 0, 200, size(100, 100, 150))),
            "sticks out",
        ),
        (lambda piece: replace(piece, weight_g=3_000), "tare"),
        (lambda piece: replace(piece, outer=BOX.inner), "outer size"),
        (lambda piece: replace(piece, method=M.SECURED), "method"),
        (lambda piece: replace(piece, hold_h=24), "claims to hold"),
        (lambda piece: replace(piece, lines=units(weak=1, tall=1)), "asked"),
    ],
)
def test_each_fault_is_named(
    change: Callable[[PackedPiece], PackedPiece], words: str
) -> None:
    assert any(words in fault for fault in faults(change(PIECE)))


def test_load_counts_all_that_rests_above_directly_or_not() -> None:
    low = a_sku("low", 200, 100, 90, weight_g=1_000, max_load_g=1_500)
    placements = tuple(at("low", 0, 0, z, low.size) for z in (0, 90, 180))
    piece = replace(PIECE, lines=units(low=3), layout=laid(*placements), weight_g=3_200)

    found = packing_faults(
        Packing(M.CARTON, (piece,), 70), units(low=3), {low.id: low}, {BOX.id: BOX}
    )

    assert found == ["2000 g rest on low, which bears 1500 g"]
