import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.order import Order
from domain.sku import Sku
from lanewise.importers.catalog import read_skus
from lanewise.importers.mapping import Mapping
from lanewise.importers.network import read_network
from lanewise.importers.orders import read_orders
from lanewise.importers.reject import MappingError, Reject
from tests.builders import a_network, an_order

MAPPING: dict[str, Any] = {
    "source": {"path": "orders.csv"},
    "lookups": {"who": {"path": "customers.csv", "on": "customer", "key": "id"}},
    "where": {"status": ["paid"]},
    "fields": {
        "id": "order",
        "customer_id": "who.name",
        "placed_at": {"column": "at", "as": "instant"},
        "ship_to.postal_code": "who.zip",
    },
    "children": {
        "lines": {
            "source": {"path": "items.csv"},
            "on": "order",
            "key": "order",
            "sum": "units",
            "fields": {"sku": "sku", "units": {"const": 1}},
        }
    },
}
ONE_FILE = {
    "source": {"path": "orders.csv"},
    "fields": {
        "id": "order",
        "customer_id": "customer",
        "placed_at": {"column": "at", "as": "instant"},
        "ship_to.postal_code": "zip",
    },
    "children": {"lines": {"fields": {"sku": "sku", "units": {"const": 1}}}},
}
ORDERS = (
    "order,customer,at,status\n"
    "A-1,1,2026-03-02T10:00:00Z,paid\n"
    "A-2,2,2026-03-02T10:00:00Z,paid\n"
    "A-3,1,2026-03-02T10:00:00Z,open\n"
)
CUSTOMERS = "id,name,zip\n1,ADA,60601\n2,BOB,10001\n"
ITEMS = "order,sku\nA-1,LAMP\nA-1,MUG\nA-1,LAMP\nA-2,MUG\nA-3,MUG\n"


def read(
    folder: Path,
    orders: str = ORDERS,
    customers: str = CUSTOMERS,
    items: str | bytes = ITEMS,
) -> tuple[list[Order], list[Reject]]:
    (folder / "orders.csv").write_text(orders)
    (folder / "customers.csv").write_text(customers)
    (folder / "items.csv").write_bytes(
        items if isinstance(items, bytes) else items.encode()
    )
    found = list(read_orders(folder, Mapping.model_validate(MAPPING)))
    return (
        [x for x in found if isinstance(x, Order)],
        [x for x in found if isinstance(x, Reject)],
    )


def test_files_are_joined_by_key_and_equal_lines_added_up(tmp_path: Path) -> None:
    orders, rejects = read(tmp_path)

    assert rejects == []
    assert [(o.id, o.customer_id) for o in orders] == [("A-1", "ADA"), ("A-2", "BOB")]
    assert [(x.sku, x.units) for x in orders[0].lines] == [("LAMP", 2), ("MUG", 1)]


def test_an_order_without_its_customer_is_rejected(tmp_path: Path) -> None:
    orders, rejects = read(tmp_path, customers="id,name,zip\n1,ADA,60601\n")

    assert [order.id for order in orders] == ["A-1"]
    assert (rejects[0].file, rejects[0].row, rejects[0].field) == (
        "orders.csv",
        3,
        "customer",
    )
    assert "customers.csv" in rejects[0].remedy


def test_a_key_that_a_second_file_has_twice_counts_once(tmp_path: Path) -> None:
    orders, rejects = read(tmp_path, customers=CUSTOMERS + "1,EVE,98101\n")

    assert orders[0].customer_id == "ADA"
    assert [(r.file, r.row) for r in rejects] == [("customers.csv", 4)]


def test_an_order_without_lines_is_rejected(tmp_path: Path) -> None:
    orders, rejects = read(tmp_path, items="order,sku\nA-1,LAMP\n")

    assert [order.id for order in orders] == ["A-1"]
    assert (rejects[0].record, rejects[0].field) == ("A-2", "lines")


def test_lines_of_no_order_are_rejected(tmp_path: Path) -> None:
    orders, rejects = read(tmp_path, items=ITEMS + "A-9,LAMP\n")

    assert len(orders) == 2
    assert [(r.file, r.row, r.value) for r in rejects] == [("items.csv", 7, "A-9")]


def test_an_order_loses_no_line_that_cannot_be_read(tmp_path: Path) -> None:
    items = ITEMS.encode().replace(b"A-1,MUG", b"A-1,M\xffUG")

    orders, rejects = read(tmp_path, items=items)

    assert [order.id for order in orders] == ["A-2"]
    assert {(r.file, r.record) for r in rejects} >= {("items.csv", "A-1")}


def test_our_own_orders_are_read_back_from_json(tmp_path: Path) -> None:
    order = an_order(attributes={"lane": "north"})
    path = tmp_path / "orders.jsonl"
    path.write_text(order.model_dump_json() + "\n")

    assert list(read_orders(path)) == [order]


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"deliver_bye": "2026-03-09T00:00:00Z"}, "deliver_bye", "no such field"),
        ({"deliver_by": "2026-03-01T00:00:00Z"}, "deliver_by", "is not after"),
        ({"deliver_by": "2026-03-05T12:00:00"}, "deliver_by", "timezone"),
        ({"placed_at": "2026-02-30T12:00:00Z"}, "placed_at", "day value"),
        ({"lines": []}, "lines", "there are 0"),
        ({"lines": [{"sku": "LAMP", "units": 1.5}]}, "lines.0.units", "integer"),
        ({"lines": [{"sku": "L", "units": 1}] * 2}, "lines", "on two lines"),
        ({"ship_to": {"postal_code": "1", "zip": "2"}}, "ship_to.zip", "no such field"),
        ({"ship_to": {"postal_code": "1", "latitude": "NaN"}}, "ship_to.latitude", ""),
        ({"customer_id": "\ud800"}, "customer_id", "nicode"),
        ({"requested_service": "soon"}, "requested_service", "'standard'"),
    ],
)
def test_what_is_wrong_in_json_is_named_by_its_path(
    change: dict[str, Any], field: str, problem: str
) -> None:
    document = json.loads(an_order().model_dump_json()) | change

    found = list(read_orders(BytesIO(json.dumps(document).encode())))

    assert [x.field for x in found if isinstance(x, Reject)] == [field]
    assert problem in str(found[0])


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "null", "NaN", '{"id": NaN}', "[" * 100_000, "", '{"id": "A'],
)
def test_a_line_that_is_no_object_spoils_only_itself(line: str) -> None:
    good = an_order().model_dump_json()

    found = list(read_orders(BytesIO(f"{line}\n{good}\n".encode())))

    assert [isinstance(x, Reject) for x in found] == [True, False]


NESTED: dict[str, Any] = {
    "source": {"path": "orders.jsonl"},
    "fields": {
        "id": "name",
        "customer_id": "customer.id",
        "placed_at": {"column": "created_at", "as": "instant"},
        "ship_to.postal_code": "shipping.zip",
    },
    "children": {
        "lines": {
            "each": "items",
            "fields": {"sku": "sku", "units": {"column": "qty", "as": "integer"}},
        }
    },
}


def nested(**change: object) -> list[Order | Reject]:
    document = {
        "name": "N-1",
        "customer": {"id": 17},
        "created_at": "2026-03-02T10:00:00-05:00",
        "shipping": {"zip": "60601"},
        "items": [{"sku": "LAMP", "qty": 2}, {"sku": "MUG", "qty": 1}],
    }
    line = json.dumps(document | change).encode()
    return list(read_orders(BytesIO(line), Mapping.model_validate(NESTED)))


def test_a_foreign_json_export_with_nested_lines_is_read() -> None:
    (order,) = nested()

    assert isinstance(order, Order)
    assert [(x.sku, x.units) for x in order.lines] == [("LAMP", 2), ("MUG", 1)]
    assert (order.customer_id, order.ship_to.postal_code) == ("17", "60601")
    assert order.placed_at.isoformat() == "2026-03-02T15:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"items": "LAMP"}, "items", "not a list"),
        ({"items": None}, "items", "not a list"),
        ({"items": [{"sku": "LAMP", "qty": 0}]}, "qty", "not above 0"),
        ({"items": [{"sku": "LAMP"}]}, "qty", "missing"),
        ({"shipping": None}, "shipping.zip", "missing"),
        ({"customer": {"id": ["x"]}}, "customer.id", "a list"),
    ],
)
def test_what_is_wrong_in_a_foreign_export_is_named_by_its_column(
    change: dict[str, Any], field: str, problem: str
) -> None:
    found = nested(**change)

    assert [x.field for x in found if isinstance(x, Reject)] == [field]
    assert problem in str(found[0])


def test_a_csv_in_our_own_words_needs_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "skus.csv"
    path.write_text(
        "id,size.length_mm,size.width_mm,size.height_mm,weight_g,fragile\n"
        "LAMP,200,150,100,800,true\nMUG,90,90,,350,\n"
    )

    found = list(read_skus(path))

    assert isinstance(found[0], Sku)
    assert found[0].fragile
    assert [str(x.field) for x in found[1:] if isinstance(x, Reject)] == [
        "size.height_mm"
    ]


def test_a_network_with_faults_is_refused_whole_and_names_them_all(
    tmp_path: Path,
) -> None:
    document = json.loads(a_network().model_dump_json())
    document["centers"][0]["processing_h"] = -1
    document["services"][0]["dim_divsor"] = 5000
    path = tmp_path / "network.json"
    path.write_text(json.dumps(document))

    with pytest.raises(MappingError, match="processing_h") as refused:
        read_network(path)

    assert "did you mean 'dim_divisor'" in str(refused.value)


def test_a_network_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "network.json"
    path.write_text(a_network().model_dump_json())

    assert read_network(path) == a_network()


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=300), at=st.integers(0, 200))
def test_whatever_bytes_stand_in_a_file_reading_ends_in_orders_or_rejects(
    raw: bytes, at: int
) -> None:
    text = b"order,customer,at,zip,sku\n" + b"A-1,1,2026-03-02,60601,LAMP\n" * 6
    spoiled = text[: 26 + at] + raw + text[26 + at :]

    found = list(read_orders(BytesIO(spoiled), Mapping.model_validate(ONE_FILE)))

    assert all(isinstance(x, Order | Reject) for x in found)
    assert found
