"""Facts of who buys, and how."""

from domain.customer import CustomerKind, Tier
from domain.subject import SubjectKind
from segmentation.behavior import LIFECYCLE
from segmentation.declared.declaring import Declaring, words_of
from segmentation.schema import FactSource, Sensitivity

_BOTH = (SubjectKind.ORDER, SubjectKind.CUSTOMER)
_NAMED = Declaring(FactSource.CUSTOMER, _BOTH)
_BARRED = Declaring(FactSource.CUSTOMER, _BOTH, Sensitivity.PERSONAL)
_BEHAVES = Declaring(
    FactSource.CUSTOMER,
    _BOTH,
    Sensitivity.PERSONAL,
    "how well to serve, never at what price",
    needs=("histories", "scores"),
)

CUSTOMER = (
    _NAMED.ranked(
        "customer_tier", "customer tier", "the merchant's own ranking", words_of(Tier)
    ),
    _NAMED.choice(
        "customer_kind", "customer kind", "person or business", words_of(CustomerKind)
    ),
    _BARRED.text("customer_id", "customer", "the customer's pseudonym"),
)

_FREQUENCY = tuple(
    _BEHAVES.number(
        f"orders_{span}d",
        f"orders in {span} days",
        f"orders placed in {span} days and not cancelled",
    )
    for span in (30, 90, 365)
)
_MONEY = tuple(
    _BEHAVES.number(
        f"spent_{span}d_cents",
        f"spent in {span} days",
        "what those were worth; unknown where one did not say",
        "cents",
    )
    for span in (30, 90, 365)
)
_SCORES = tuple(
    _BEHAVES.number(f"rfm_{measure}", f"{measure} score", about)
    for measure, about in (
        ("recency", "1 to 5: the fifth of customers by `recency_days`, 5 the latest"),
        ("frequency", "1 to 5: the fifth by `orders_365d`, 5 the most"),
        ("money", "1 to 5: the fifth by `spent_365d_cents`, 5 the most"),
    )
)
BEHAVIOR = (
    _BEHAVES.choice(
        "lifecycle",
        "lifecycle",
        "stage of the customer by orders, silence and own cadence",
        LIFECYCLE,
    ),
    _BEHAVES.number(
        "recency_days",
        "time since the last order",
        "unknown before the first order",
        "days",
        runs=1 / 24,
    ),
    *_FREQUENCY,
    *_MONEY,
    *_SCORES,
    _BEHAVES.number(
        "order_cadence_days",
        "order cadence",
        "median days between the newest orders; needs three",
        "days",
    ),
    _BEHAVES.number(
        "returns_rate", "returns rate", "returned over ordered units of 365 days"
    ),
    _BEHAVES.number("complaints_90d", "complaints", "complaints in 90 days"),
    _BEHAVES.number(
        "late_deliveries_90d", "late deliveries", "late deliveries in 90 days"
    ),
)
