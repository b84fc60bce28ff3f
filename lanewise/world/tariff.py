"""What a simulated carrier charges: its own reading of the network's tariff.

Kept apart from the optimizer's pricing on purpose: where the two differ, the
invoice differs from the plan, and that is worth seeing.
"""

from domain.hazard import great_circle_km
from domain.network import CarrierService, ServiceMode
from domain.quantities import Place
from domain.shipping import Piece
from lanewise.world.problems import Refused


def zone_of(service: CarrierService, origin: Place, destination: Place) -> int:
    """Return the zone of a journey; Refused where the service does not go."""
    if service.regions is not None and destination.region not in service.regions:
        detail = f"{service.id} does not serve region {destination.region!r}"
        raise Refused(422, "not-served", detail)
    points = (
        origin.latitude,
        origin.longitude,
        destination.latitude,
        destination.longitude,
    )
    lat1, lon1, lat2, lon2 = points
    if lat1 is None or lon1 is None or lat2 is None or lon2 is None:
        raise Refused(422, "not-served", "the journey's ends are not located")
    distance_km = great_circle_km(lat1, lon1, lat2, lon2)
    for zone, reach_km in enumerate(service.zones, start=1):
        if distance_km <= reach_km:
            return zone
    detail = f"{service.id} does not reach {distance_km:.0f} km"
    raise Refused(422, "not-served", detail)


def check_size(service: CarrierService, pieces: tuple[Piece, ...]) -> None:
    """Refuse pieces that the service does not carry."""
    for piece in pieces:
        if piece.weight_g > service.max_weight_g:
            detail = f"a piece of {piece.weight_g} g; at most {service.max_weight_g} g"
            raise Refused(422, "over-limits", detail)
        size = piece.size
        longest = max(size.length_mm, size.width_mm, size.height_mm)
        if longest > service.max_length_mm or size.girth_mm > service.max_girth_mm:
            detail = f"a piece of {longest} mm with a girth of {size.girth_mm} mm"
            raise Refused(422, "over-limits", detail)


def price_cents(
    service: CarrierService,
    zone: int,
    pieces: tuple[Piece, ...],
    *,
    residential: bool,
    signature: bool,
    hazmat: bool,
    insured_cents: int,
) -> int:
    """Return the whole price of a parcel: freight by zone and what is added."""
    if service.mode is ServiceMode.PICKUP:
        return 0
    weights = [_billable_g(service, piece) for piece in pieces]
    if service.rated_together:
        weights = [sum(weights)]
    freight = sum(_freight_cents(service, zone, weight_g) for weight_g in weights)
    added = service.surcharges
    dangerous = sum(piece.hazmat for piece in pieces) or len(pieces)
    oversize = sum(
        service.oversize_girth_mm is not None
        and piece.size.girth_mm > service.oversize_girth_mm
        for piece in pieces
    )
    return (
        freight
        + _permille(freight, added.fuel_permille)
        + added.residential_cents * residential
        + added.signature_cents * signature
        + added.hazmat_cents * (dangerous if hazmat else 0)
        + added.oversize_cents * oversize
        + _permille(insured_cents, added.insurance_permille)
    )


def _billable_g(service: CarrierService, piece: Piece) -> int:
    if service.dim_divisor is None:
        return piece.weight_g
    return max(piece.weight_g, -(-piece.size.volume_mm3 // service.dim_divisor))


def _freight_cents(service: CarrierService, zone: int, weight_g: int) -> int:
    rate = next((rate for rate in service.rates if rate.zone == zone), None)
    if rate is None:
        raise Refused(422, "not-served", f"{service.id} has no rate in zone {zone}")
    usual = -(-weight_g // 500) * rate.cents_per_half_kg
    deficit = [
        -(-max(weight_g, each.from_g) // 500) * each.cents_per_half_kg
        for each in rate.breaks
    ]
    return max(rate.base_cents + min([usual, *deficit]), rate.min_cents)


def _permille(cents: int, permille: int) -> int:
    return (cents * permille + 500) // 1000
