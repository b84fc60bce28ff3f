# ruff: noqa: D100, D103

from pathlib import Path

import pytest

from domain.network import Network, Vehicle
from domain.order import Order
from domain.quantities import FcId, ServiceId
from examples.brunel.network import build
from lanewise.importers.mapping import load_mapping
from lanewise.importers.orders import read_orders
from lanewise.importers.reject import Reject

HERE = Path(__file__).parent
FILES = {
    "WhCapacities.csv": "Plant ID,Daily Capacity \nP1,11\nP2,8\n",
    "WhCosts.csv": "WH,Cost/unit\nP1,1.42\nP2,0.43\n,\n",
    "PlantPorts.csv": "Plant Code,Port\nP1,A\nP1,B\nP2,B\n",
    "ProductsPerPlant.csv": "Plant Code,Product ID\nP1,X\nP2,X\nP2,Y\nP9,Y\n",
    "VmiCustomers.csv": "Plant Code,Customers\nP2,ADA\n",
    "FreightRates.csv": (
        "Carrier,orig_port_cd,dest_port_cd,minm_wgh_qty,max_wgh_qty,svc_cd,"
        "minimum cost,rate,mode_dsc,tpt_day_cnt,Carrier type\n"
        "C,A,Z,0,99.99,DTD, $23.84 , $0.10 ,AIR   ,2,T\n"
        'C,A,Z,100,"1,999.99",DTD, $23.84 , $0.08 ,AIR   ,2,T\n'
        "C,A,Z,0,99.99,DTD, $25.00 , $0.10 ,AIR   ,2,T\n"
        'C,B,Z,0,5000,DTP," $1,425.03 ", $128.03 ,GROUND,0,T\n'
    ),
}
ORDERS = (
    "Order ID,Order Date,Origin Port,Carrier,TPT,Service Level,Customer,Product ID,"
    "Plant Code,Destination Port,Unit quantity,Weight\n"
    "1,5/26/13,A,C,1,CRF,ADA,X,P1,Z,808,14.3\n"
    "2,5/26/13,A,C,1,DTD,ADA,X,P1,Z,245,0.0026\n"
    "3,5/26/13,A,C,1,DTP,ADA,X,P1,Z,245,0\n"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "OrderList.csv").write_text(ORDERS)
    return tmp_path


def network_of(data: Path) -> Network:
    return build(data)[0]


def test_a_plant_has_its_ports_capacity_cost_and_customers(data: Path) -> None:
    plant = network_of(data).center(FcId("P2"))

    assert plant.ports == ("B",)
    assert plant.capacity_orders == 8
    assert plant.handling_millicents_per_unit == 43_000
    assert plant.only_customers == ("ADA",)
    assert network_of(data).stocked_at == {"X": ("P1", "P2"), "Y": ("P2",)}


def test_bands_meet_without_a_gap(data: Path) -> None:
    light, heavy = network_of(data).service(ServiceId("C-air")).lanes

    assert (light.min_g, light.max_g, heavy.min_g, heavy.max_g) == (
        *(0, 100_000),
        *(100_000, 2_000_000),
    )
    assert (light.minimum_cents, light.rate_millicents_per_kg) == (2_384, 10_000)
    assert (light.destination, light.transit_h) == ("Z/DTD", 48)


def test_a_truck_is_paid_as_a_whole_and_takes_what_its_band_says(data: Path) -> None:
    (lane,) = network_of(data).service(ServiceId("C-ground")).lanes

    assert lane.vehicle == Vehicle(capacity_g=5_000_000, cost_cents=12_803)
    assert (lane.minimum_cents, lane.rate_millicents_per_kg) == (0, 0)


def test_dirty_rows_are_rejected_with_their_place(data: Path) -> None:
    _, _, rejects = build(data)

    assert {(r.file, r.row) for r in rejects} == {
        ("ProductsPerPlant.csv", 5),
        ("WhCosts.csv", 4),
        ("FreightRates.csv", 4),
    }


def test_orders_keep_their_own_weight_and_are_collected_or_sent(data: Path) -> None:
    found = list(read_orders(data, load_mapping(HERE / "orders.mapping.yaml")))

    orders = [x for x in found if isinstance(x, Order)]
    assert [(o.id, o.pickup, o.weight_g) for o in orders] == [
        ("1", True, 14_300),
        ("2", False, 3),
    ]
    assert orders[1].ship_to.postal_code == "Z/DTD"
    assert [(x.row, x.field) for x in found if isinstance(x, Reject)] == [(4, "Weight")]
