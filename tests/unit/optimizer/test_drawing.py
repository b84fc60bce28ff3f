"""The picture of a packing: what a packer reads off it."""

from xml.etree import ElementTree

from hypothesis import given, settings

from domain.network import Carton
from domain.order import Line
from domain.plan import PackedCarton
from domain.quantities import CartonId, SkuId
from domain.sku import Sku
from optimizer.drawing import Block, inner_sizes, steps, svg
from optimizer.packing import Packer
from optimizer.pieces import PackedPiece
from tests.unit.optimizer.packing_cases import a_carton, a_sku, units, ways
from tests.unit.optimizer.test_packing_properties import baskets, suites

BOX = a_carton("box", 400, 300, 200)
KIT = a_sku("kit <&>", 200, 150, 100)
MUG = a_sku("mug", 100, 100, 90)
TEXT = "{http://www.w3.org/2000/svg}text"


def packed(piece: PackedPiece) -> PackedCarton:
    return PackedCarton(
        carton=piece.carton,
        method=piece.method,
        outer=piece.outer,
        weight_g=piece.weight_g,
        billable_g=piece.weight_g,
        lines=piece.lines,
        placements=piece.placements,
    )


def cartons_with(*lines: Line) -> list[PackedCarton]:
    first = ways([KIT, MUG], lines, [BOX])[0]
    return [packed(piece) for piece in first.pieces]


def texts(picture: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(picture).iter(TEXT)]


def test_a_picture_names_every_piece_and_its_place() -> None:
    (box,) = cartons_with(Line(sku=KIT.id, units=1), Line(sku=MUG.id, units=2))

    said = texts(svg([box], inner_sizes([BOX]), title="Order O-1"))

    assert said[0] == "Order O-1: 1 piece"
    assert "inside 400 × 300 × 200 mm" in said[1]
    assert any("1 × kit <&>, " in each and " mm at (0, 0, 0)" in each for each in said)
    assert any("2 × mug" in each for each in said)


def test_a_picture_says_in_words_what_it_shows() -> None:
    (box,) = cartons_with(Line(sku=MUG.id, units=3))

    root = ElementTree.fromstring(svg([box]))

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert [each.text for each in root[:2]] == ["Packing", "1: box holds 3 × mug."]


def test_equal_cartons_share_a_panel() -> None:
    cartons = cartons_with(*units(mug=72 + 5))

    said = texts(svg(cartons))

    heads = [each for each in said if "inside" in each]
    assert len(cartons) > len(heads) > 1
    assert any("-" in head.split("of")[0] for head in heads)


def test_a_carton_without_placements_says_so() -> None:
    (box,) = cartons_with(Line(sku=MUG.id, units=1))
    brief = box.model_copy(update={"placements": ()})

    assert "No placements are known." in texts(svg([brief]))


@settings(max_examples=40, deadline=None)
@given(basket=baskets(), cartons=suites())
def test_steps_go_bottom_up_and_lose_no_unit(
    basket: tuple[dict[SkuId, Sku], tuple[Line, ...]],
    cartons: dict[CartonId, Carton],
) -> None:
    skus, lines = basket
    found = Packer(skus, cartons.values()).packings(lines, tuple(cartons))

    for piece in {p for way in found for p in way.pieces}:
        done = steps(piece.placements)

        assert sum(step.units for step in done) == sum(ln.units for ln in piece.lines)
        for n, step in enumerate(done):
            for later in done[n + 1 :]:
                rests = step.near[2] == later.far[2]
                assert not (rests and _shares(step, later))


def _shares(one: Block, other: Block) -> bool:
    return all(
        one.near[i] < other.far[i] and other.near[i] < one.far[i] for i in (0, 1)
    )
