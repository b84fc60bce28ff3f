"""A rate table as people keep one: by distance, then by weight."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.quantities import CarrierId, Count, Edge, Positive, ServiceId


class WeightStep(Edge):
    """What a piece costs up to a weight."""

    up_to_g: Positive
    cents: Count


class Reach(Edge):
    """Prices and transit up to a distance (``up_to_km`` None: however far).

    A piece above the last step costs that step's price and
    ``cents_per_further_kg`` for each begun kilogram more, so that the table
    always has an answer. Half of the parcels arrive within ``p50_h`` hours,
    nine in ten within ``p90_h``.
    """

    up_to_km: Positive | None = None
    steps: Annotated[tuple[WeightStep, ...], Field(min_length=1)]
    cents_per_further_kg: Count = 0
    p50_h: Positive
    p90_h: Positive

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        weights = [step.up_to_g for step in self.steps]
        if weights != sorted(set(weights)):
            msg = f"steps: up_to_g {weights} must rise from step to step"
            raise ValueError(msg)
        if self.p90_h < self.p50_h:
            msg = f"p90_h: {self.p90_h} is less than p50_h {self.p50_h}"
            raise ValueError(msg)
        return self


class TableService(Edge):
    """One service of the table; ``reaches`` from near to far.

    ``dim_divisor`` is in cubic centimeters per kilogram (None: weight only).
    """

    carrier: CarrierId
    reaches: Annotated[tuple[Reach, ...], Field(min_length=1)]
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] | None = None
    dim_divisor: Positive | None = None
    fuel_permille: Count = 0
    residential_cents: Count = 0
    signature_cents: Count = 0
    hazmat_cents: Count | None = None

    @model_validator(mode="after")
    def _from_near_to_far(self) -> Self:
        distances = [reach.up_to_km for reach in self.reaches]
        known = [km for km in distances if km is not None]
        if known != sorted(set(known)) or None in distances[:-1]:
            msg = f"reaches: up_to_km {distances} must rise; only the last is open"
            raise ValueError(msg)
        return self


class TableSettings(Edge):
    """The table, and the prefix of the tracking numbers it gives out."""

    services: Annotated[dict[ServiceId, TableService], Field(min_length=1)]
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,4}$")] = "LT"
