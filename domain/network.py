"""Where goods are and how they travel: centers, services, cartons, rates."""

from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from domain.forecast import Temperature
from domain.quantities import (
    CarrierId,
    CartonId,
    Count,
    CustomerId,
    Dimensions,
    FcId,
    Place,
    Positive,
    ServiceId,
    SkuId,
    Text,
    Value,
)
from domain.rates import LaneRate as LaneRate
from domain.rates import LineHaul as LineHaul
from domain.rates import Surcharges as Surcharges
from domain.rates import Transit as Transit
from domain.rates import Vehicle as Vehicle
from domain.rates import WeightBreak as WeightBreak
from domain.rates import ZoneRate as ZoneRate
from domain.rates import complaint_about_vehicles
from domain.sku import KEPT_TENTHS_C, Sku, TemperatureBand


class PackingMethod(StrEnum):
    """How goods are wrapped for the journey."""

    POLY_MAILER = "poly-mailer"
    CARTON = "carton"
    OWN_CONTAINER = "own-container"
    INSULATED = "insulated"
    SECURED = "secured"
    PALLET = "pallet"
    MIXED = "mixed"


class FulfillmentMode(StrEnum):
    """How the goods reach the customer."""

    SHIP = "ship"
    LOCAL_COURIER = "local-courier"
    PICKUP = "pickup"


class ServiceMode(StrEnum):
    """What kind of carriage a service is."""

    GROUND = "ground"
    AIR = "air"
    LTL = "ltl"
    COURIER = "courier"
    PICKUP = "pickup"


class Carton(Value):
    """A container to pack into: carton, mailer, insulated box, secured box, pallet.

    ``inner`` is what fits, ``outer`` what is billed. A mailer's height is how
    far it bulges. ``hold_h`` is how long an insulated carton keeps its band;
    ``coolant_cents_per_h`` is what each hour in it costs. Both hold while it is
    ``rated_at_tenths_c`` outside (tenths of a degree Celsius); None: whatever the
    weather.
    """

    id: CartonId
    method: PackingMethod = PackingMethod.CARTON
    inner: Dimensions
    outer: Dimensions
    tare_g: Count = 0
    max_load_g: Positive
    cost_cents: Count = 0
    temperature: TemperatureBand = TemperatureBand.AMBIENT
    hold_h: Positive | None = None
    coolant_cents_per_h: Count = 0
    rated_at_tenths_c: Temperature | None = None

    @property
    def rated_gap_tenths_c(self) -> int:
        """Return how much warmer than its band it was rated at; 0 if unrated."""
        most = KEPT_TENTHS_C[self.temperature][1]
        if self.rated_at_tenths_c is None or most is None:
            return 0
        return self.rated_at_tenths_c - most

    @model_validator(mode="after")
    def _rated_in_warmth(self) -> Self:
        if self.rated_at_tenths_c is not None and self.rated_gap_tenths_c <= 0:
            msg = (
                f"carton {self.id!r}: rated_at_tenths_c is {self.rated_at_tenths_c}, "
                f"which is not warmer than {self.temperature} goods are kept"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _inner_fits_outer(self) -> Self:
        inner, outer = self.inner, self.outer
        if (
            inner.length_mm > outer.length_mm
            or inner.width_mm > outer.width_mm
            or inner.height_mm > outer.height_mm
        ):
            msg = f"carton {self.id!r}: inner size is larger than outer size"
            raise ValueError(msg)
        return self


class Pickup(Value):
    """When a carrier collects at a center: a time of day in the center's zone.

    ``weekdays`` counts Monday as 0. Goods ready by ``cutoff`` go that day.
    ``capacity_parcels`` is what fits that day's truck (None: unlimited).
    """

    carrier: CarrierId
    cutoff: time
    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)
    capacity_parcels: Count | None = None


class FulfillmentCenter(Value):
    """A place that holds stock, packs and hands over.

    ``capacity_lines`` is the lines it works off in a day at no extra cost;
    up to ``over_capacity_lines`` more cost ``over_capacity_cents_per_line``.
    None means no limit is known. ``capacity_orders`` counts orders instead,
    where that is how the building is run. ``only_customers`` restricts whom it
    serves. ``processing_h`` is the belief of hours from release to ready.
    ``ports`` are the codes at which its lanes start (empty: zoned by distance).
    """

    id: FcId
    name: Text
    place: Place
    time_zone: str = "UTC"
    holidays: tuple[date, ...] = ()
    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)
    pickups: tuple[Pickup, ...] = ()
    temperatures: tuple[TemperatureBand, ...] = (TemperatureBand.AMBIENT,)
    hazmat: bool = False
    palletizes: bool = False
    pickup_counter: bool = False
    capacity_lines: Count | None = None
    capacity_orders: Count | None = None
    over_capacity_lines: Count = 0
    over_capacity_cents_per_line: Count = 0
    handling_cents_per_parcel: Count = 0
    handling_cents_per_line: Count = 0
    handling_millicents_per_unit: Count = 0
    processing_h: Count = 4
    cartons: tuple[CartonId, ...] = ()
    only_customers: tuple[CustomerId, ...] | None = None
    ports: tuple[str, ...] = ()

    def local_day(self, instant: datetime) -> date:
        """Return the calendar day at this center; capacities count by it."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    def pickup_of(self, carrier: CarrierId) -> Pickup | None:
        """Return when that carrier collects here, None if it never does."""
        return next((p for p in self.pickups if p.carrier == carrier), None)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        ZoneInfo(name)
        return name


class CarrierService(Value):
    """One way of sending a parcel: whose, how fast, how large, at what price.

    ``dim_divisor`` is in cubic centimeters per kilogram (None: weight only).
    ``zones`` is how far zone n reaches in kilometers, in order; a destination
    beyond the last is not served. A service priced by port-to-port ``lanes``
    has no zones. ``oversize_girth_mm`` is where the oversize surcharge begins.
    ``regions`` limits it to destinations in these regions (None: all).
    ``rated_together`` bills all pieces of a shipment as one weight, as freight
    carriers do with pallets; else each piece is billed by itself. With
    ``line_hauls`` it leaves only from their centers, in vehicles that the parcels
    of a day share; its zones then begin where those arrive.
    """

    id: ServiceId
    carrier: CarrierId
    name: Text
    mode: ServiceMode
    zones: tuple[Positive, ...] = ()
    rates: tuple[ZoneRate, ...] = ()
    transits: tuple[Transit, ...] = ()
    lanes: tuple[LaneRate, ...] = ()
    line_hauls: tuple[LineHaul, ...] = ()
    regions: tuple[str, ...] | None = None
    rated_together: bool = False
    working_days_only: bool = True
    dim_divisor: Positive | None = 5000
    max_weight_g: Positive = 30_000
    max_length_mm: Positive = 2_700
    max_girth_mm: Positive = 4_200
    oversize_girth_mm: Positive | None = None
    surcharges: Surcharges = Surcharges()
    hazmat: bool = False
    temperatures: tuple[TemperatureBand, ...] = (TemperatureBand.AMBIENT,)
    signature: bool = False
    insured_up_to_cents: Count = 10_000
    damage_ppm: Count = 500
    carbon_g_per_tonne_km: Count = 60

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.mode is not ServiceMode.PICKUP and not self.rates and not self.lanes:
            msg = f"service {self.id!r}: it has neither zone rates nor lane rates"
            raise ValueError(msg)
        reached = {n + 1 for n in range(len(self.zones))}
        for what, zones in (
            ("rate", {rate.zone for rate in self.rates}),
            ("transit belief", {transit.zone for transit in self.transits}),
        ):
            if self.zones and zones != reached:
                msg = (
                    f"service {self.id!r}: zones 1..{len(self.zones)} are reached "
                    f"but {what}s are given for {sorted(zones)}"
                )
                raise ValueError(msg)
        collected = self.mode is ServiceMode.PICKUP
        wrong = complaint_about_vehicles(
            self.lanes, self.line_hauls, collected=collected
        )
        if wrong is not None:
            msg = f"service {self.id!r}: {wrong}"
            raise ValueError(msg)
        return self

    def line_haul_from(self, fc: FcId) -> LineHaul | None:
        """Return the line-haul that takes its parcels from a center, None if none."""
        return next((haul for haul in self.line_hauls if haul.fc == fc), None)

    def runs_from(self, center: FulfillmentCenter) -> dict[str, Vehicle]:
        """Return the vehicles it sends from a center, by the name of their run.

        What is on one run on one day shares its vehicles: a line-haul, or a lane
        from port to port that is priced by vehicle.
        """
        haul = self.line_haul_from(center.id)
        runs = {} if haul is None else {str(self.id): haul.vehicle}
        for lane in self.lanes:
            if lane.vehicle is not None and lane.origin in center.ports:
                runs[lane.run_of(self.id)] = lane.vehicle
        return runs


class Network(Value):
    """Everything that may carry an order, in one immutable version.

    ``currency`` holds for every ``…_cents`` in it. ``counts_stock`` is False
    where a center either carries a SKU or does not, without a count; then
    ``stocked_at`` says which centers carry it.
    """

    version: Text
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    centers: Annotated[tuple[FulfillmentCenter, ...], Field(min_length=1)]
    services: Annotated[tuple[CarrierService, ...], Field(min_length=1)]
    cartons: tuple[Carton, ...] = ()
    counts_stock: bool = True
    stocked_at: dict[SkuId, tuple[FcId, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _closed(self) -> Self:
        cartons = {carton.id for carton in self.cartons}
        carriers = {service.carrier for service in self.services}
        for what, ids in (
            ("center", [str(center.id) for center in self.centers]),
            ("service", [str(service.id) for service in self.services]),
            ("carton", [str(carton.id) for carton in self.cartons]),
        ):
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                msg = f"{what} {twice[0]!r} is declared twice"
                raise ValueError(msg)
        known = {center.id for center in self.centers}
        for service in self.services:
            for haul in service.line_hauls:
                if haul.fc not in known:
                    msg = (
                        f"service {service.id!r} has a line-haul from {haul.fc!r}, "
                        f"which is no center of the network"
                    )
                    raise ValueError(msg)
        for center in self.centers:
            for carton in center.cartons:
                if carton not in cartons:
                    msg = f"center {center.id!r} uses carton {carton!r}, not declared"
                    raise ValueError(msg)
            for pickup in center.pickups:
                if pickup.carrier not in carriers:
                    msg = (
                        f"center {center.id!r} has a pickup by carrier "
                        f"{pickup.carrier!r}, which offers no service"
                    )
                    raise ValueError(msg)
        return self

    @cached_property
    def _by_id(
        self,
    ) -> tuple[
        dict[FcId, FulfillmentCenter],
        dict[ServiceId, CarrierService],
        dict[CartonId, Carton],
    ]:
        return (
            {center.id: center for center in self.centers},
            {service.id: service for service in self.services},
            {carton.id: carton for carton in self.cartons},
        )

    @cached_property
    def runs(self) -> dict[tuple[FcId, str], Vehicle]:
        """Return the vehicles that are shared, by center and name of the run."""
        return {
            (center.id, run): vehicle
            for service in self.services
            if service.line_hauls or any(lane.vehicle for lane in service.lanes)
            for center in self.centers
            for run, vehicle in service.runs_from(center).items()
        }

    def center(self, fc: FcId) -> FulfillmentCenter:
        """Return the center of that id; KeyError where there is none."""
        return self._by_id[0][fc]

    def service(self, service: ServiceId) -> CarrierService:
        """Return the service of that id; KeyError where there is none."""
        return self._by_id[1][service]

    def carton(self, carton: CartonId) -> Carton:
        """Return the carton of that id; KeyError where there is none."""
        return self._by_id[2][carton]


class Catalog(Value):
    """SKUs by id, as one file or one message."""

    skus: tuple[Sku, ...]
