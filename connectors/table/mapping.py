"""Prices, tracking numbers and labels, worked out from a rate table alone."""

import base64
import hashlib
from datetime import timedelta

from connectors.table.settings import Reach, TableService
from domain.hazard import great_circle_km
from domain.quantities import Place
from domain.shipping import Piece

# As far as anything on earth: where a place has no coordinates, the dearest reach.
FAR_KM = 20_100
KG_G = 1_000
# A table's prices hold for as long as nobody changes the table.
HOLDS = timedelta(days=365)


def serves(service: TableService, ship_to: Place, *, hazmat: bool) -> bool:
    """Tell whether a service of the table goes there with such goods."""
    if service.countries is not None and ship_to.country not in service.countries:
        return False
    return service.hazmat_cents is not None or not hazmat


def reach_of(service: TableService, ship_from: Place, ship_to: Place) -> Reach:
    """Return the reach a place is in; the last one for what is beyond all."""
    far = _distance_km(ship_from, ship_to)
    for reach in service.reaches:
        if reach.up_to_km is None or far <= reach.up_to_km:
            return reach
    return service.reaches[-1]


def price_cents(
    service: TableService,
    reach: Reach,
    pieces: tuple[Piece, ...],
    *,
    residential: bool,
    signature: bool,
    hazmat: bool,
) -> int:
    """Return what pieces cost: steps by billable weight, fuel, what is added."""
    carriage = sum(_piece_cents(service, reach, piece) for piece in pieces)
    fuel = -(-carriage * service.fuel_permille // 1_000)
    added = (
        service.residential_cents * residential
        + service.signature_cents * signature
        + (service.hazmat_cents or 0) * hazmat
    )
    return carriage + fuel + added


def tracking_number(prefix: str, reference: str) -> str:
    """Return the number of a parcel: the same for the same reference, always."""
    digest = hashlib.sha256(reference.encode()).digest()[:10]
    return prefix + base64.b32encode(digest).decode("ascii")


def label(rows: tuple[str, ...], barcode: str) -> bytes:
    """Return a 4 × 6 inch label in ZPL II."""
    shown = "".join(
        f"^FO40,{60 + 60 * n}^A0N,40,40^FD{_plain(row)}^FS\n"
        for n, row in enumerate(rows)
    )
    code = f"^FO40,{100 + 60 * len(rows)}^BY3^BCN,160,Y,N,N^FD{_plain(barcode)}^FS"
    return f"^XA\n{shown}{code}\n^XZ\n".encode("ascii", "replace")


def _distance_km(a: Place, b: Place) -> float:
    if a.latitude is None or a.longitude is None:
        return FAR_KM
    if b.latitude is None or b.longitude is None:
        return FAR_KM
    return great_circle_km(a.latitude, a.longitude, b.latitude, b.longitude)


def _piece_cents(service: TableService, reach: Reach, piece: Piece) -> int:
    billable_g = piece.weight_g
    if service.dim_divisor is not None:
        # Cubic millimeters per gram: a thousandth of cubic centimeters per kilogram.
        billable_g = max(billable_g, -(-piece.size.volume_mm3 // service.dim_divisor))
    for step in reach.steps:
        if billable_g <= step.up_to_g:
            return step.cents
    last = reach.steps[-1]
    further_kg = -(-(billable_g - last.up_to_g) // KG_G)
    return last.cents + further_kg * reach.cents_per_further_kg


def _plain(text: str) -> str:
    return text.replace("^", " ").replace("~", " ")
