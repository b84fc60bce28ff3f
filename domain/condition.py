"""Temporary states of the business: outages, disruptions, campaigns, peaks."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.hazard import Severity
from domain.quantities import CarrierId, Edge, FcId, Instant, ServiceId, Text


class ConditionKind(StrEnum):
    """What kind of state it is, and so which targets it has."""

    CENTER_OUTAGE = "center-outage"
    CARRIER_DISRUPTION = "carrier-disruption"
    CAMPAIGN = "campaign"
    PEAK = "peak"


class ConditionSource(StrEnum):
    """Whether a person declared it or we found it out."""

    DECLARED = "declared"
    DETECTED = "detected"


class Condition(Edge):
    """Something that holds for a while: what, for whom, from when until when.

    An outage is of ``center``; a disruption of ``carrier`` or ``service``, at
    one ``center`` or everywhere. A campaign or peak is of ``regions`` and
    ``channels`` (empty: all). Without ``valid_until`` it lasts until it is
    withdrawn.
    """

    id: Annotated[str, Field(min_length=1, max_length=80)]
    kind: ConditionKind
    title: str = ""
    severity: Severity = Severity.SEVERE
    valid_from: Instant
    valid_until: Instant | None = None
    center: FcId | None = None
    carrier: CarrierId | None = None
    service: ServiceId | None = None
    regions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    source: ConditionSource = ConditionSource.DECLARED
    declared_by: Text
    why: str = ""

    @model_validator(mode="after")
    def _has_a_target_and_lasts(self) -> Self:
        if self.kind is ConditionKind.CENTER_OUTAGE and self.center is None:
            msg = f"condition {self.id!r}: a center-outage names a center"
            raise ValueError(msg)
        disrupted = self.carrier or self.service
        if self.kind is ConditionKind.CARRIER_DISRUPTION and not disrupted:
            msg = f"condition {self.id!r}: a disruption names a carrier or a service"
            raise ValueError(msg)
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            msg = f"condition {self.id!r}: valid_until is not after valid_from"
            raise ValueError(msg)
        return self

    def active(self, now: Instant) -> bool:
        """Tell whether it holds at that instant (end excluded)."""
        return self.valid_from <= now and (
            self.valid_until is None or now < self.valid_until
        )
