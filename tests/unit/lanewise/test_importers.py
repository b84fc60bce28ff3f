from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest

from domain.order import Order, ServiceLevel
from lanewise.importers.catalog import StockRow, read_skus, read_stock
from lanewise.importers.mapping import Mapping, load_mapping
from lanewise.importers.network import read_network
from lanewise.importers.orders import read_orders
from lanewise.importers.reject import MappingError, Reject, write_rejects

SAMPLE = Path(__file__).parents[3] / "examples" / "sample"
LINES = {"fields": {"sku": "sku", "units": {"column": "units", "as": "integer"}}}
FIELDS = {
    "id": "order",
    "customer_id": {"const": "CUST-1"},
    "placed_at": {"column": "day", "as": "instant", "format": "%Y-%m-%d"},
    "ship_to.postal_code": {"column": "zip", "pad": 5},
}
HEADER = "order,day,zip,sku,units\n"
GOOD = "A-1,2026-03-02,60601,LAMP,2\n"


def a_mapping(**overrides: object) -> Mapping:
    values: dict[str, object] = {
        "source": {"path": "orders.csv"},
        "fields": FIELDS,
        "children": {"lines": LINES},
    }
    return Mapping.model_validate(values | overrides)


def read(text: str | bytes, **overrides: object) -> tuple[list[str], list[Reject]]:
    """Return the ids of the orders read, and the rejects."""
    raw = text if isinstance(text, bytes) else text.encode()
    found = list(
        read_orders(BytesIO(raw), a_mapping(**overrides), known_skus={"LAMP", "MUG"})
    )
    return orders_of(found), [x for x in found if isinstance(x, Reject)]


def orders_of(found: Iterable[Order | Reject]) -> list[str]:
    return [x.id for x in found if isinstance(x, Order)]


def test_the_sample_files_are_read_without_a_reject() -> None:
    skus = list(read_skus(SAMPLE, load_mapping(SAMPLE / "skus.mapping.yaml")))
    known = {sku.id for sku in skus if not isinstance(sku, Reject)}
    mapping = load_mapping(SAMPLE / "orders.mapping.yaml")

    orders = list(read_orders(SAMPLE, mapping, known_skus=known))
    stock = list(read_stock(SAMPLE / "stock.csv"))

    assert len(known) == 7
    assert orders_of(orders) == [f"S-100{n}" for n in range(1, 7)]
    assert all(isinstance(row, StockRow) for row in stock)
    assert read_network(SAMPLE / "network.yaml").version == "sample-1"


def test_rows_of_one_order_become_its_lines() -> None:
    mapping = load_mapping(SAMPLE / "orders.mapping.yaml")

    order = next(o for o in read_orders(SAMPLE, mapping) if isinstance(o, Order))

    assert [(line.sku, line.units) for line in order.lines] == [("LAMP", 2), ("MUG", 4)]
    assert order.placed_at.isoformat() == "2026-03-02T14:15:00+00:00"
    assert order.requested_service is ServiceLevel.STANDARD


def test_a_column_that_lost_its_leading_zeros_gets_them_back() -> None:
    found = list(
        read_orders(
            BytesIO((HEADER + "A-1,2026-03-02,7030,LAMP,2\n").encode()), a_mapping()
        )
    )

    assert isinstance(found[0], Order)
    assert found[0].ship_to.postal_code == "07030"


@pytest.mark.parametrize(
    ("row", "column", "value", "problem"),
    [
        ("A-2,2026-02-30,60601,LAMP,2", "day", "2026-02-30", "no such date"),
        ("A-2,2026-03-02,60601,LAMP,-2", "units", "-2", "not above 0"),
        ("A-2,2026-03-02,60601,LAMP,0", "units", "0", "not above 0"),
        ("A-2,2026-03-02,60601,LAMP,1.5", "units", "1.5", "not a whole number"),
        ("A-2,2026-03-02,60601,LAMP,two", "units", "two", "not a number"),
        ("A-2,2026-03-02,60601,LAMP,", "units", "", "missing"),
        ("A-2,2026-03-02,60601,SOFA,1", "sku", "SOFA", "no such SKU"),
        ("A-2,2026-03-02,,LAMP,1", "zip", "", "missing"),
        ("A 2,2026-03-02,60601,LAMP,1", "order", "A 2", "not allowed"),
        (",2026-03-02,60601,LAMP,1", "order", "", "missing"),
        ("A-1,2026-03-02,60601,MUG,1", "order", "A-1", "row 2 has the same id"),
        ("A-2,2026-03-02,60601,LAMP", "units", "A-2,2026-03-02,60601,LAMP", "4 cells"),
        ("A-2,2026-03-02,60601,LAMP,1,x", "row", "", "6 cells"),
        (",,,,", "row", "", "the row is empty"),
        ("", "row", "", "the row is empty"),
        ('A-2,2026-03-02,60601,"LAMP,1', "row", "", "never closed"),
        ("A-2,2026-03-02,60601,LA\0MP,1", "sku", "LA\\x00MP", "NUL"),
        (f"A-2,2026-03-02,60601,{'X' * 40_000},1", "sku", "", "40000 characters"),
        (f"A-2,2026-03-02,60601,{'X' * 2_000_000},1", "row", "", "characters"),
    ],
)
def test_a_bad_row_is_rejected_and_its_neighbors_are_read(
    row: str, column: str, value: str, problem: str
) -> None:
    orders, rejects = read(HEADER + GOOD + row + "\n" + GOOD.replace("A-1", "A-3"))

    assert orders == ["A-1", "A-3"]
    assert len(rejects) == 1
    assert (rejects[0].row, rejects[0].file) == (3, "orders.csv")
    assert problem in rejects[0].problem
    assert rejects[0].remedy
    assert rejects[0].field == column
    assert rejects[0].value.startswith(value)


def test_bytes_of_another_encoding_spoil_their_row_only() -> None:
    bad = "A-2,2026-03-02,60601,LAMPÉ,1\n".encode("latin-1")

    orders, rejects = read(HEADER.encode() + GOOD.encode() + bad)

    assert orders == ["A-1"]
    assert rejects[0].field == "sku"
    assert "not utf-8" in rejects[0].problem


def test_a_file_in_another_encoding_is_read_when_the_mapping_says_so() -> None:
    text = (HEADER + GOOD).encode("utf-16")

    _, rejects = read(text)
    orders, none = read(text, source={"path": "orders.csv", "encoding": "utf-16"})

    assert "UTF-16" in rejects[0].problem
    assert (orders, none) == (["A-1"], [])


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    orders, rejects = read(b"\xef\xbb\xbf" + (HEADER + GOOD).encode())

    assert (orders, rejects) == (["A-1"], [])


def test_a_file_cut_in_the_middle_of_a_row_says_so() -> None:
    orders, rejects = read(HEADER + GOOD + "A-2,2026-03")

    assert orders == ["A-1"]
    assert "the file ends in this row" in rejects[0].problem


def test_an_empty_file_is_one_reject() -> None:
    orders, rejects = read("")

    assert orders == []
    assert [(r.row, r.problem) for r in rejects] == [(0, "it is empty")]


def test_a_file_without_a_last_line_end_is_whole() -> None:
    assert read(HEADER + GOOD.rstrip())[0] == ["A-1"]


def test_an_inch_sign_in_a_cell_does_not_swallow_the_rows_after_it() -> None:
    rows = [f'A-{n},2026-03-02,60601,5" LAMP,1\n' for n in (2, 3)]

    orders, rejects = read(HEADER + rows[0] + GOOD + rows[1])

    assert orders == ["A-1"]
    assert [reject.row for reject in rejects] == [2, 4]


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_ends() -> None:
    text = 'order,day,zip,sku,units\n"A-1",2026-03-02,60601,"LA""M\nP,",2\n' + (
        "A-2,2026-03-02,60601,LAMP,1\n"
    )

    orders, rejects = read(text)

    assert orders == ["A-2"]
    assert [(r.row, r.value) for r in rejects] == [(2, 'LA"M\\x0aP,')]


def test_an_order_with_one_bad_line_is_rejected_whole() -> None:
    rows = GOOD + "A-1,2026-03-02,60601,MUG,none\n" + GOOD.replace("A-1", "A-2")

    orders, rejects = read(HEADER + rows, group="order")

    assert orders == ["A-2"]
    assert [(r.record, r.field, r.value) for r in rejects] == [("A-1", "units", "none")]


@pytest.mark.parametrize("contiguous", [True, False])
def test_an_unreadable_line_rejects_the_order_it_names(contiguous: bool) -> None:
    rows = GOOD + "A-1,2026-03-02,60601,M\0UG,1\n" + GOOD.replace("A-1", "A-2")

    orders, rejects = read(HEADER + rows, group="order", contiguous=contiguous)

    assert orders == ["A-2"]
    assert {reject.row for reject in rejects} == {2, 3}


@pytest.mark.parametrize("contiguous", [True, False])
def test_an_unreadable_line_of_nobody_rejects_both_neighbors(contiguous: bool) -> None:
    rows = GOOD + "\0A-1,2026-03\n" + GOOD.replace("A-1", "A-2")
    rows += GOOD.replace("A-1", "A-3")

    orders, _ = read(HEADER + rows, group="order", contiguous=contiguous)

    assert orders == ["A-3"]


def test_rows_of_one_order_that_contradict_each_other_are_rejected() -> None:
    rows = GOOD + "A-1,2026-03-05,60601,MUG,1\n"

    orders, rejects = read(HEADER + rows, group="order")

    assert orders == []
    assert (rejects[0].row, rejects[0].field) == (3, "day")


def test_an_order_whose_rows_are_torn_apart_is_found_again() -> None:
    rows = GOOD + GOOD.replace("A-1", "A-2") + "A-1,2026-03-02,60601,MUG,1\n"

    gathered, _ = read(HEADER + rows, group="order")
    _, rejects = read(HEADER + rows, group="order", contiguous=True)

    assert gathered == ["A-1", "A-2"]
    assert "same id" in rejects[0].problem


def test_a_missing_column_is_named_with_the_nearest_one() -> None:
    with pytest.raises(MappingError, match=r"reads column 'order'.*'orders'"):
        read("orders,day,zip,sku,units\n")


def test_a_column_standing_twice_is_refused() -> None:
    with pytest.raises(MappingError, match="'sku' stands twice"):
        read("order,day,zip,sku,sku,units\n")


def test_a_mapping_that_names_a_wrong_unit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "source: {path: a.csv}\nfields: {w: {column: W, as: weight, unit: stone}}\n"
    )

    with pytest.raises(MappingError, match=r"unit 'stone'.*'kg'"):
        load_mapping(path)


def test_reading_a_mended_file_again_repeats_the_good_orders_exactly() -> None:
    bad = HEADER + GOOD + "A-2,2026-02-30,60601,LAMP,1\n"
    mended = bad.replace("02-30", "02-28")

    first = [x.digest() for x in found_in(bad) if isinstance(x, Order)]
    again = [x.digest() for x in found_in(mended) if isinstance(x, Order)]

    assert again[:1] == first
    assert len(again) == 2


def found_in(text: str) -> list[Order | Reject]:
    return list(read_orders(BytesIO(text.encode()), a_mapping()))


@pytest.mark.parametrize("name", ["rejects.jsonl", "rejects.csv"])
def test_rejects_are_written_one_per_row(tmp_path: Path, name: str) -> None:
    _, rejects = read(HEADER + "A-2,2026-02-30,60601,LAMP,x\n")

    count = write_rejects(tmp_path / name, rejects)

    lines = (tmp_path / name).read_text().splitlines()
    assert count == 2
    assert len(lines) == count + (name.endswith("csv"))
    assert "2026-02-30" in lines[-2]


def test_a_clean_run_leaves_no_old_rejects_behind(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    path.write_text("old\n")

    write_rejects(path, [])

    assert path.read_text() == ""
