import pytest

from domain.customer import Customer, Tier
from domain.errors import Immutable
from domain.quantities import CustomerId, SkuId
from store import network
from store.engine import Store
from tests.builders import MONDAY, a_network, a_sku, two_centers


def test_the_network_published_last_is_active_and_the_old_one_kept(
    store: Store,
) -> None:
    old, new = a_network(version="v1"), two_centers(version="v2")
    with store.writing() as session:
        assert network.active(session) is None
        network.publish(session, old, MONDAY)
        network.publish(session, new, MONDAY)

    with store.reading() as session:
        assert network.active(session) == new
        assert network.active_version(session) == "v2"
        assert network.get(session, "v1") == old


def test_a_published_version_never_changes(store: Store) -> None:
    with store.writing() as session:
        network.publish(session, a_network(version="v1"), MONDAY)
        network.publish(session, a_network(version="v1"), MONDAY)

        with pytest.raises(Immutable, match="'v1' is already published"):
            network.publish(session, two_centers(version="v1"), MONDAY)


def test_skus_are_kept_in_their_latest_state(store: Store) -> None:
    lamp, heavier = a_sku(id="LAMP"), a_sku(id="LAMP", weight_g=999)
    with store.writing() as session:
        network.save_skus(session, [lamp, a_sku(id="RUG")])
        network.save_skus(session, [heavier])

        assert network.skus(session, [SkuId("LAMP"), SkuId("NONE")]) == {
            "LAMP": heavier
        }
        assert set(network.skus(session)) == {"LAMP", "RUG"}


def test_customers_are_found_by_pseudonym(store: Store) -> None:
    vip = Customer(id=CustomerId("c-1"), tier=Tier.VIP)
    with store.writing() as session:
        network.save_customers(session, [vip])

        assert network.customer(session, CustomerId("c-1")) == vip
        assert network.customer(session, CustomerId("c-2")) is None
