"""The facts rules may read, as a table; docs/segments.md repeats it."""

from segmentation.declared.customers import BEHAVIOR, CUSTOMER
from segmentation.declared.dangers import CONDITIONS, HAZARDS, SEVERITIES
from segmentation.declared.goods import GOODS, REQUEST
from segmentation.declared.places import DESTINATION, LANES
from segmentation.declared.selling import SELLING
from segmentation.declared.times import PREDICTIONS, TIMES, WEEKDAYS
from segmentation.schema import Schema

__all__ = ["SCHEMA", "SEVERITIES", "WEEKDAYS"]

SCHEMA = Schema(
    (
        *REQUEST,
        *GOODS,
        *SELLING,
        *CUSTOMER,
        *BEHAVIOR,
        *DESTINATION,
        *LANES,
        *HAZARDS,
        *CONDITIONS,
        *TIMES,
        *PREDICTIONS,
    )
)
