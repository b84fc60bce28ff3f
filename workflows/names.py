"""Names the outside world knows our workflows by: ids, queue, search attributes."""

from collections.abc import Iterable

from temporalio.common import SearchAttributeKey

from domain.quantities import OrderId, ParcelId

TASK_QUEUE = "lanewise"

# SQL visibility allows three keyword lists per namespace, and these are they.
SEGMENTS = SearchAttributeKey.for_keyword_list("LwSegments")
CENTERS = SearchAttributeKey.for_keyword_list("LwFulfillmentCenters")
CARRIERS = SearchAttributeKey.for_keyword_list("LwCarriers")
STATUS = SearchAttributeKey.for_keyword("LwStatus")
DESTINATION = SearchAttributeKey.for_keyword("LwDestination")
REVIEW = SearchAttributeKey.for_keyword("LwReview")
DELIVER_BY = SearchAttributeKey.for_datetime("LwDeliverBy")
COST_CENTS = SearchAttributeKey.for_int("LwCostCents")

SEARCH_ATTRIBUTES = (
    SEGMENTS,
    CENTERS,
    CARRIERS,
    STATUS,
    DESTINATION,
    REVIEW,
    DELIVER_BY,
    COST_CENTS,
)


def order_workflow(order: OrderId) -> str:
    """Return the workflow id of an order."""
    return f"order/{order}"


def parcel_id(order: OrderId, number: int) -> ParcelId:
    """Return the id of the n-th parcel of an order, counted from 1."""
    return ParcelId(f"{order}/{number}")


def effect_key(parcel: ParcelId, revision: int) -> str:
    """Name a parcel's effects; a new revision has new keys."""
    return f"{parcel}/r{revision}"


def parcel_of(key: str) -> ParcelId:
    """Return the parcel whose effects a key names."""
    return ParcelId(key.rpartition("/r")[0])


def parcel_workflow(parcel: ParcelId) -> str:
    """Return the workflow id of a parcel."""
    return f"parcel/{parcel}"


def keywords(values: Iterable[str]) -> list[str]:
    """Return values as a keyword list wants them: each once, sorted."""
    return sorted(set(values))
