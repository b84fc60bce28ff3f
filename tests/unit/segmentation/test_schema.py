"""The schema of facts has what rules are promised, and says what facts rest on."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.order import Order
from domain.subject import SubjectKind
from segmentation import facts
from segmentation.circumstances import Circumstances
from segmentation.declared.declaring import Declaring
from segmentation.fact_table import SCHEMA
from segmentation.schema import FactSource, FactType, Sensitivity
from tests.unit.segmentation import surroundings
from tests.unit.segmentation.surroundings import instants

PROMISED = {
    "value": ["order_value_cents"],
    "lines": ["lines"],
    "units": ["units"],
    "weight": ["weight_g"],
    "volume": ["volume_mm3"],
    "density": ["density_g_per_l"],
    "temperature": ["temperature"],
    "hazmat": ["hazmat"],
    "fragile": ["fragile"],
    "shelf life at arrival": [
        "shelf_life_left_fastest_h",
        "shelf_life_left_slowest_h",
    ],
    "requested service": ["requested_service"],
    "hours to deliver-by": ["hours_to_deliver_by"],
    "hours to next cutoff": ["hours_to_next_cutoff"],
    "channel": ["channel"],
    "region": ["region"],
    "urban or rural": ["urban"],
    "distance to nearest stocking center": ["nearest_center_km"],
    "same-metro stock": ["same_metro_stock"],
    "customer tier": ["customer_tier"],
    "lifecycle": ["lifecycle"],
    "recency": ["recency_days"],
    "frequency": ["orders_30d", "orders_90d", "orders_365d"],
    "money": ["spent_30d_cents", "spent_90d_cents", "spent_365d_cents"],
    "scores": ["rfm_recency", "rfm_frequency", "rfm_money"],
    "cadence": ["order_cadence_days"],
    "returns rate": ["returns_rate"],
    "velocity": ["sku_velocity"],
    "variability": ["sku_variability"],
    "stock cover": ["stock_cover_days"],
    "hazard severity": [
        "hazard_severity",
        "hazard_lane_severity",
        "hazard_center_severity",
    ],
    "carrier health": ["carrier_health_worst", "carrier_health_best"],
    "load": ["center_load"],
    "local time": ["day_of_week", "hour_of_day"],
    "predictions": ["predicted_lateness", "predicted_churn"],
}
FRESH_FOR_H = {
    FactSource.HAZARD: 2,
    FactSource.STOCK: 24,
    FactSource.CARRIER: 6,
    FactSource.LOAD: 1,
    FactSource.PREDICTION: 24,
}
COSTLY = (
    "histories",
    "scores",
    "free",
    "center_load",
    "carrier_health",
    "predictions",
)


@pytest.mark.parametrize("what", PROMISED)
def test_every_fact_promised_is_one_of_orders(what: str) -> None:
    specs = [SCHEMA.get(name) for name in PROMISED[what]]

    assert all(spec and SubjectKind.ORDER in spec.subjects for spec in specs)


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_every_kind_of_subject_has_facts_of_its_own(kind: SubjectKind) -> None:
    assert any(kind in spec.subjects for spec in SCHEMA)


def test_what_grows_old_says_after_how_long() -> None:
    limits = {(spec.source, spec.fresh_for) for spec in SCHEMA if spec.fresh_for}

    assert limits == {
        (source, timedelta(hours=hours)) for source, hours in FRESH_FOR_H.items()
    }


def test_every_fact_of_a_source_that_grows_old_does() -> None:
    ageless = [s.name for s in SCHEMA if s.source in FRESH_FOR_H and not s.fresh_for]

    assert ageless == []


def test_how_a_customer_behaves_is_personal_and_has_a_purpose() -> None:
    behavior = [SCHEMA.get(name) for name in ("spent_90d_cents", "returns_rate")]

    assert all(s and s.sensitivity is Sensitivity.PERSONAL for s in behavior)
    assert all(s and s.purpose and s.readable for s in behavior)


def test_who_a_customer_is_and_where_exactly_no_rule_can_read() -> None:
    barred = {spec.name for spec in SCHEMA if not spec.readable}

    assert barred == {"customer_id", "postal_code"}


def test_only_numbers_run_and_all_of_them_in_hours_or_days() -> None:
    running = [spec for spec in SCHEMA if spec.runs]

    assert {spec.type for spec in running} == {FactType.NUMBER}
    assert {(spec.unit, abs(spec.runs)) for spec in running} == {
        ("h", 1.0),
        ("days", 1 / 24),
    }


def test_a_fact_needs_what_circumstances_have() -> None:
    needed = {name for spec in SCHEMA for name in spec.needs}

    assert needed == set(COSTLY)
    assert needed <= {field.name for field in fields(Circumstances)}


@settings(max_examples=40, deadline=None)
@given(
    surroundings.orders(),
    surroundings.circumstances(),
    instants(10),
    st.sampled_from(COSTLY),
)
def test_a_fact_is_the_same_whatever_it_does_not_need(
    order: Order, around: Circumstances, now: datetime, left_out: str
) -> None:
    without = replace(
        around, **{left_out: getattr(Circumstances(around.network), left_out)}
    )

    told = facts.gather(order, around, now).values
    less = facts.gather(order, without, now).values

    resting = {spec.name for spec in SCHEMA if left_out in spec.needs}
    changed = {n for n in {*told, *less} if told.get(n) != less.get(n)}
    assert changed <= resting


def test_a_group_of_facts_shares_what_it_declares() -> None:
    spec = Declaring(FactSource.LOAD, fresh_for=timedelta(hours=3)).ranked(
        "mood", "mood", "how it goes", ("bad", "good")
    )

    assert (spec.source, spec.fresh_for) == (FactSource.LOAD, timedelta(hours=3))
    assert (spec.type, spec.ordered) == (FactType.CHOICE, True)
