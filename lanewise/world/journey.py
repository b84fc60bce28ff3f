"""How a parcel fares once a carrier has it: drawn once, seeded by its number."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log
from random import Random

from domain.calendars import arrival
from domain.hazard import Hazard
from domain.network import CarrierService, ServiceMode
from domain.quantities import Place
from domain.shipping import ParcelStatus
from lanewise.world.luck import happens
from lanewise.world.spec import CarrierTraits

# The 90th percentile of the standard normal distribution.
Z90 = 1.2815515655446004
LOST_AFTER_P90S = 3


@dataclass(frozen=True, slots=True)
class Scan:
    """Where a parcel will be seen, and when."""

    at: datetime
    status: ParcelStatus
    note: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where a parcel goes, since when, and by whose calendar."""

    ship_from: Place
    ship_to: Place
    time_zone: str
    hand_over_at: datetime


def transit_h(dice: Random, p50_h: int, p90_h: int) -> int:
    """Draw hours of carriage that fit the belief's median and 90th percentile.

    Log-normal, and kept between a third of the median and three times the
    90th percentile.
    """
    spread = log(p90_h / p50_h) / Z90
    drawn = p50_h * exp(spread * dice.gauss(0, 1))
    return max(1, round(min(max(drawn, p50_h / 3), 3 * p90_h)))


def hazard_delay_h(dice: Random, way: Way, hazards: tuple[Hazard, ...]) -> int:
    """Draw what the worst hazard in force at handover costs at either end."""
    worst = max(
        (
            hazard.delay_h
            for hazard in hazards
            if hazard.active(way.hand_over_at)
            and (hazard.touches(way.ship_from) or hazard.touches(way.ship_to))
        ),
        default=0,
    )
    return round(worst * dice.uniform(0.7, 1.3))


def journey(
    dice: Random,
    service: CarrierService,
    zone: int,
    way: Way,
    hazards: tuple[Hazard, ...],
    traits: CarrierTraits,
) -> list[Scan]:
    """Draw every scan of a parcel from handover to its end, in order."""
    start = way.hand_over_at
    seen = [Scan(start, ParcelStatus.HANDED_OVER)]
    if service.mode is ServiceMode.PICKUP:
        return [*seen, Scan(start, ParcelStatus.DELIVERED, "collected")]
    belief = next(t for t in service.transits if t.zone == zone)
    weather_h = hazard_delay_h(dice, way, hazards)
    hours = transit_h(dice, belief.p50_h, belief.p90_h)
    unlucky = happens(dice, traits.exception_permille)
    lost = dice.random() * 1_000_000 < traits.lost_ppm
    moved = Scan(_at(service, way, max(1, hours // 4)), ParcelStatus.IN_TRANSIT)
    if lost:
        limit = start + timedelta(hours=LOST_AFTER_P90S * belief.p90_h)
        return [*seen, moved, Scan(limit, ParcelStatus.LOST, "not found")]
    delay_h = weather_h + traits.exception_delay_h * unlucky
    delivered = _at(service, way, hours) + timedelta(hours=delay_h)
    seen.append(moved)
    if delay_h:
        note = "weather" if weather_h else "address not found"
        at = _at(service, way, max(1, hours * 3 // 5))
        seen.append(Scan(at, ParcelStatus.EXCEPTION, note))
    out = max(seen[-1].at, delivered - timedelta(hours=min(6, 1 + hours // 8)))
    seen.append(Scan(out, ParcelStatus.OUT_FOR_DELIVERY))
    return [*seen, Scan(delivered, ParcelStatus.DELIVERED)]


def _at(service: CarrierService, way: Way, hours: int) -> datetime:
    return arrival(
        way.hand_over_at,
        hours,
        way.time_zone,
        working_days_only=service.working_days_only,
    )
