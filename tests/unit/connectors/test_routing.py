import pytest

from connectors.connection import Connection
from connectors.routing import Routes
from domain.errors import InvalidRequest
from domain.quantities import CarrierId, FcId, Place

HERON = CarrierId("heron")
RENO, DALLAS = FcId("RENO"), FcId("DALLAS")
NEVADA = Place(postal_code="89501", region="NV")
TEXAS = Place(postal_code="75201", region="TX")
ABROAD = Place(country="CA", postal_code="V5K")


def a_carrier(name: str, **serves: object) -> Connection:
    fields = {"name": name, "kind": "carrier", "base_url": "http://x"}
    return Connection.model_validate({**fields, **serves})


ROUTES = Routes.of(
    (
        a_carrier("anything"),
        a_carrier("herons", carriers=["heron"]),
        a_carrier("domestic", regions=["US"]),
        a_carrier("nevada", regions=["US-NV"]),
        a_carrier("dallas", fcs=["DALLAS"]),
    )
)


@pytest.mark.parametrize(
    ("carrier", "fc", "to", "name"),
    [
        ("heron", DALLAS, NEVADA, "dallas"),
        ("heron", RENO, NEVADA, "nevada"),
        ("heron", RENO, TEXAS, "domestic"),
        ("heron", RENO, ABROAD, "herons"),
        ("other", RENO, ABROAD, "anything"),
        ("heron", None, None, "herons"),
    ],
)
def test_the_most_particular_connection_wins(
    carrier: str, fc: FcId | None, to: Place | None, name: str
) -> None:
    assert ROUTES.carrier(CarrierId(carrier), fc, to) == name


def test_without_a_lane_the_only_connection_of_a_carrier_will_do() -> None:
    one = Routes.of((a_carrier("only", carriers=["heron"], fcs=["RENO"]),))
    two = Routes.of((a_carrier("a", fcs=["RENO"]), a_carrier("b", fcs=["DALLAS"])))

    assert one.carrier(HERON, None, None) == "only"
    assert one.carrier(HERON, DALLAS, TEXAS) is None
    assert two.carrier(HERON, None, None) is None
    assert two.carrier(HERON, DALLAS, None) == "b"


def test_two_connections_for_one_lane_are_refused() -> None:
    twice = (
        a_carrier("a", carriers=["heron"], fcs=["RENO"], regions=["US-NV"]),
        a_carrier("b", carriers=["heron"], fcs=["RENO"], regions=["US", "US-NV"]),
    )

    with pytest.raises(InvalidRequest, match="'heron' from 'RENO' to 'US-NV'"):
        Routes.of(twice)


def a_transport(name: str, **serves: object) -> Connection:
    return Connection.model_validate({"name": name, "kind": "transport", **serves})


def test_a_carrier_named_by_a_transport_is_offered_loads_whatever_the_lane() -> None:
    routes = Routes.of(
        (
            a_carrier("anything"),
            a_carrier("nevada", regions=["US-NV"]),
            a_transport("freight", carriers=["heron"]),
        )
    )

    assert routes.transport(HERON, RENO, NEVADA) == "freight"
    assert routes.transport(HERON, None, None) == "freight"
    assert routes.transport(CarrierId("other"), RENO, NEVADA) is None


def test_a_center_may_book_a_carrier_that_others_offer_loads_to() -> None:
    routes = Routes.of(
        (
            a_transport("freight", carriers=["heron"]),
            a_carrier("dallas", carriers=["heron"], fcs=["DALLAS"]),
        )
    )

    assert routes.transport(HERON, DALLAS, TEXAS) is None
    assert routes.transport(HERON, RENO, TEXAS) == "freight"


def test_a_transport_and_a_carrier_connection_may_not_claim_the_same() -> None:
    same = (a_carrier("anything"), a_transport("freight"))

    with pytest.raises(InvalidRequest, match="every other carrier is already served"):
        Routes.of(same)


@pytest.mark.parametrize(
    ("fc", "to", "reached"),
    [
        (RENO, NEVADA, {"nevada": ("heron", "other")}),
        (RENO, ABROAD, {"anything": ("other",), "herons": ("heron",)}),
        (DALLAS, TEXAS, {"dallas": ("heron", "other")}),
    ],
)
def test_every_connection_that_serves_a_lane_is_listed_with_its_carriers(
    fc: FcId, to: Place, reached: dict[str, tuple[str, ...]]
) -> None:
    carriers = [CarrierId("other"), HERON, HERON]

    assert ROUTES.serving(fc, to, carriers) == reached


def test_carriers_that_nobody_reaches_are_not_listed() -> None:
    one = Routes.of((a_carrier("only", carriers=["heron"], regions=["US-NV"]),))

    assert one.serving(RENO, TEXAS, [HERON]) == {}
    assert one.serving(RENO, NEVADA, [HERON, CarrierId("other")]) == {"only": (HERON,)}
