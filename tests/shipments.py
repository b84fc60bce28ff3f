"""Shipments and orders at random, as a vendor's contract may get them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from domain.contact import Contact
from domain.order import Line
from domain.quantities import (
    CarrierId,
    Dimensions,
    FcId,
    OrderId,
    ParcelId,
    Place,
    ServiceId,
    SkuId,
)
from domain.shipping import BookParcel, Piece, RateRequest
from domain.warehousing import ReleaseOrder

WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=60
)
NAMED = WORDS.map(str.strip).filter(bool)
MAYBE = st.just("") | NAMED
NORMAL = st.integers(1, 1_500)
KEYS = st.text("abcXYZ019/-_. é@:", min_size=1, max_size=120)

PLACES = st.builds(
    Place,
    country=st.sampled_from(["US", "CA", "DE", "JP", "IE"]),
    postal_code=st.text("0123456789ABC ", min_size=3, max_size=10)
    .map(str.strip)
    .filter(bool),
    region=st.sampled_from(["NV", "TX", "ON", "BY"]),
    city=NAMED,
)
CONTACTS = st.builds(
    Contact,
    name=NAMED,
    company=MAYBE,
    street_1=NAMED,
    street_2=MAYBE,
    phone=MAYBE,
    email=st.sampled_from(["", "ana@example.com"]),
)
PIECES = st.lists(
    st.builds(
        Piece,
        size=st.builds(Dimensions, length_mm=NORMAL, width_mm=NORMAL, height_mm=NORMAL),
        weight_g=st.integers(1, 60_000),
        hazmat=st.booleans(),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
INSTANTS = st.integers(0, 5 * 365 * 86_400).map(
    lambda second: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
)


def questions(fc: FcId, services: list[ServiceId]) -> st.SearchStrategy[RateRequest]:
    """Draw questions about prices."""
    return st.builds(
        RateRequest,
        fc=st.just(fc),
        ship_from=PLACES,
        ship_to=PLACES,
        pieces=PIECES,
        services=st.lists(st.sampled_from(services), min_size=1).map(tuple),
        ready_at=INSTANTS,
        residential=st.booleans(),
        signature=st.booleans(),
        hazmat=st.booleans(),
        insured_cents=st.integers(0, 10**7),
    )


def parcels(
    fc: FcId, carrier: CarrierId, services: list[ServiceId]
) -> st.SearchStrategy[BookParcel]:
    """Draw parcels that are to be booked."""
    return st.builds(
        BookParcel,
        key=KEYS,
        reference=KEYS,
        order_id=KEYS.map(OrderId),
        parcel_id=KEYS.map(ParcelId),
        fc=st.just(fc),
        carrier=st.just(carrier),
        service=st.sampled_from(services),
        ship_from=PLACES,
        ship_to=PLACES,
        pieces=PIECES,
        hand_over_at=INSTANTS,
        residential=st.booleans(),
        signature=st.booleans(),
        hazmat=st.booleans(),
        insured_cents=st.integers(0, 10**7),
        recipient=CONTACTS,
    )


def releases(fc: FcId, service: ServiceId) -> st.SearchStrategy[ReleaseOrder]:
    """Draw orders for a warehouse that makes its own labels."""
    lines = st.dictionaries(
        st.text("ABC123-_ é", min_size=1, max_size=40).map(SkuId),
        st.integers(1, 5_000),
        min_size=1,
        max_size=6,
    ).map(lambda units: tuple(Line(sku=s, units=u) for s, u in units.items()))
    return st.builds(
        ReleaseOrder,
        key=KEYS,
        fc=st.just(fc),
        order_id=KEYS.map(OrderId),
        parcel_id=KEYS.map(ParcelId),
        reservation_key=KEYS,
        lines=lines,
        service=st.just(service),
        tracking_number=MAYBE,
        hand_over_at=INSTANTS,
        ship_to=PLACES,
        recipient=CONTACTS,
    )
