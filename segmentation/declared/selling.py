"""Facts of how goods sell and how far their stock goes."""

from datetime import timedelta

from domain.subject import SubjectKind
from segmentation.declared.declaring import Declaring
from segmentation.schema import FactSource
from segmentation.velocity import VARIABILITY, VELOCITY

STOCK_FRESH_FOR = timedelta(hours=24)

_BOTH = (SubjectKind.ORDER, SubjectKind.SKU)
_PAST = ("histories", "scores")
_SOLD = Declaring(FactSource.SKU, _BOTH, needs=_PAST)
_ON_LINES = Declaring(FactSource.SKU, needs=_PAST)
_OF_SKU = Declaring(FactSource.SKU, (SubjectKind.SKU,), needs=_PAST)
_COVER = Declaring(
    FactSource.STOCK, _BOTH, fresh_for=STOCK_FRESH_FOR, needs=("free", "histories")
)
_STOCK_OF_ORDER = Declaring(
    FactSource.STOCK, fresh_for=STOCK_FRESH_FOR, needs=("free",)
)
_STOCK_OF_SKU = Declaring(
    FactSource.STOCK, (SubjectKind.SKU,), fresh_for=STOCK_FRESH_FOR, needs=("free",)
)

SELLING = (
    _SOLD.ranked(
        "sku_velocity",
        "velocity",
        "ABC class by units of 90 days: A makes the first 80 % of all units, B the "
        "next 15 %; of an order, its fastest SKU's",
        VELOCITY,
    ),
    _ON_LINES.ranked(
        "slowest_sku_velocity", "slowest velocity", "its slowest SKU's class", VELOCITY
    ),
    _SOLD.ranked(
        "sku_variability",
        "variability",
        "XYZ class: X below 0.5, Y below 1, else Z, of the coefficient of variation "
        "of weekly units; of an order, its most erratic SKU's",
        VARIABILITY,
    ),
    _OF_SKU.number("units_30d", "units in 30 days", "units ordered, today's included"),
    _OF_SKU.number(
        "daily_units", "units a day", "mean of the last 30 full days, or fewer if new"
    ),
    _COVER.number(
        "stock_cover_days",
        "stock cover",
        "days the free units last as they sell; unknown where nothing sold; of an "
        "order, the shortest",
        "days",
    ),
    _STOCK_OF_SKU.number("free_units", "free units", "free to promise at all centers"),
    _STOCK_OF_SKU.number(
        "stocking_centers", "stocking centers", "centers with a free unit"
    ),
    _STOCK_OF_ORDER.number(
        "full_stock_centers",
        "centers with everything",
        "centers that have the units of all lines free",
    ),
    _STOCK_OF_ORDER.yes_no(
        "same_metro_stock",
        "all in stock nearby",
        "one of them is within 50 km of the destination",
    ),
)
