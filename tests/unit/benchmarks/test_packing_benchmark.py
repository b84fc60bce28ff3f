import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from benchmarks import packing
from benchmarks.packed import peers
from benchmarks.packed.container import load, read
from benchmarks.packed.orders import cartons_in, orders_in
from domain.quantities import CartonId

# Ours: a crate for two bricks, a bin for six; one order of each, one of seven.
BOXES = "crate,200,100,60,50,200,100,50,5000\nbin,200,100,160,90,200,100,150,9000\n"
BRICK = "brick,100,100,50,400"
ITEMS = f"ONE,2,{BRICK}\nTWO,6,{BRICK}\nTHREE,7,{BRICK}\n"
EXPECTED = "ONE,1,0,100,1,0,100\nTWO,1,0,100,1,0,100\nTHREE,2,0,87.5,2,0,87.5\n"
# One container of 10 by 10 by 10, eight cubes of 5.
LOADS = "1\n1 0\n10 10 10\n1\n1 5 1 5 1 5 1 8\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "boxpacker").mkdir()
    for name, text in (("boxes", BOXES), ("items", ITEMS), ("expected", EXPECTED)):
        (tmp_path / "boxpacker" / f"{name}.csv").write_text(text)
    (tmp_path / "thpack").mkdir()
    for n in range(1, 5):
        (tmp_path / "thpack" / f"thpack{n}.txt").write_text(LOADS)
    return tmp_path


@pytest.fixture
def rows(data: Path, tmp_path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    file = tmp_path / "report.json"
    ours_only = ("--engines", "ours", "--rounds", "1", "--json", str(file))

    packing.main(["--data", str(data), *ours_only])

    found = json.loads(file.read_text(encoding="utf-8"))["rows"]
    return {(row["set"], row["method"]): row for row in found}


def test_the_report_tells_boxes_use_time_and_errors_of_every_set(
    rows: dict[tuple[str, str], dict[str, Any]],
) -> None:
    ours = rows["boxpacker", "ours"]

    assert (ours["orders"], ours["boxes"], ours["geometry_errors"]) == (3, 4, 0)
    assert ours["volume_use"] == pytest.approx(7_500 / 8_000)
    assert ours["mean_ms"] > 0
    assert rows["boxpacker", "boxpacker"]["boxes"] == 4
    assert ours["more_boxes_than_boxpacker"] == 0
    assert {name for name, _ in rows} == {
        *("boxpacker", "boxpacker-2d", "100-set"),
        *(f"thpack{n}" for n in range(1, 5)),
    }


def test_a_container_that_can_be_full_is_full(
    rows: dict[tuple[str, str], dict[str, Any]], data: Path
) -> None:
    instance = read(data / "thpack" / "thpack1.txt")[0]

    assert load(instance).use == 1
    assert rows["thpack1", "ours"]["volume_use"] == 1
    assert rows["thpack1", "parreno-2008"]["volume_use"] == 0.9385


def test_a_library_that_is_not_installed_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(peers.PEERS, "py3dbp", (lambda: True, peers.py3dbp))
    monkeypatch.setitem(peers.PEERS, "packvium", (lambda: True, peers.packvium))
    gone = "packer3d-no-diagonals"
    monkeypatch.setitem(peers.PEERS, gone, (lambda: True, peers.packer3d))

    found = packing.measure(data, orders=3, rounds=1, peers=True)

    assert set(found["absent"]) == {"py3dbp", "packvium", gone}


def test_packer3d_is_asked_for_goods_parallel_to_the_walls(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    class Packer:
        def add_box(self, **box: Any) -> None:
            asked.append(box)

        def add_item(self, **item: Any) -> None:
            asked.append(item)

        def pack(self) -> dict[str, Any]:
            return {"bins": [{"type_id": "crate"}], "unpacked": []}

    library = ModuleType("packer3d")
    library.Packer = Packer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "packer3d", library)
    order = next(orders_in(data / "boxpacker"))

    answer = peers.packer3d(order.lines, order, cartons_in(data / "boxpacker"))

    assert answer == (["crate"], 0)
    assert [one["quantity"] for one in asked if "quantity" in one] == [2]
    assert [one["diagonal"] for one in asked if "diagonal" in one] == [False]


def test_boxes_that_do_not_hold_everything_are_not_compared(data: Path) -> None:
    def gives_up(*asked: object) -> peers.Answer:
        return [CartonId("crate")], 1

    orders, suite = list(orders_in(data / "boxpacker")), cartons_in(data / "boxpacker")

    row = packing.peer("lazy", gives_up, orders, suite, 1)

    assert (row["unfinished_orders"], row["boxes"], row["volume_use"]) == (
        3,
        None,
        None,
    )
