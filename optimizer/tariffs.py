"""A network's services and centers as integer arrays, as compiled pricing reads them.

Bands of temperature and methods of packing are bits; what has no limit has a
limit that nothing reaches.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from domain.network import Network, PackingMethod, ServiceMode, ZoneRate
from domain.sku import TemperatureBand
from optimizer.parcels import NEVER, SERVICE_COLUMNS, Ints

BAND_BIT = {band: 1 << n for n, band in enumerate(TemperatureBand)}
METHOD_BIT = {method: 1 << n for n, method in enumerate(PackingMethod)}
BY_NAME = {method: n for n, method in enumerate(sorted(PackingMethod))}


class Tariffs(NamedTuple):
    """Services in the network's order, centers by id.

    Rate r has breaks ``break_start[r]`` to ``break_start[r + 1]`` (from grams,
    cents per half kilogram). ``rate_of[s, z]`` and ``transit[s, z]`` (p50, p90
    hours) are of zone z + 1, −1 where the service has none. ``named[s]`` is the
    service's place by id.
    """

    service: Ints
    rate: Ints
    break_start: Ints
    breaks: Ints
    center: Ints
    rate_of: Ints
    transit: Ints
    named: Ints
    rates: tuple[ZoneRate, ...]


def tariffs_of(network: Network) -> Tariffs:
    """Lay the network's prices and limits out as arrays."""
    zones = max((len(service.zones) for service in network.services), default=0)
    count = len(network.services)
    rate_of = np.full((count, max(1, zones)), -1, dtype=np.int64)
    transit = np.full((count, max(1, zones), 2), -1, dtype=np.int64)
    rates: list[ZoneRate] = []
    for s, service in enumerate(network.services):
        for zone in range(1, len(service.zones) + 1):
            rate = next((r for r in service.rates if r.zone == zone), None)
            hours = next((t for t in service.transits if t.zone == zone), None)
            if rate is not None and hours is not None:
                rate_of[s, zone - 1] = len(rates)
                transit[s, zone - 1] = hours.p50_h, hours.p90_h
                rates.append(rate)
    starts = np.cumsum([0, *(len(rate.breaks) for rate in rates)])
    by_id = sorted(range(count), key=lambda s: network.services[s].id)
    named = np.empty(count, dtype=np.int64)
    named[by_id] = np.arange(count)
    return Tariffs(
        service=_table(_services(network), SERVICE_COLUMNS),
        rate=_table((r.base_cents, r.cents_per_half_kg, r.min_cents) for r in rates),
        break_start=starts.astype(np.int64),
        breaks=_table(
            ((b.from_g, b.cents_per_half_kg) for r in rates for b in r.breaks), 2
        ),
        center=_table(
            (
                c.handling_cents_per_parcel,
                c.handling_cents_per_line,
                c.handling_millicents_per_unit,
            )
            for c in sorted(network.centers, key=lambda center: center.id)
        ),
        rate_of=rate_of,
        transit=transit,
        named=named,
        rates=tuple(rates),
    )


def _services(network: Network) -> Iterable[tuple[int, ...]]:
    for service in network.services:
        added = service.surcharges
        girth_mm = service.oversize_girth_mm
        yield (
            added.fuel_permille,
            service.dim_divisor or 0,
            service.max_weight_g,
            service.max_length_mm,
            service.max_girth_mm,
            NEVER if girth_mm is None else girth_mm,
            added.residential_cents,
            added.signature_cents,
            added.hazmat_cents,
            added.oversize_cents,
            added.insurance_permille,
            service.mode is ServiceMode.PICKUP,
            service.rated_together,
            service.damage_ppm,
            service.carbon_g_per_tonne_km,
            service.hazmat,
            service.insured_up_to_cents,
            sum(BAND_BIT[band] for band in set(service.temperatures)),
        )


def _table(rows: Iterable[tuple[int, ...]], width: int = 3) -> Ints:
    return np.array(list(rows), dtype=np.int64).reshape(-1, width)
