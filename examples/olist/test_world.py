# ruff: noqa: D100, D103

from pathlib import Path

import pytest

from examples.olist.world import World, build

FILES = {
    "orders.csv": (
        "order_id,customer_id,order_purchase_timestamp,order_estimated_delivery_date\n"
        "o2,c2,2018-04-03 11:00:00,2018-04-20 00:00:00\n"
        "o1,c1,2018-04-02 10:00:00,2018-04-18 00:00:00\n"
        "o0,c1,2018-03-01 10:00:00,2018-03-18 00:00:00\n"
        "o3,c1,2018-04-04 10:00:00,2018-04-18 00:00:00\n"
    ),
    "customers.csv": (
        "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,"
        "customer_state\nc1,u1,1001,sao paulo,SP\nc2,u2,20099,rio de janeiro,RJ\n"
    ),
    "order_items.csv": (
        "order_id,product_id,seller_id,price\n"
        "o0,p1,s2,9.90\no1,p1,s1,10.50\no1,p1,s1,10.50\no2,p2,s1,20.00\no3,p3,s1,5\n"
    ),
    "products.csv": (
        "product_id,product_category_name,product_weight_g,product_length_cm,"
        "product_height_cm,product_width_cm\n"
        "p1,toys,700,20,10,15\np2,,1200,30,8,25\np3,toys,,,,\n"
    ),
    "sellers.csv": (
        "seller_id,seller_zip_code_prefix,seller_city,seller_state\n"
        "s1,1002,São Paulo,SP\ns2,20031,rio de janeiro,RJ\n"
    ),
    "zip_centroids.csv": "zip,lat,lng\n01001,-23.5,-46.6\n20031,-22.9,-43.2\n",
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return build(tmp_path)


def test_orders_follow_each_other_in_time(world: World) -> None:
    assert [order.id for order in world.orders] == ["o1", "o2"]
    assert world.orders[0].placed_at.isoformat() == "2018-04-02T13:00:00+00:00"


def test_items_become_units_and_sellers_cities_become_centers(world: World) -> None:
    line = world.orders[0].lines[0]

    assert (line.sku, line.units) == ("p1", 2)
    assert world.orders[0].source_fc == "sao-paulo-sp"
    assert [c.id for c in world.network.centers] == [
        "rio-de-janeiro-rj",
        "sao-paulo-sp",
    ]


def test_a_zip_that_is_not_listed_stands_with_its_neighbors(world: World) -> None:
    assert world.orders[0].ship_to.latitude == -23.5
    assert world.orders[1].ship_to.longitude == -43.2
    assert world.network.centers[1].place.latitude == -23.5


def test_only_a_second_seller_makes_a_real_choice(world: World) -> None:
    assert world.figures["orders with a real choice of center"] == 1


def test_the_real_sources_hold_enough_for_every_order(world: World) -> None:
    stock = {(str(fc), str(sku)): units for (fc, sku), units in world.stock.items()}

    assert stock["sao-paulo-sp", "p1"] >= 2
    assert stock["sao-paulo-sp", "p2"] >= 1


def test_goods_without_measures_are_rejected_with_their_orders(world: World) -> None:
    assert {reject.record for reject in world.rejects} == {"p3", "o3"}
