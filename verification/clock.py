"""The verifier's own judgment of handovers and promises."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from domain.network import CarrierService, FulfillmentCenter, ServiceMode
from domain.plan import Parcel
from domain.policy import SoftLimit
from verification.packing import Wrongs
from verification.repricing import kilometers, zone_of, zone_start
from verification.times import arrives, is_pickup, packed_at, pickups_before


class ClockJudge:
    """Looks at when each parcel of an order goes and arrives."""

    def __init__(self, problem: Any, task: Any, relaxed: Collection[SoftLimit]) -> None:
        self.problem, self.task, self.relaxed = problem, task, relaxed

    def wrongs(
        self, parcel: Parcel, center: FulfillmentCenter, service: CarrierService
    ) -> Wrongs:
        ready = packed_at(center, self.problem.as_of)
        at = parcel.hand_over_at
        if ready is None or at < ready:
            yield "handover", f"{at} is before the goods are ready, {ready}"
        collects = service.mode is ServiceMode.PICKUP
        if collects or not center.pickups:
            if at != ready:
                yield "handover", f"{at}, the goods are ready {ready}"
        elif not is_pickup(center, service.carrier, at):
            yield "handover", f"{service.carrier} does not collect at {at}"
        elif ready is not None:
            # Only who pays for coming early may let pickups pass.
            waits = 5 if self.task.policy.money.early_cents_per_h else 0
            if pickups_before(center, service.carrier, ready, at) > waits:
                yield "handover", f"{at} is not the first pickup after {ready}"
        latest, lifted = self.task.policy.limits.latest_handover, self.relaxed
        if latest and at > latest and SoftLimit.LATEST_HANDOVER not in lifted:
            yield "latest-handover", f"{at}, at most {latest}"
        transit = self.task.policy.limits.max_transit_h
        hours = (parcel.p90_at - at) / timedelta(hours=1)
        if transit and hours > transit and SoftLimit.MAX_TRANSIT not in lifted:
            yield "max-transit", f"{hours} h, at most {transit}"
        if not any(self.roads(parcel, center, service)):
            yield "promise", f"{parcel.p50_at} and {parcel.p90_at} fit no transit time"

    def roads(
        self, parcel: Parcel, center: FulfillmentCenter, service: CarrierService
    ) -> Iterator[tuple[int, int]]:
        """Yield (p50, p90) hours of carriage that lead to the promised times."""
        at = parcel.hand_over_at
        for p50_h, p90_h in self._transits(center, service):
            p50_at = arrives(center, service, at, p50_h)
            p90_at = arrives(center, service, at, p90_h)
            delay = timedelta(0)
            if service.mode is not ServiceMode.PICKUP:
                delay = self._delay(parcel, center, p90_at)
            if (p50_at + delay, p90_at + delay) == (parcel.p50_at, parcel.p90_at):
                yield p50_h, p90_h

    def _transits(
        self, center: FulfillmentCenter, service: CarrierService
    ) -> list[tuple[int, int]]:
        if service.mode is ServiceMode.PICKUP:
            return [(0, 0)]
        to = self.task.order.ship_to
        if service.lanes:
            return sorted(
                {
                    (rate.transit_h, rate.transit_h)
                    for rate in service.lanes
                    if rate.origin in center.ports
                    and rate.destination == to.postal_code
                }
            )
        start, hauled_h = zone_start(center, service)
        km = None if start is None else kilometers(start, to)
        zone = None if km is None else zone_of(service, km)
        return [
            (hauled_h + t.p50_h, hauled_h + t.p90_h)
            for t in service.transits
            if t.zone == zone
        ]

    def _delay(
        self, parcel: Parcel, center: FulfillmentCenter, p90_at: Any
    ) -> timedelta:
        places = (center.place, self.task.order.ship_to)
        return timedelta(
            hours=sum(
                hazard.delay_h
                for hazard in self.problem.hazards
                if any(hazard.touches(place) for place in places)
                and hazard.valid_from < p90_at
                and parcel.hand_over_at < hazard.valid_until
            )
        )
