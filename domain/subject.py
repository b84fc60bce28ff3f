"""Whom and what a segment may be on: orders, customers, SKUs, lanes."""

from enum import StrEnum
from typing import NewType

from domain.quantities import CustomerId, FcId, OrderId, ServiceId, SkuId

# A lane is a center and a service from it, written `RNO/ups-ground`.
LaneId = NewType("LaneId", str)
LANE_ID = r"^[^/]{1,40}/[^/]{1,80}$"

# What a membership is of, written `customer/C-7`.
Subject = NewType("Subject", str)


class SubjectKind(StrEnum):
    """The kinds of thing a segment may hold."""

    ORDER = "order"
    CUSTOMER = "customer"
    SKU = "sku"
    LANE = "lane"


def of_order(order: OrderId) -> Subject:
    """Name an order as a subject."""
    return Subject(f"order/{order}")


def of_customer(customer: CustomerId) -> Subject:
    """Name a customer as a subject."""
    return Subject(f"customer/{customer}")


def of_sku(sku: SkuId) -> Subject:
    """Name a SKU as a subject."""
    return Subject(f"sku/{sku}")


def of_lane(lane: LaneId) -> Subject:
    """Name a lane as a subject."""
    return Subject(f"lane/{lane}")


def lane(fc: FcId, service: ServiceId) -> LaneId:
    """Name the lane of a service from a center."""
    return LaneId(f"{fc}/{service}")


def kind_of(subject: Subject) -> SubjectKind:
    """Return what kind of thing a subject is."""
    return SubjectKind(subject.partition("/")[0])


def name_of(subject: Subject) -> str:
    """Return a subject's own id, without its kind."""
    return subject.partition("/")[2]
