"""Whatever a counterpart sends, it is read or it is a contract violation."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from connectors.neutral import mapping
from domain.errors import ContractViolation
from domain.quantities import FcId
from tests.unit.connectors.test_neutral_carrier import ALERT, BOOKING, SCAN
from tests.unit.connectors.test_neutral_warehouse import (
    COUNT,
    NOTICE,
    ORDER,
    RESERVATION,
)

RENO = FcId("RENO")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-03-02T09:00:00Z", "RENO", "delivered", "-1", "1e999"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
STOCK: dict[str, Any] = {"as_of": "2026-03-02T09:00:00Z", "on_hand": {"MUG": 3}}
QUOTE: dict[str, Any] = {
    "id": "Q-1",
    "service": "heron-ground",
    "total_cents": 1070,
    "p50_at": "2026-03-04T17:00:00Z",
    "p90_at": "2026-03-05T05:00:00Z",
    "expires_at": "2026-03-02T09:15:00Z",
}


def within(name: str) -> Callable[[Any], Any]:
    return lambda item: {name: [item]}


def webhook(parse: Callable[[bytes], Any]) -> Callable[[Any], Any]:
    return lambda item: parse(json.dumps({"events": [item]}).encode())


READERS: dict[str, tuple[Callable[[Any], Any], dict[str, Any]]] = {
    "stock": (lambda d: mapping.parse_stock(d, RENO), STOCK),
    "reservation": (lambda d: mapping.parse_reservation(d, RENO), RESERVATION),
    "order": (lambda d: mapping.parse_order(d, RENO), ORDER),
    "cancellation": (mapping.parse_cancellation, {"outcome": "cancelled"}),
    "quotes": (lambda d: mapping.parse_quotes(within("quotes")(d)), QUOTE),
    "booking": (mapping.parse_booking, BOOKING),
    "void": (mapping.parse_void, {"outcome": "voided"}),
    "scans": (lambda d: mapping.parse_scans(within("scans")(d)), SCAN),
    "hazards": (lambda d: mapping.parse_hazards(within("hazards")(d)), ALERT),
    "now": (mapping.parse_now, {"now": "2026-03-02T09:00:00Z"}),
    "notice": (webhook(mapping.parse_warehouse_events), NOTICE),
    "count": (webhook(mapping.parse_warehouse_events), COUNT),
    "parcel event": (webhook(mapping.parse_parcel_events), SCAN),
}


@pytest.mark.parametrize("what", READERS)
def test_a_well_formed_answer_is_read(what: str) -> None:
    read, sample = READERS[what]

    after = read({**sample, "a field of next year": {"x": [1]}})

    assert told(after) == told(read(sample))


def told(value: object) -> object:
    """Return what was read without the raw answer kept beside it."""
    if isinstance(value, tuple):
        return [told(item) for item in value]
    return value.model_dump() if isinstance(value, BaseModel) else value


@pytest.mark.parametrize("what", READERS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_one_field_gone_mad_is_read_or_refused(what: str, data: st.DataObject) -> None:
    read, sample = READERS[what]
    field = data.draw(st.sampled_from(sorted(sample)))
    mad = {**sample, field: data.draw(JSON)}

    with suppress(ContractViolation):
        read(mad)


@pytest.mark.parametrize("what", READERS)
@settings(max_examples=15, deadline=None)
@given(document=JSON)
def test_anything_at_all_is_read_or_refused(what: str, document: Any) -> None:
    with suppress(ContractViolation):
        READERS[what][0](document)


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=80))
def test_any_bytes_as_a_webhook_are_refused(body: bytes) -> None:
    with pytest.raises(ContractViolation):
        mapping.parse_warehouse_events(body)


def test_a_webhook_nested_without_end_is_refused() -> None:
    with pytest.raises(ContractViolation, match="not JSON"):
        mapping.parse_parcel_events(b"[" * 200_000)


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:00:00-10:00"]
)
def test_an_instant_beyond_the_calendar_is_refused(instant: str) -> None:
    with pytest.raises(ContractViolation, match="outside the years"):
        mapping.parse_now({"now": instant})
