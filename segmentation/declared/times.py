"""Facts of the clock, and of what may come."""

from datetime import timedelta

from domain.subject import SubjectKind
from segmentation.declared.declaring import Declaring
from segmentation.schema import FactSource, Sensitivity

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PREDICTIONS_FRESH_FOR = timedelta(hours=24)

_WITH_LANES = (SubjectKind.ORDER, SubjectKind.LANE)
_ORDER = Declaring(FactSource.ORDER)
_CLOCK = Declaring(FactSource.CLOCK)
_CLOCK_THERE = Declaring(FactSource.CLOCK, _WITH_LANES, needs=("free",))
_PREDICTED = Declaring(
    FactSource.PREDICTION, fresh_for=PREDICTIONS_FRESH_FOR, needs=("predictions",)
)
_PREDICTED_OF_CUSTOMER = Declaring(
    FactSource.PREDICTION,
    (SubjectKind.ORDER, SubjectKind.CUSTOMER),
    Sensitivity.PERSONAL,
    "how well to serve, never at what price",
    PREDICTIONS_FRESH_FOR,
    needs=("predictions",),
)

TIMES = (
    _CLOCK.number(
        "hours_to_deliver_by",
        "time to deliver-by",
        "unknown where no deliver-by was given; negative once it has passed",
        "h",
        runs=-1.0,
    ),
    _ORDER.number(
        "promise_window_h",
        "time promised",
        "hours from placing to deliver-by; unknown without a deliver-by",
        "h",
    ),
    _CLOCK.number(
        "hours_since_placed", "age of the order", "since placing", "h", runs=1.0
    ),
    _CLOCK_THERE.number(
        "hours_to_next_cutoff",
        "time to the next cutoff",
        "until a carrier that could carry it next collects at the nearest center that "
        "stocks the goods, or the lane's carrier at its center",
        "h",
        runs=-1.0,
    ),
    _CLOCK_THERE.choice(
        "day_of_week",
        "day of the week",
        "now, in the time zone of the destination (US) or of the nearest center; of a "
        "lane, its center's",
        WEEKDAYS,
    ),
    _CLOCK_THERE.number(
        "hour_of_day", "hour of the day", "0 to 23, in the same time zone", "h"
    ),
)
PREDICTIONS = (
    _PREDICTED.number(
        "predicted_lateness",
        "predicted lateness",
        "chance that it arrives after deliver-by, 0 to 1; unknown until something "
        "predicts it",
    ),
    _PREDICTED_OF_CUSTOMER.number(
        "predicted_churn",
        "predicted churn",
        "chance that the customer orders no more, 0 to 1; unknown until something "
        "predicts it",
    ),
)
