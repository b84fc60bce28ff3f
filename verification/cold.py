"""The verifier's own judgment of what is kept cold, and in which weather.

By the documented rule and from the forecasts as they came: hour by hour, in exact
fractions.
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from domain.network import CarrierService, Carton, PackingMethod, ServiceMode
from domain.plan import PackedCarton, Parcel
from domain.quantities import Place
from domain.sku import TemperatureBand
from verification.packing import Wrongs
from verification.times import started_hours

# Degrees Celsius that goods of a band stand: from, to.
_STANDS = {
    TemperatureBand.CHILLED: (Fraction(2), Fraction(8)),
    TemperatureBand.FROZEN: (None, Fraction(-18)),
}
_LEAST = Fraction(1, 4)
_AS_RATED = Fraction(1)
_HOUR = timedelta(hours=1)


class ColdJudge:
    """Looks at how an order's cold goods are kept so until they arrive."""

    def __init__(self, problem: Any, task: Any) -> None:
        self.problem, self.task = problem, task

    def wrongs(
        self, piece: PackedCarton, parcel: Parcel, service: CarrierService
    ) -> Wrongs:
        bands = {self.problem.skus[line.sku].temperature for line in piece.lines}
        carton = self.problem.network.carton(piece.carton) if piece.carton else None
        if len(bands) > 1:
            yield "temperatures-apart", f"{sorted(bands)} in one piece"
        for band in bands - {TemperatureBand.AMBIENT} - set(service.temperatures):
            insulated = carton is not None and carton.method is PackingMethod.INSULATED
            if not insulated or carton is None or carton.temperature is not band:
                yield "cold-chain", f"{band} in {piece.carton} by {service.id}"
                continue
            hours = started_hours(parcel.hand_over_at, parcel.p90_at)
            strain, holds = self.strain(carton, parcel), carton.hold_h
            if holds is None or holds < hours * strain:
                yield "cold-chain", f"{carton.id} holds {holds} h of {hours} x {strain}"

    def strain(self, carton: Carton, parcel: Parcel) -> Fraction:
        """Say how many times its rated heat a carton takes on a parcel's way.

        In whole thousandths, never fewer than it is; 1 where nobody can know.
        """
        stands, rated_at = _STANDS.get(carton.temperature), carton.rated_at_tenths_c
        hours = started_hours(parcel.hand_over_at, parcel.p90_at)
        collected = parcel.mode is ServiceMode.PICKUP
        if rated_at is None or stands is None or not hours or collected:
            return _AS_RATED
        coldest, warmest = stands
        here = self.problem.network.center(parcel.fc).place
        ends = [self._by_hour(place) for place in (here, self.task.order.ship_to)]
        at = parcel.hand_over_at.astimezone(UTC)
        hour, beyond = at.replace(minute=0, second=0, microsecond=0), Fraction(0)
        for n in range(hours):
            if any(hour + n * _HOUR not in end for end in ends):
                return _AS_RATED
            felt = [degrees for end in ends for degrees in end[hour + n * _HOUR]]
            under = Fraction(0) if coldest is None else coldest - min(felt)
            beyond += max(max(felt) - warmest, under, Fraction(0))
        exact = max(_LEAST, beyond / hours / (Fraction(rated_at, 10) - warmest))
        return Fraction(ceil(exact * 1000), 1000)

    def _by_hour(self, place: Place) -> dict[datetime, tuple[Fraction, Fraction]]:
        """Return the least and the most expected there in degrees, by full hour."""
        forecast = self.problem.weather.get(place)
        return {
            h.at: (Fraction(h.least_tenths_c, 10), Fraction(h.most_tenths_c, 10))
            for h in (forecast.hours if forecast else ())
        }
