"""Six made-up carriers with twenty services, priced as real ones are.

Rates are in cents, at the level of a shipper with some volume; zones are
great-circle kilometers; transit is a belief of door-to-door hours.
"""

from dataclasses import dataclass
from typing import Any

from domain.network import (
    CarrierService,
    ServiceMode,
    Surcharges,
    Transit,
    WeightBreak,
    ZoneRate,
)
from domain.quantities import CarrierId, ServiceId
from domain.sku import TemperatureBand

ATLAS = CarrierId("atlas")
BLUEBIRD = CarrierId("bluebird")
MERIDIAN = CarrierId("meridian-post")
HOPPER = CarrierId("hopper")
IRONWAY = CarrierId("ironway")
COUNTER = CarrierId("counter")

# What a service keeps cold by itself: a reefer truck, a courier's cool bag, the
# fridge behind the counter. Elsewhere the carton has to.
FREEZERS = tuple(TemperatureBand)
CHILLERS = (TemperatureBand.AMBIENT, TemperatureBand.CHILLED)

LAND = (80, 240, 480, 965, 1_600, 2_250, 2_900, 4_700)
EVERYWHERE = (*LAND, 9_500)
WEST = ("AZ", "CA", "CO", "ID", "MT", "NM", "NV", "OR", "UT", "WA", "WY")
EAST = (
    *("CT", "DC", "DE", "FL", "GA", "MA", "MD", "ME", "NC", "NH", "NJ", "NY"),
    *("OH", "PA", "RI", "SC", "TN", "VA", "VT", "WV"),
)
CENTRAL = (
    *("AL", "AR", "IA", "IL", "IN", "KS", "KY", "LA", "MI", "MN", "MO", "MS"),
    *("ND", "NE", "OK", "SD", "TX", "WI"),
)
MAINLAND = tuple(sorted({*WEST, *EAST, *CENTRAL}))

Traits = dict[str, Any]

# A piece of 150 lb, 108 in long, 165 in of length and girth is the usual end.
PARCEL: Traits = {"max_weight_g": 68_000, "max_length_mm": 2_743, "max_girth_mm": 4_191}
LARGE: Traits = {**PARCEL, "oversize_girth_mm": 2_667}
POST: Traits = {"max_weight_g": 31_700, "max_length_mm": 2_743, "max_girth_mm": 2_743}
FREIGHT: Traits = {
    "max_weight_g": 1_400_000,
    "max_length_mm": 6_000,
    "max_girth_mm": 14_000,
    "dim_divisor": 4_000,
}


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a service costs and how long it takes: one column per zone."""

    base_cents: tuple[int, ...]
    cents_per_half_kg: tuple[int, ...]
    p50_h: tuple[int, ...]
    p90_h: tuple[int, ...]
    break_g: tuple[int, ...] = ()

    def priced(self, base_permille: int, weight_permille: int) -> "Tariff":
        """Return the tariff at that share of its prices."""
        return Tariff(
            tuple(cents * base_permille // 1_000 for cents in self.base_cents),
            tuple(cents * weight_permille // 1_000 for cents in self.cents_per_half_kg),
            self.p50_h,
            self.p90_h,
            self.break_g,
        )

    def slower(self, p50_h: int, p90_h: int) -> "Tariff":
        """Return the tariff with that many hours more."""
        return Tariff(
            self.base_cents,
            self.cents_per_half_kg,
            tuple(hours + p50_h for hours in self.p50_h),
            tuple(hours + p90_h for hours in self.p90_h),
            self.break_g,
        )

    def breaks(self, zone: int) -> tuple[WeightBreak, ...]:
        """Return the breaks of a zone: a tenth off at each, then another tenth."""
        cents = self.cents_per_half_kg[zone - 1]
        return tuple(
            WeightBreak(from_g=from_g, cents_per_half_kg=cents * (9 - n) // 10)
            for n, from_g in enumerate(self.break_g)
        )


GROUND = Tariff(
    (690, 715, 745, 790, 850, 920, 1_000, 1_090),
    (24, 27, 31, 39, 51, 65, 81, 98),
    (22, 24, 42, 62, 84, 98, 112, 130),
    (30, 36, 56, 78, 104, 122, 138, 164),
)
OVERNIGHT = Tariff(
    (1_900, 2_050, 2_350, 2_900, 3_500, 3_950, 4_250, 4_500, 6_400),
    (95, 110, 150, 235, 330, 395, 440, 470, 690),
    (18, 18, 18, 18, 18, 18, 18, 20, 42),
    (24, 24, 24, 24, 24, 24, 25, 27, 70),
)
REGIONAL = Tariff(
    (560, 590, 650, 760), (21, 24, 29, 37), (20, 22, 38, 60), (28, 32, 48, 74)
)
LTL = Tariff(
    (8_900, 9_800, 11_200, 13_400, 16_100, 18_300, 20_400, 23_800),
    (5, 6, 8, 11, 15, 18, 21, 26),
    (24, 28, 48, 70, 94, 112, 132, 156),
    (40, 46, 68, 94, 124, 148, 172, 204),
    # 500, 1,000, 2,000 and 5,000 pounds.
    break_g=(226_800, 453_600, 907_200, 2_268_000),
)


def services() -> tuple[CarrierService, ...]:
    """Build the twenty services."""
    return (*_ground(), *_air(), *_postal(), *_regional(), *_freight(), _counter())


def _service(
    carrier: CarrierId,
    name: str,
    mode: ServiceMode,
    zones: tuple[int, ...],
    tariff: Tariff,
    *traits: Traits,
) -> CarrierService:
    """Build a service; a later trait wins over an earlier one."""
    merged: Traits = {}
    for some in traits:
        merged |= some
    columns = range(len(zones))
    return CarrierService(
        id=ServiceId(f"{carrier}-{name.lower().replace(' ', '-')}"),
        carrier=carrier,
        name=f"{carrier.replace('-', ' ').title()} {name}",
        mode=mode,
        zones=zones,
        rates=tuple(
            ZoneRate(
                zone=n + 1,
                base_cents=tariff.base_cents[n],
                cents_per_half_kg=tariff.cents_per_half_kg[n],
                breaks=tariff.breaks(n + 1),
            )
            for n in columns
        ),
        transits=tuple(
            Transit(zone=n + 1, p50_h=tariff.p50_h[n], p90_h=tariff.p90_h[n])
            for n in columns
        ),
        **merged,
    )


def _surcharges(fuel_permille: int, **rest: int) -> Surcharges:
    usual = {
        "residential_cents": 410,
        "signature_cents": 580,
        "hazmat_cents": 2_950,
        "oversize_cents": 2_600,
        "insurance_permille": 9,
    }
    return Surcharges(fuel_permille=fuel_permille, **(usual | rest))


def _ground() -> tuple[CarrierService, ...]:
    usual: Traits = {
        **LARGE,
        "regions": MAINLAND,
        "hazmat": True,
        "signature": True,
        "insured_up_to_cents": 5_000_000,
        "carbon_g_per_tonne_km": 90,
        "surcharges": _surcharges(165),
    }
    economy: Traits = {
        "regions": MAINLAND,
        "max_weight_g": 9_000,
        "max_length_mm": 1_500,
        "max_girth_mm": 2_600,
        "damage_ppm": 900,
        "carbon_g_per_tonne_km": 75,
        "surcharges": _surcharges(165, residential_cents=0),
    }
    return (
        _service(*(ATLAS, "Ground", ServiceMode.GROUND, LAND, GROUND), usual),
        _service(
            *(BLUEBIRD, "Ground", ServiceMode.GROUND, LAND, GROUND.priced(965, 980)),
            usual,
        ),
        _service(
            *(BLUEBIRD, "Economy", ServiceMode.GROUND, LAND),
            *(GROUND.priced(790, 820).slower(36, 54), economy),
        ),
    )


def _air() -> tuple[CarrierService, ...]:
    usual: Traits = {
        **LARGE,
        "signature": True,
        "insured_up_to_cents": 5_000_000,
        "carbon_g_per_tonne_km": 1_100,
        "surcharges": _surcharges(195),
    }

    def air(
        carrier: CarrierId, name: str, tariff: Tariff, **traits: Any
    ) -> CarrierService:
        return _service(
            *(carrier, name, ServiceMode.AIR, EVERYWHERE, tariff), usual, traits
        )

    return (
        air(ATLAS, "3 Day", OVERNIGHT.priced(430, 400).slower(44, 50)),
        air(ATLAS, "2 Day", OVERNIGHT.priced(620, 590).slower(22, 24)),
        air(ATLAS, "Overnight", OVERNIGHT),
        air(
            *(ATLAS, "Overnight Saturday", OVERNIGHT.priced(1_320, 1_100)),
            working_days_only=False,
        ),
        air(BLUEBIRD, "2 Day", OVERNIGHT.priced(600, 575).slower(24, 30)),
        air(BLUEBIRD, "Overnight", OVERNIGHT.priced(955, 960).slower(1, 3)),
    )


def _postal() -> tuple[CarrierService, ...]:
    usual: Traits = {
        **POST,
        "working_days_only": False,
        "dim_divisor": 6_000,
        "damage_ppm": 800,
        "surcharges": Surcharges(signature_cents=390, insurance_permille=14),
    }
    light = Tariff(
        (400, 405, 415, 425, 440, 455, 470, 485, 510),
        (20, 20, 25, 30, 35, 40, 45, 50, 55),
        (42, 44, 56, 70, 84, 92, 98, 104, 150),
        (66, 70, 84, 102, 120, 128, 138, 148, 220),
    )
    ground = Tariff(
        (520, 530, 550, 580, 620, 660, 700, 745, 860),
        (62, 66, 74, 92, 118, 146, 176, 205, 290),
        (44, 46, 58, 74, 92, 102, 110, 120, 190),
        (70, 72, 88, 108, 132, 146, 156, 170, 290),
    )
    priority = Tariff(
        (720, 740, 780, 840, 930, 1_010, 1_080, 1_150, 1_290),
        (80, 88, 104, 150, 215, 262, 300, 340, 420),
        (40, 42, 44, 52, 62, 66, 70, 72, 86),
        (58, 60, 66, 76, 90, 94, 100, 106, 140),
    )
    return (
        _service(
            *(MERIDIAN, "Light", ServiceMode.GROUND, EVERYWHERE, light),
            *(usual, {"max_weight_g": 450, "max_length_mm": 560}),
        ),
        _service(*(MERIDIAN, "Ground", ServiceMode.GROUND, EVERYWHERE, ground), usual),
        _service(
            *(MERIDIAN, "Priority", ServiceMode.AIR, EVERYWHERE, priority),
            *(usual, {"signature": True, "carbon_g_per_tonne_km": 700}),
        ),
    )


def _regional() -> tuple[CarrierService, ...]:
    usual: Traits = {
        **PARCEL,
        "max_weight_g": 32_000,
        "signature": True,
        "insured_up_to_cents": 500_000,
        "carbon_g_per_tonne_km": 110,
        "surcharges": _surcharges(120, residential_cents=150),
    }
    courier = {**usual, "carbon_g_per_tonne_km": 240, "damage_ppm": 200}
    same_day = Tariff((1_250, 1_790), (45, 70), (4, 5), (7, 9))
    next_day = Tariff((505, 575, 790), (22, 27, 38), (18, 19, 21), (24, 25, 28))
    return (
        _service(
            *(HOPPER, "Regional East", ServiceMode.GROUND, LAND[:4], REGIONAL),
            *(usual, {"regions": EAST}),
        ),
        _service(
            *(HOPPER, "Regional West", ServiceMode.GROUND, LAND[:4], REGIONAL),
            *(usual, {"regions": WEST}),
        ),
        _service(
            *(HOPPER, "Same Day", ServiceMode.COURIER, (40, 80), same_day),
            courier,
            {
                "max_weight_g": 25_000,
                "working_days_only": False,
                "temperatures": CHILLERS,
            },
        ),
        _service(
            *(HOPPER, "Next Day", ServiceMode.COURIER, (40, 80, 160), next_day), courier
        ),
    )


def _freight() -> tuple[CarrierService, ...]:
    usual: Traits = {
        **FREIGHT,
        "regions": MAINLAND,
        "rated_together": True,
        "signature": True,
        "insured_up_to_cents": 2_500_000,
        "damage_ppm": 1_200,
        "carbon_g_per_tonne_km": 70,
        "surcharges": _surcharges(
            260, residential_cents=9_500, signature_cents=0, oversize_cents=0
        ),
    }
    reefer = LTL.priced(1_700, 2_000)
    direct = LTL.priced(1_350, 1_300)
    faster = Tariff(
        direct.base_cents,
        direct.cents_per_half_kg,
        tuple(max(20, hours * 2 // 3) for hours in direct.p50_h),
        tuple(max(30, hours * 2 // 3) for hours in direct.p90_h),
        direct.break_g,
    )
    return (
        _service(
            *(IRONWAY, "LTL", ServiceMode.LTL, LAND, LTL), usual, {"hazmat": True}
        ),
        _service(
            *(IRONWAY, "LTL Direct", ServiceMode.LTL, LAND, faster),
            *(usual, {"damage_ppm": 500}),
        ),
        _service(
            *(IRONWAY, "Reefer LTL", ServiceMode.LTL, LAND, reefer),
            *(usual, {"temperatures": FREEZERS}),
        ),
    )


def _counter() -> CarrierService:
    """Build the service nobody drives: the customer comes to the counter."""
    return _service(
        *(COUNTER, "Customer Pickup", ServiceMode.PICKUP, (80,)),
        Tariff((0,), (0,), (4,), (24,)),
        PARCEL,
        {
            "temperatures": FREEZERS,
            "hazmat": True,
            "signature": True,
            "insured_up_to_cents": 100_000_000,
            "damage_ppm": 50,
            "carbon_g_per_tonne_km": 0,
            "dim_divisor": None,
        },
    )
