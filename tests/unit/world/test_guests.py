"""Real software may play a part in the simulated world; the trucks stay ours."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.registry import Connection, ConnectionKind
from domain.network import CarrierService
from domain.quantities import CarrierId, Dimensions, FcId, ServiceId
from domain.shipping import Piece
from lanewise.connections import read, simulated
from lanewise.settings import Settings
from lanewise.world.carriage import BookingBody
from lanewise.world.carrier import BoughtElsewhere
from lanewise.world.guest import Guest
from lanewise.world.guests import GUESTS, named, write_connections
from lanewise.world.karrio import Price
from lanewise.world.karrio_carriers import rate_sheet
from lanewise.world.seed import Seeded, build
from lanewise.world.server import WorldServer
from lanewise.world.spec import WorldSpec
from lanewise.world.tariff import price_cents, zone_of
from tests.conformance.worlds import BOISE, CARRIER, FC, GROUND, HAND_OVER, RENO, a_spec

TOKEN = SecretStr("a-token-of-karrios")
MORNING = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def seeded() -> Seeded:
    return build(7, 12)


def a_guest() -> Guest:
    connection = Connection(
        name="karrio",
        kind=ConnectionKind.CARRIER,
        provider="karrio",
        base_url="http://karrio.test",
        secret=TOKEN,
        secrets={"account": SecretStr("0815")},
        options={"accounts": {"heron": "h"}},
    )
    return Guest((connection,), replaces=frozenset({"carriers"}))


def test_guests_are_named_apart_by_commas() -> None:
    assert named("") == ()
    assert named(" karrio ,karrio") == ("karrio",)
    assert set(named("karrio")) <= set(GUESTS)


def test_a_guest_nobody_knows_is_named_beside_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'karro' is nobody we know.*karrio"):
        named("karro")


def test_connections_are_written_as_they_are_read(tmp_path: Path) -> None:
    ours = simulated(Settings(world_url="http://world.test"))
    file = tmp_path / "connections.yaml"
    write_connections(file, ours, (a_guest(),))
    found = {each.name: each for each in read(file, {})}

    assert list(found) == ["warehouses", "hazards", "clock", "karrio"]
    assert found["karrio"] == a_guest().connections[0]
    assert found["clock"] == next(each for each in ours if each.name == "clock")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def price_of(prices: tuple[Price, ...], code: str, weight_kg: float) -> Price | None:
    for price in prices:
        fits = (price.from_kg or 0) <= weight_kg < (price.below_kg or 10**6)
        if fits and code in price.postal_codes:
            return price
    return None


def test_a_rate_sheet_is_never_dearer_than_the_tariff_it_is_made_of(
    seeded: Seeded,
) -> None:
    center = seeded.network.centers[0]
    service: CarrierService = seeded.network.service(ServiceId("atlas-2-day"))
    sheet = rate_sheet(seeded, center, service.carrier)
    for order in seeded.orders:
        zone = zone_of(service, center.place, order.ship_to)
        for weight_g in (1, 499, 500, 7_300, 19_999, 60_000):
            price = price_of(
                tuple(sheet["atlas_2_day"]),
                order.ship_to.postal_code,
                weight_g / 1_000,
            )
            assert price is not None
            assert price.cents <= tariff_cents(service, zone, weight_g)


def tariff_cents(service: CarrierService, zone: int, weight_g: int) -> int:
    size = Dimensions(length_mm=300, width_mm=200, height_mm=100)
    return price_cents(
        service,
        zone,
        (Piece(size=size, weight_g=weight_g),),
        residential=True,
        signature=False,
        hazmat=False,
        insured_cents=0,
    )


def sold(fc: FcId, number: str) -> BoughtElsewhere | None:
    if number != "57dae9871273":
        return None
    body = BookingBody(
        reference="o-1/1",
        order_id="o-1",
        parcel_id="o-1/1",
        fc=fc,
        carrier=CARRIER,
        service=GROUND,
        ship_from=RENO,
        ship_to=BOISE,
        pieces=(),
        hand_over_at=HAND_OVER,
    )
    return BoughtElsewhere(body, 725)


def test_trucks_carry_what_was_bought_elsewhere_and_nothing_else() -> None:
    spec: WorldSpec = a_spec()
    with WorldServer(spec) as server:
        server.carry(sold)
        for number in ("57dae9871273", "forged"):
            server.world.carriers.hand_over(FC, number, MORNING)
        label = server.world.carriers.labels[0]
        strays = server.world.carriers.strays

    assert (label.tracking_number, label.cost_cents) == ("57dae9871273", 725)
    assert label.handed_over_at == MORNING
    assert label.body.carrier == CarrierId("heron")
    assert strays == [(FC, "forged")]
