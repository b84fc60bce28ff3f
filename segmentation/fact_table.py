"""The facts rules may read, as a table; docs/segments.md repeats it."""

from domain.customer import CustomerKind, Tier
from domain.hazard import Severity
from domain.order import ServiceLevel
from domain.sku import TemperatureBand
from segmentation.schema import FactSource, FactSpec, FactType, Schema, Sensitivity

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEVERITIES = ("none", *(severity.value for severity in Severity))

_B, _N, _T, _C, _W = (
    FactType.BOOLEAN,
    FactType.NUMBER,
    FactType.TEXT,
    FactType.CHOICE,
    FactType.WORDS,
)
_O, _S, _K, _D, _H, _L, _I = (
    FactSource.ORDER,
    FactSource.SKU,
    FactSource.CUSTOMER,
    FactSource.DESTINATION,
    FactSource.HAZARD,
    FactSource.LOAD,
    FactSource.CLOCK,
)
_PERSONAL = Sensitivity.PERSONAL


def _choice(
    name: str,
    title: str,
    about: str,
    source: FactSource,
    values: tuple[str, ...],
    *,
    ordered: bool = False,
) -> FactSpec:
    return FactSpec(name, _C, title, about, source, "", values, ordered)


def _words(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values)  # type: ignore[attr-defined]


_ORDER = (
    FactSpec("lines", _N, "lines", "lines of the order", _O),
    FactSpec("units", _N, "units", "units over all lines", _O),
    FactSpec(
        "max_line_units",
        _N,
        "units on the largest line",
        "units of the line that has most",
        _O,
    ),
    _choice(
        "requested_service",
        "requested service",
        "what the customer chose at checkout",
        _O,
        _words(ServiceLevel),
        ordered=True,
    ),
    FactSpec("channel", _T, "channel", "where the order was placed", _O),
    FactSpec("pickup", _B, "pickup", "the customer collects the goods", _O),
    FactSpec("gift", _B, "gift", "sent as a gift", _O),
    FactSpec("signature", _B, "signature", "the customer asks for a signature", _O),
    FactSpec("residential", _B, "residential", "delivered to a home", _O),
)
_GOODS = (
    FactSpec("order_value_cents", _N, "order value", "units × unit value", _S, "cents"),
    FactSpec(
        "max_unit_value_cents",
        _N,
        "dearest unit's value",
        "value of the dearest unit",
        _S,
        "cents",
    ),
    FactSpec(
        "weight_g",
        _N,
        "weight",
        "what the order states, else the units' net weight",
        _S,
        "g",
    ),
    FactSpec("volume_mm3", _N, "volume", "net volume of all units", _S, "mm3"),
    FactSpec("density_g_per_l", _N, "density", "weight over volume", _S, "g/l"),
    _choice(
        "temperature",
        "temperature",
        "the coldest band any unit needs",
        _S,
        _words(TemperatureBand),
        ordered=True,
    ),
    FactSpec("hazmat", _B, "hazmat", "any unit has a hazard class", _S),
    FactSpec("hazmat_classes", _W, "hazard classes", "hazard classes present", _S),
    FactSpec("fragile", _B, "fragile", "any unit is fragile", _S),
    FactSpec("ships_alone", _B, "ships alone", "any unit must travel alone", _S),
    FactSpec("categories", _W, "categories", "the SKUs' categories", _S),
    FactSpec("longest_mm", _N, "longest side", "longest side of any unit", _S, "mm"),
    FactSpec("girth_mm", _N, "girth", "largest length plus girth", _S, "mm"),
    FactSpec(
        "heaviest_unit_g", _N, "heaviest unit", "weight of the heaviest unit", _S, "g"
    ),
    FactSpec("spoils", _B, "spoils", "any unit has a shelf life", _S),
    FactSpec(
        "min_shelf_life_h",
        _N,
        "shortest shelf life",
        "unknown where nothing spoils: ask `spoils` first",
        _S,
        "h",
    ),
    FactSpec(
        "pallet_units",
        _N,
        "full pallets",
        "full pallets the units would make, summed over SKUs that palletize",
        _S,
    ),
)
_WHO_AND_WHERE = (
    _choice(
        "customer_tier",
        "customer tier",
        "the merchant's own ranking",
        _K,
        _words(Tier),
        ordered=True,
    ),
    _choice(
        "customer_kind", "customer kind", "person or business", _K, _words(CustomerKind)
    ),
    FactSpec(
        "customer_id",
        _T,
        "customer",
        "the customer's pseudonym",
        _K,
        sensitivity=_PERSONAL,
    ),
    FactSpec("country", _T, "country", "destination, ISO code", _D),
    FactSpec("region", _T, "region", "destination's state or province", _D),
    FactSpec(
        "postal_prefix", _T, "postal prefix", "first three of the postal code", _D
    ),
    FactSpec(
        "postal_code",
        _T,
        "postal code",
        "destination's whole postal code",
        _D,
        sensitivity=_PERSONAL,
    ),
    FactSpec(
        "nearest_center_km",
        _N,
        "distance to the nearest center",
        "great circle to the nearest center that could stock the goods",
        _D,
        "km",
    ),
    FactSpec(
        "same_metro_center",
        _B,
        "center in the same metro",
        "a center is within 50 km of the destination",
        _D,
    ),
)
_DANGERS = (
    _choice(
        "hazard_severity",
        "hazard severity",
        "worst alert now in force at the destination",
        _H,
        SEVERITIES,
        ordered=True,
    ),
    FactSpec("hazard_kinds", _W, "hazards", "kinds of alert in force there", _H),
    FactSpec(
        "hazard_delay_h", _N, "hazard delay", "largest delay those alerts add", _H, "h"
    ),
    FactSpec(
        "hazard_hours_left",
        _N,
        "hours until the last alert ends",
        "0 where none is in force",
        _H,
        "h",
    ),
    _choice(
        "hazard_ahead_severity",
        "severity of hazards ahead",
        "worst alert announced there to begin within 48 h",
        _H,
        SEVERITIES,
        ordered=True,
    ),
)
_TIMES = (
    FactSpec(
        "hours_to_deliver_by",
        _N,
        "time to deliver-by",
        "unknown where no deliver-by was given; negative once it has passed",
        _I,
        "h",
    ),
    FactSpec(
        "promise_window_h",
        _N,
        "time promised",
        "hours from placing to deliver-by; unknown without a deliver-by",
        _O,
        "h",
    ),
    FactSpec("hours_since_placed", _N, "age of the order", "since placing", _I, "h"),
    _choice(
        "day_of_week",
        "day of the week",
        "now, in the time zone of the center nearest to the destination",
        _I,
        WEEKDAYS,
    ),
    FactSpec(
        "hour_of_day",
        _N,
        "hour of the day",
        "0 to 23, in the time zone of the center nearest to the destination",
        _I,
        "h",
    ),
)

SCHEMA = Schema((*_ORDER, *_GOODS, *_WHO_AND_WHERE, *_DANGERS, *_TIMES))
