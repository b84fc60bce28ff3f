"""Reserving, finding and giving back: what is asked of Tryton, what it answers."""

import httpx
import pytest

from connectors.tryton.references import keys_in, reference
from domain.errors import (
    ConnectorError,
    ContractViolation,
    OutcomeUnknown,
    StateConflict,
    Unavailable,
)
from domain.quantities import SkuId
from tests.unit.connectors.tryton.answers import (
    MUG,
    RNO,
    SHIPMENT,
    Erp,
    Error,
    eight,
    move,
    product,
    shipment,
    wish,
)

FOUND, MOVES = f"{SHIPMENT}.search_read", "model.stock.move.search_read"


def reserving(assigned: float) -> Erp:
    """A Tryton that knows nothing yet and then assigns so many of eight."""
    whole = shipment("assigned" if assigned == 8 else "waiting")
    return (
        Erp()
        .says(FOUND, [], [shipment("draft")])
        .says(f"{SHIPMENT}.create", [9])
        .says(f"{SHIPMENT}.read", [whole])
        .says(MOVES, [move(11, "draft", 8, out=True)], eight(assigned))
    )


async def test_a_shipment_is_built_with_our_key_and_goods() -> None:
    erp = reserving(8)
    await erp.warehouse().reserve(wish())
    values = erp.params(f"{SHIPMENT}.create")[0][0][0]
    moves = values["outgoing_moves"][0][1]
    assert (values["reference"], values["warehouse"], values["customer"]) == (
        "o/1",
        5,
        2,
    )
    assert [(m["product"], m["quantity"], m["from_location"]) for m in moves] == [
        (1, 8, 2)
    ]


async def test_reserving_looks_creates_looks_again_and_assigns() -> None:
    erp = reserving(8)
    await erp.warehouse().reserve(wish())
    effects = [m for m, _ in erp.calls if m.startswith(SHIPMENT)]
    assert effects[:5] == [
        *(FOUND, f"{SHIPMENT}.create", FOUND),
        *(f"{SHIPMENT}.wait", f"{SHIPMENT}.assign_try"),
    ]
    assert {str(r.url) for r in erp.requests} == {"https://erp.example/prod/rpc/"}


@pytest.mark.parametrize("assigned", [8, 6])
async def test_a_whole_and_a_partial_reservation_are_read(assigned: int) -> None:
    made = await reserving(assigned).warehouse().reserve(wish())
    assert made.id == "9"
    assert [(li.sku, li.asked, li.reserved) for li in made.lines] == [
        (MUG, 8, assigned)
    ]


async def test_a_refusal_in_a_200_is_read() -> None:
    said = Error("UserError", ["The product is archived.", "", None])
    erp = reserving(8).says(f"{SHIPMENT}.create", said)
    with pytest.raises(StateConflict, match="archived"):
        await erp.warehouse().reserve(wish())


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (["ConcurrencyException", "Records were modified"], StateConflict),
        (["UserError", ["no", "", None]], StateConflict),
        (["database is locked", ""], Unavailable),
        (["could not obtain lock on row in relation", ""], Unavailable),
        (["'stock.nope'", ""], ConnectorError),
        ("nonsense", ConnectorError),
        ([], ConnectorError),
    ],
)
async def test_every_error_in_a_200_is_one_of_ours(
    error: object, kind: type[ConnectorError]
) -> None:
    answer = httpx.Response(200, json={"id": 1, "error": error})
    erp = reserving(8).says(f"{SHIPMENT}.create", answer)
    with pytest.raises(kind):
        await erp.warehouse().reserve(wish())


async def test_an_effect_without_an_answer_is_unknown() -> None:
    erp = reserving(8).says(f"{SHIPMENT}.create", httpx.Response(502))
    with pytest.raises(OutcomeUnknown):
        await erp.warehouse().reserve(wish())


async def test_what_was_created_and_not_answered_is_adopted() -> None:
    erp = reserving(8).says(FOUND, [shipment("draft")])
    made = await erp.warehouse().reserve(wish())
    assert made.id == "9"
    assert not erp.params(f"{SHIPMENT}.create")


async def test_a_double_is_cancelled_and_the_oldest_stands() -> None:
    twice = [shipment("draft"), shipment("draft", id=10)]
    erp = reserving(8).says(FOUND, [], twice)
    made = await erp.warehouse().reserve(wish())
    assert made.id == "9"
    assert [p[0] for p in erp.params(f"{SHIPMENT}.cancel")] == [[10]]


async def test_goods_nobody_knows_there_are_not_reserved() -> None:
    erp = reserving(8).says("model.product.product.search_read", [])
    made = await erp.warehouse().reserve(wish())
    assert [(li.asked, li.reserved) for li in made.lines] == [(8, 0)]
    assert not erp.params(f"{SHIPMENT}.create")


async def test_other_goods_under_the_key_are_refused() -> None:
    erp = reserving(8).says(FOUND, [shipment("assigned")]).says(MOVES, eight(8))
    with pytest.raises(StateConflict, match="other goods"):
        await erp.warehouse().reserve(wish(units=3))


async def test_units_that_somebody_else_had_first_are_given_back() -> None:
    theirs = move(8, "assigned", 8, shipment="stock.shipment.out,1")
    mine = eight(8)
    erp = reserving(8).says(
        MOVES,
        *([move(11, "draft", 8, out=True)], mine, [theirs, *mine]),
        *([move(11, "draft", 8, out=True)], eight(0)),
    )
    erp.says(f"{SHIPMENT}.read", *[[shipment("waiting")]] * 3)
    erp.says("model.product.product.search_read", [product(8)], [product(-8)])
    made = await erp.warehouse().reserve(wish())
    assert [p[0] for p in erp.params(f"{SHIPMENT}.wait")] == [[9], [9]]
    assert made.lines[0].reserved == 0


async def test_a_reservation_is_looked_up_by_its_key() -> None:
    erp = Erp().says(FOUND, [shipment("assigned")]).says(MOVES, eight(8))
    found = await erp.warehouse().find_reservation(RNO, "o/1")
    assert found is not None
    assert found.complete
    assert ["reference", "=", "o/1"] in erp.params(FOUND)[0][0][1]


@pytest.mark.parametrize("state", ["draft", "waiting"])
async def test_what_is_not_assigned_yet_is_no_reservation(state: str) -> None:
    erp = Erp().says(FOUND, [shipment(state)]).says(MOVES, eight(0))
    assert await erp.warehouse().find_reservation(RNO, "o/1") is None


async def test_goods_are_given_back_unless_somebody_changed_the_shipment() -> None:
    erp = Erp().says(FOUND, [shipment("assigned")])
    await erp.warehouse().release_reservation(RNO, "o/1")
    ids, context = erp.params(f"{SHIPMENT}.cancel")[0]
    assert ids == [9]
    assert context["_timestamp"] == {"stock.shipment.out,9": "1772440215.25"}


@pytest.mark.parametrize("state", ["picked", "packed", "shipped", "done"])
async def test_picked_goods_are_not_given_back(state: str) -> None:
    erp = Erp().says(FOUND, [shipment(state)])
    with pytest.raises(StateConflict, match="too late"):
        await erp.warehouse().release_reservation(RNO, "o/1")
    assert not erp.params(f"{SHIPMENT}.cancel")


async def test_never_reserved_is_fine() -> None:
    erp = Erp().says(FOUND, [])
    await erp.warehouse().release_reservation(RNO, "o/1")
    assert not erp.params(f"{SHIPMENT}.cancel")


@pytest.mark.parametrize("field", ["id", "state", "warehouse", "_timestamp"])
async def test_a_shipment_without_what_we_need_breaks_the_contract(field: str) -> None:
    erp = Erp().says(FOUND, [shipment("assigned", **{field: None})])
    with pytest.raises(ContractViolation, match=field):
        await erp.warehouse().find_reservation(RNO, "o/1")


@pytest.mark.parametrize("key", ["o/1/r1", "with blank", "50%", "ünï", "a_b", "x\ty"])
@pytest.mark.parametrize("release", [None, "same", "o/2 other"])
def test_keys_are_read_back_from_a_reference(key: str, release: str | None) -> None:
    written = key if release == "same" else release
    assert keys_in(reference(key, written)) == (key, written)


@pytest.mark.parametrize("text", ["two words", "a b c d", "x released y z"])
def test_references_of_others_hold_no_keys(text: str) -> None:
    assert keys_in(text) == ("", None)


async def test_stock_counts_shelves_and_what_is_picked() -> None:
    erp = Erp().says("model.product.product.search_read", [product(19.999999999)])
    report = await erp.warehouse().stock(RNO, (MUG, SkuId("NEVER")))
    domain, *_, context = erp.params("model.product.product.search_read")[0]
    assert report.on_hand == {"MUG": 20, "NEVER": 0}
    assert ["code", "in", ["MUG", "NEVER"]] in domain
    assert context["locations"] == [3, 2]


async def test_less_than_nothing_counts_as_nothing() -> None:
    erp = Erp().says("model.product.product.search_read", [product(-3.0)])
    assert (await erp.warehouse().stock(RNO, None)).on_hand == {"MUG": 0}


async def test_a_code_of_two_products_is_named() -> None:
    erp = Erp().says("model.product.product.search_read", [product(1), product(2)])
    with pytest.raises(ContractViolation, match="MUG"):
        await erp.warehouse().stock(RNO, (MUG,))
