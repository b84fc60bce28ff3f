"""What carriage is charged by: zones, port-to-port lanes, vehicles."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.quantities import Count, FcId, Place, Positive, ServiceId, Value

# Between the two ends of a run from port to port.
TO = ">"


class WeightBreak(Value):
    """A lower price per started half kilogram, from some weight on."""

    from_g: Positive
    cents_per_half_kg: Count


class ZoneRate(Value):
    """Price of one parcel in a zone: a base plus cents per started half kilogram.

    A parcel of ``billable_g`` costs ``base_cents + ceil(billable_g / 500) *
    cents_per_half_kg``, and never less than ``min_cents``. With ``breaks`` it
    may be billed as of any break's weight at that break's price, where that is
    cheaper (the trade calls it deficit weight).
    """

    zone: Annotated[int, Field(ge=1, le=99)]
    base_cents: Count
    cents_per_half_kg: Count = 0
    min_cents: Count = 0
    breaks: tuple[WeightBreak, ...] = ()


class Vehicle(Value):
    """A vehicle that is paid for as a whole, however full it leaves.

    Parcels that go the same way on the same day share as many as they need: each
    takes ``capacity_g`` of billable weight and costs ``cost_cents``. There are at
    most ``most`` a day (None: as many as wanted). Volume counts where the service
    bills it (its ``dim_divisor``).
    """

    capacity_g: Positive
    cost_cents: Count
    most: Count | None = None


class LineHaul(Value):
    """Vehicles that take a service's parcels out of a center, perhaps to a hub.

    From the ``hub``, after ``transit_h`` hours, the service's own zones and hours
    begin (zone skipping); without one they begin at the center.
    """

    fc: FcId
    vehicle: Vehicle
    hub: Place | None = None
    transit_h: Count = 0

    @model_validator(mode="after")
    def _arrives_somewhere(self) -> Self:
        if self.hub is not None and not self.hub.located:
            msg = (
                f"line-haul from {self.fc!r}: its hub {self.hub.postal_code!r} has no "
                f"coordinates; give latitude and longitude, zones begin there"
            )
            raise ValueError(msg)
        return self


class LaneRate(Value):
    """Price on one port-to-port lane in one weight band: max(minimum, rate × kg).

    ``rate_millicents_per_kg`` is in thousandths of a cent. A band holds
    shipments with ``min_g <= weight < max_g`` (``max_g`` None: no upper end). With
    a ``vehicle`` the lane is priced by vehicle and day, shared by what rides on
    it; the rate comes on top.
    """

    origin: str
    destination: str
    min_g: Count = 0
    max_g: Positive | None = None
    minimum_cents: Count = 0
    rate_millicents_per_kg: Count = 0
    transit_h: Count = 24
    vehicle: Vehicle | None = None

    def run_of(self, service: ServiceId) -> str:
        """Return the name of the vehicles' run, empty where there are none."""
        if self.vehicle is None:
            return ""
        return run_from(service, self.origin) + self.destination


def run_from(service: ServiceId, origin: str) -> str:
    """Return what the names of a service's runs from a port begin with."""
    return f"{service}:{origin}{TO}"


class Transit(Value):
    """Belief of door-to-door hours in one zone: median and 90th percentile.

    ``working_days_only`` on the service says whether weekends count.
    """

    zone: Annotated[int, Field(ge=1, le=99)]
    p50_h: Positive
    p90_h: Positive

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.p90_h < self.p50_h:
            msg = f"transit of zone {self.zone}: p90_h is less than p50_h"
            raise ValueError(msg)
        return self


class Surcharges(Value):
    """What a service adds on top of its rate."""

    fuel_permille: Count = 0
    residential_cents: Count = 0
    signature_cents: Count = 0
    hazmat_cents: Count = 0
    oversize_cents: Count = 0
    insurance_permille: Count = 0


def complaint_about_vehicles(
    lanes: Iterable[LaneRate], line_hauls: Iterable[LineHaul], *, collected: bool
) -> str | None:
    """Say what is wrong with a service's vehicles, None where nothing is."""
    lanes, hauls = tuple(lanes), tuple(line_hauls)
    if hauls and collected:
        return "it is collected by the customer, line_hauls must be empty"
    if hauls and lanes:
        return "line_hauls go with zone rates; give lanes a vehicle each instead"
    fcs = [haul.fc for haul in hauls]
    twice = sorted({fc for fc in fcs if fcs.count(fc) > 1})
    if twice:
        return f"two line-hauls from {twice[0]!r}; give one for each center"
    known: dict[tuple[str, str], Vehicle | None] = {}
    for lane in lanes:
        ends = (lane.origin, lane.destination)
        if known.setdefault(ends, lane.vehicle) != lane.vehicle:
            return (
                f"lanes from {lane.origin!r} to {lane.destination!r} name different "
                f"vehicles; what shares a run shares one kind of vehicle"
            )
    return None
