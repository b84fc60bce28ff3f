"""Files of orders in a folder, read one after the other."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.incoming import Fields
from connectors.orderfiles import mapping
from connectors.orderfiles.client import OrderFiles
from connectors.orderfiles.settings import OrderFilesSettings
from domain.errors import Unavailable
from domain.order import Line
from domain.ordering import Acknowledgment
from domain.quantities import OrderId, SkuId
from tests.builders import an_order

TABLE = Fields(
    source_id="order",
    order={
        "customer_id": "customer",
        "placed_at": "bought",
        "ship_to.postal_code": "zip",
    },
    line={"sku": "sku", "units": "qty"},
)
CSV = """order,customer,bought,zip,sku,qty
7,ann,2026-03-01T09:00:00Z,89501,LAMP,2
7,ann,2026-03-01T09:00:00Z,89501,MUG,1
8,bob,2026-03-01T09:30:00Z,83702,LAMP,x
"""


def a_line(name: str) -> str:
    return an_order(id=name).model_dump_json() + "\n"


def a_source(folder: Path, **changes: Any) -> OrderFiles:
    return OrderFiles(OrderFilesSettings(folder=folder, **changes))


async def all_of(source: OrderFiles, cursor: str | None = None) -> list[str]:
    names: list[str] = []
    more = True
    while more:
        page = await source.orders(cursor)
        names += [one.source_id for one in page.orders]
        cursor, more = page.cursor, page.more
    return names


async def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(a_line("o-3"))
    (tmp_path / "a.jsonl").write_text(a_line("o-1") + "\n" + a_line("o-2"))
    (tmp_path / "c.json").write_text(f"[{a_line('o-4')}]")
    (tmp_path / ".half.jsonl").write_text("{")
    (tmp_path / "notes.txt").write_text("hello")

    assert await all_of(a_source(tmp_path)) == ["o-1", "o-2", "o-3", "o-4"]


async def test_what_was_read_is_not_read_again_and_what_is_new_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.jsonl").write_text(a_line("o-1"))
    source = a_source(tmp_path)
    cursor = (await source.orders(None)).cursor

    assert await all_of(source, cursor) == []

    (tmp_path / "a.jsonl").write_text(a_line("o-1") + a_line("o-2"))
    (tmp_path / "b.jsonl").write_text(a_line("o-3"))

    assert await all_of(source, cursor) == ["o-1", "o-2", "o-3"]


def test_rows_of_a_table_are_lines_of_orders() -> None:
    seven, eight = mapping.orders_in("t.csv", CSV.encode(), TABLE, "")

    assert seven.order is not None
    assert seven.order.lines == (
        Line(sku=SkuId("LAMP"), units=2),
        Line(sku=SkuId("MUG"), units=1),
    )
    assert "lines.0.units: 'x'" in eight.problem


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.jsonl", b'{"id": "o-1"', "a.jsonl, line 1: not JSON"),
        ("a.json", b"", "a.json: not JSON"),
        ("a.csv", b"\xff\xfe\x00", "not UTF-8"),
        ("a.json", b"[1]", "missing"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(
    name: str, data: bytes, said: str
) -> None:
    [got] = mapping.orders_in(name, data, Fields(), "")

    assert got.order is None
    assert said in got.problem


@given(data=st.binary(max_size=200), suffix=st.sampled_from(mapping.SUFFIXES))
@settings(deadline=None, max_examples=100)
def test_no_file_breaks_reading_off(data: bytes, suffix: str) -> None:
    for got in mapping.orders_in(f"a{suffix}", data, Fields(), ""):
        assert (got.order is None) == bool(got.problem)


async def test_answers_are_appended_as_lines(tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    source = a_source(tmp_path, answers=answers)

    await source.acknowledge((Acknowledgment(source_id="1", order_id=OrderId("o-1")),))
    await source.acknowledge((Acknowledgment(source_id="2", accepted=False),))

    told = [
        json.loads(line)["acknowledged"] for line in answers.read_text().splitlines()
    ]
    assert [(each["source_id"], each["accepted"]) for each in told] == [
        ("1", True),
        ("2", False),
    ]


async def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        await a_source(tmp_path / "gone").orders(None)
