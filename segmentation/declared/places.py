"""Facts of where an order goes, from where, and how long that takes."""

from datetime import timedelta

from domain.network import ServiceMode
from domain.subject import SubjectKind
from segmentation.declared.declaring import Declaring, words_of
from segmentation.schema import FactSource, Sensitivity

HEALTH_FRESH_FOR = timedelta(hours=6)
LOAD_FRESH_FOR = timedelta(hours=1)

_WITH_LANES = (SubjectKind.ORDER, SubjectKind.LANE)
_TO = Declaring(FactSource.DESTINATION)
_NEAR = Declaring(FactSource.DESTINATION, needs=("free",))
_BARRED = Declaring(FactSource.DESTINATION, sensitivity=Sensitivity.PERSONAL)
_LANE = Declaring(FactSource.LANE, (SubjectKind.LANE,))
_LANES = Declaring(FactSource.LANE, needs=("free",))
_HEALTH = Declaring(
    FactSource.CARRIER, fresh_for=HEALTH_FRESH_FOR, needs=("free", "carrier_health")
)
_HEALTH_OF_LANE = Declaring(
    FactSource.CARRIER,
    (SubjectKind.LANE,),
    fresh_for=HEALTH_FRESH_FOR,
    needs=("carrier_health",),
)
_LOAD = Declaring(
    FactSource.LOAD,
    _WITH_LANES,
    fresh_for=LOAD_FRESH_FOR,
    needs=("free", "center_load"),
)

DESTINATION = (
    _TO.text("country", "country", "destination, ISO code"),
    _TO.text("region", "region", "destination's state or province"),
    _TO.text("postal_prefix", "postal prefix", "first three of the postal code"),
    _BARRED.text("postal_code", "postal code", "destination's whole postal code"),
    _TO.yes_no(
        "urban",
        "urban",
        "half of the ZIP codes with the same first three digits lie near a city; "
        "known in the US only",
    ),
    _NEAR.number(
        "nearest_center_km",
        "distance to the nearest center",
        "great circle to the nearest center that could stock the goods",
        "km",
    ),
    _NEAR.yes_no(
        "same_metro_center",
        "center in the same metro",
        "a center is within 50 km of the destination",
    ),
)
LANES = (
    _LANE.text("center", "center", "where the lane begins"),
    _LANE.text("service", "service", "the lane's service"),
    _LANE.text("carrier", "carrier", "whose service it is"),
    _LANE.choice("mode", "mode", "kind of carriage", words_of(ServiceMode)),
    _LANES.number(
        "fastest_transit_h",
        "transit by the fastest lane",
        "median hours from the next pickup to the door, days of rest included, by the "
        "fastest lane that could carry it",
        "h",
    ),
    _LANES.number(
        "slowest_transit_h",
        "transit by the slowest lane",
        "the same by the slowest",
        "h",
    ),
    _LANES.number(
        "shelf_life_left_fastest_h",
        "shelf life left by the fastest lane",
        "shortest shelf life less `fastest_transit_h`: what is left at arrival",
        "h",
    ),
    _LANES.number(
        "shelf_life_left_slowest_h",
        "shelf life left by the slowest lane",
        "shortest shelf life less `slowest_transit_h`",
        "h",
    ),
    _HEALTH.number(
        "carrier_health_worst",
        "health of the worst carrier",
        "share of recent bookings that went well, 0 to 1: the worst of the carriers "
        "that could carry it",
    ),
    _HEALTH.number(
        "carrier_health_best", "health of the best carrier", "the best of them"
    ),
    _HEALTH_OF_LANE.number("carrier_health", "health of the carrier", "the lane's"),
    _LOAD.number(
        "center_load",
        "load of the center",
        "share of today's capacity that is taken, at the lane's center or the one "
        "nearest to the destination that stocks the goods; above 1 is overtime",
    ),
)
