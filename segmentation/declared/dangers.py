"""Facts of what goes wrong for a while, and of what is on for a while."""

from datetime import timedelta

from domain.hazard import Severity
from domain.subject import SubjectKind
from segmentation.declared.declaring import Declaring, words_of
from segmentation.schema import FactSource

SEVERITIES = ("none", *words_of(Severity))
HAZARDS_FRESH_FOR = timedelta(hours=2)

_WITH_LANES = (SubjectKind.ORDER, SubjectKind.LANE)
_HAZARD = Declaring(FactSource.HAZARD, fresh_for=HAZARDS_FRESH_FOR)
_ON_WAY = Declaring(FactSource.HAZARD, fresh_for=HAZARDS_FRESH_FOR, needs=("free",))
_AT_CENTER = Declaring(
    FactSource.HAZARD, _WITH_LANES, fresh_for=HAZARDS_FRESH_FOR, needs=("free",)
)
_STATE = Declaring(FactSource.CONDITION)
_NEAREST_STATE = Declaring(FactSource.CONDITION, needs=("free",))
_STATE_OF_ALL = Declaring(FactSource.CONDITION, _WITH_LANES)
_STATE_OF_LANE = Declaring(FactSource.CONDITION, (SubjectKind.LANE,))

HAZARDS = (
    _HAZARD.ranked(
        "hazard_severity",
        "hazard severity",
        "worst alert now in force at the destination",
        SEVERITIES,
    ),
    _HAZARD.words("hazard_kinds", "hazards", "kinds of alert in force there"),
    _HAZARD.number(
        "hazard_delay_h", "hazard delay", "largest delay those alerts add", "h"
    ),
    _HAZARD.number(
        "hazard_hours_left",
        "hours until the last alert ends",
        "0 where none is in force",
        "h",
        runs=-1.0,
    ),
    _HAZARD.ranked(
        "hazard_ahead_severity",
        "severity of hazards ahead",
        "worst alert announced there to begin within 48 h",
        SEVERITIES,
    ),
    _ON_WAY.ranked(
        "hazard_lane_severity",
        "hazard severity on the way",
        "worst alert now in force between the nearest center that stocks the goods "
        "and the destination, both included",
        SEVERITIES,
    ),
    _AT_CENTER.ranked(
        "hazard_center_severity",
        "hazard severity at the center",
        "worst alert now in force at that center, or at the lane's",
        SEVERITIES,
    ),
)
CONDITIONS = (
    _STATE.words("campaigns", "campaigns", "ids of the campaigns on for the order"),
    _STATE.yes_no("peak", "peak", "a peak is declared for its region and channel"),
    _STATE_OF_ALL.words("centers_down", "centers down", "centers out of service"),
    _STATE_OF_ALL.words(
        "carriers_down", "carriers down", "carriers disrupted everywhere"
    ),
    _STATE_OF_ALL.words(
        "services_down", "services down", "services disrupted everywhere"
    ),
    _STATE_OF_ALL.words(
        "lanes_down",
        "lanes down",
        "lanes, as `center/service`, whose carrier or service is disrupted at that "
        "center only",
    ),
    _NEAREST_STATE.yes_no(
        "nearest_center_down",
        "nearest center down",
        "the nearest center that stocks the goods is out of service",
    ),
    _STATE_OF_LANE.yes_no(
        "lane_down",
        "lane down",
        "its center is out of service, or its carrier or service is disrupted there",
    ),
)
