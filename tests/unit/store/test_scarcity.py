"""Prices of scarce things: the latest of each, of one network."""

from datetime import timedelta

from domain.quantities import CarrierId, FcId, SkuId
from domain.scarcity import Scarce, ScarceKind
from store import scarcity
from store.engine import Store
from tests.builders import MONDAY

FC = FcId("EAST")
LAMP = Scarce(
    kind=ScarceKind.STOCK, fc=FC, sku=SkuId("LAMP"), millicents=5, found_at=MONDAY
)
TRUCK = Scarce(
    kind=ScarceKind.PARCELS,
    fc=FC,
    carrier=CarrierId("SWIFT"),
    day=MONDAY.date(),
    millicents=0,
    strict_millicents=2**40,
    found_at=MONDAY,
)


def test_what_is_found_last_takes_the_place_of_what_was_known(store: Store) -> None:
    later = LAMP.model_copy(
        update={"millicents": 7, "found_at": MONDAY + timedelta(hours=1)}
    )
    with store.writing() as session:
        scarcity.keep(session, [TRUCK, LAMP], "v1")
        scarcity.keep(session, [later], "v1")

    with store.reading() as session:
        assert scarcity.known(session, "v1", MONDAY) == (TRUCK, later)


def test_stock_of_other_skus_can_be_left_out_but_no_capacity(store: Store) -> None:
    with store.writing() as session:
        scarcity.keep(session, [TRUCK, LAMP], "v1")

    with store.reading() as session:
        assert scarcity.known(session, "v1", MONDAY, [SkuId("VASE")]) == (TRUCK,)
        assert LAMP in scarcity.known(session, "v1", MONDAY, [SkuId("LAMP")])


def test_what_is_old_or_of_another_network_is_forgotten(store: Store) -> None:
    old = LAMP.model_copy(update={"found_at": MONDAY - timedelta(days=1)})
    with store.writing() as session:
        scarcity.keep(session, [old], "v2")
        scarcity.keep(session, [TRUCK], "v1")
        scarcity.forget(session, "v2", MONDAY)

    with store.reading() as session:
        assert scarcity.known(session, "v1", old.found_at) == ()
        assert scarcity.known(session, "v2", old.found_at) == ()


def test_nothing_found_changes_nothing(store: Store) -> None:
    with store.writing() as session:
        scarcity.keep(session, [], "v1")

    with store.reading() as session:
        assert scarcity.known(session, "v1", MONDAY) == ()
