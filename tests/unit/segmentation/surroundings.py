"""Draws orders with all that may be known around them, for facts' tests."""

from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.condition import Condition
from domain.hazard import Circle, Hazard, Severity
from domain.history import Entry, History, Scores, history_of
from domain.network import Network, ServiceMode
from domain.order import Order
from domain.quantities import CarrierId, FcId
from domain.sku import TemperatureBand
from domain.subject import lane as lane_of
from domain.subject import of_customer, of_lane, of_sku
from segmentation.circumstances import Circumstances
from tests.builders import (
    MONDAY,
    a_center,
    a_chilled_sku,
    a_customer,
    a_hazard,
    a_line,
    a_network,
    a_pickup,
    a_place,
    a_service,
    a_sku,
    an_air_service,
    an_order,
)

MINUTE = timedelta(minutes=1)
LAMP, CHEESE = a_sku(), a_chilled_sku()
BOTH_BANDS = (TemperatureBand.AMBIENT, TemperatureBand.CHILLED)
EAST, WEST = FcId("EAST"), FcId("WEST")
LANE = lane_of(EAST, an_air_service().id)
SCORES = Scores(
    found_at=MONDAY,
    recency_days=(1.0, 2.5, 5.0, 9.0),
    orders_365d=(1.0, 2.0, 3.0, 4.0),
    money_365d_cents=(100.0, 200.0, 400.0, 900.0),
    a_units=9,
    b_units=4,
)


def two_coasts(**overrides: Any) -> Network:
    """Build two centers with calendars of their own, and two services from each."""
    east = a_center(
        temperatures=BOTH_BANDS,
        pickups=(a_pickup(), a_pickup(cutoff=time(9, 30), weekdays=(1, 5))),
    )
    west = a_center(
        id="WEST",
        place=a_place("90012"),
        time_zone="America/Los_Angeles",
        temperatures=BOTH_BANDS,
        weekdays=(0, 2, 3, 4, 6),
        holidays=((MONDAY + timedelta(days=2)).date(),),
        processing_h=7,
    )
    services = (a_service(), an_air_service(), a_pickup_service())
    return a_network(**({"centers": (east, west), "services": services} | overrides))


def a_pickup_service() -> Any:
    return a_service(
        id="COUNTER",
        carrier="SELF",
        mode=ServiceMode.PICKUP,
        zones=(),
        rates=(),
        transits=(),
    )


def instants(days: int = 20) -> st.SearchStrategy[datetime]:
    """Draw whole minutes about the Monday of the tests."""
    span = days * 24 * 60
    return st.integers(-span, span).map(lambda n: MONDAY + n * MINUTE)


def spans(days: int = 6) -> st.SearchStrategy[tuple[datetime, datetime]]:
    lengths = st.integers(1, days * 24 * 60)
    return st.tuples(instants(), lengths).map(lambda p: (p[0], p[0] + p[1] * MINUTE))


@st.composite
def hazards(draw: st.DrawFn) -> Hazard:
    begin, end = draw(spans())
    area: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"regions": ("IL",)},
                {"regions": ("NJ", "CA")},
                {"regions": (), "postal_prefixes": ("606",)},
                {
                    "regions": (),
                    "circle": Circle(latitude=41.3, longitude=-80, radius_km=90),
                },
            ]
        )
    )
    return a_hazard(
        id=f"H{draw(st.integers(0, 9999))}",
        kind=draw(st.sampled_from(["storm", "flood"])),
        severity=draw(st.sampled_from(list(Severity))),
        valid_from=begin,
        valid_until=end,
        delay_h=draw(st.integers(0, 48)),
        **area,
    )


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    begin, end = draw(spans())
    what: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"kind": "center-outage", "center": "EAST"},
                {"kind": "carrier-disruption", "carrier": "SWIFT"},
                {"kind": "carrier-disruption", "service": "SWIFT-AIR"},
                {"kind": "carrier-disruption", "carrier": "SWIFT", "center": "EAST"},
                {"kind": "campaign", "regions": ("IL", "NY")},
                {"kind": "campaign", "channels": ("store",)},
                {"kind": "peak"},
            ]
        )
    )
    return Condition(
        id=f"C{draw(st.integers(0, 9999))}",
        valid_from=begin,
        valid_until=draw(st.sampled_from([end, None])),
        declared_by="ops",
        **what,
    )


@st.composite
def pasts(draw: st.DrawFn) -> History:
    """Draw a history, some of it still to come."""
    kinds = st.sampled_from(["order_placed", "viewed", "returned", "order_canceled"])
    happened = draw(st.lists(st.tuples(instants(60), kinds), max_size=12))
    return history_of(
        Entry(
            at=at,
            event_id=f"E{n}",
            kind=kind,
            units=1 + n % 3,
            value_cents=100 * n,
            order_id=f"O{n % 4}",
        )
        for n, (at, kind) in enumerate(happened)
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    place = draw(
        st.sampled_from(
            [
                a_place("60601"),
                a_place("60601", region="", latitude=None, longitude=None),
                a_place("98101"),
                a_place("M5V", country="CA", latitude=43.64, longitude=-79.39),
            ]
        )
    )
    skus = draw(st.sampled_from([("LAMP",), ("LAMP", "CHEESE"), ("CHEESE", "NO-SUCH")]))
    placed_at = draw(instants())
    by = draw(st.one_of(st.none(), st.integers(1, 9_000)))
    return an_order(
        ship_to=place,
        placed_at=placed_at,
        deliver_by=None if by is None else placed_at + by * MINUTE,
        pickup=draw(st.booleans()),
        lines=tuple(a_line(sku, draw(st.integers(1, 3))) for sku in skus),
    )


@st.composite
def circumstances(draw: st.DrawFn) -> Circumstances:
    sources = ("stock", "hazard", "carrier", "load", "prediction")
    heard = st.dictionaries(st.sampled_from(sources), instants(3))
    shares = st.floats(0, 1)
    subjects = (
        of_customer(an_order().customer_id),
        of_sku(LAMP.id),
        of_sku(CHEESE.id),
        of_lane(LANE),
    )
    pairs = [(fc, sku.id) for fc in (EAST, WEST) for sku in (LAMP, CHEESE)]
    stock = st.fixed_dictionaries({pair: st.integers(0, 4) for pair in pairs})
    return Circumstances(
        network=two_coasts(),
        skus={sku.id: sku for sku in (LAMP, CHEESE)},
        customer=draw(st.sampled_from([a_customer(), None])),
        hazards=draw(st.one_of(st.none(), st.lists(hazards(), max_size=5).map(tuple))),
        conditions=draw(
            st.one_of(st.none(), st.lists(conditions(), max_size=5).map(tuple))
        ),
        histories=draw(st.dictionaries(st.sampled_from(subjects), pasts())),
        scores=draw(st.sampled_from([SCORES, None])),
        free=draw(st.one_of(st.none(), stock)),
        center_load=draw(st.one_of(st.none(), st.just({EAST: 0.4, WEST: 1.1}))),
        carrier_health=draw(
            st.one_of(st.none(), st.fixed_dictionaries({CarrierId("SWIFT"): shares}))
        ),
        predictions=draw(
            st.sampled_from([{}, {"predicted_lateness": 0.2, "predicted_churn": 0.5}])
        ),
        heard_at=draw(heard),
    )
