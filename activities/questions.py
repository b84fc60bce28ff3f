"""What carriers are asked about a planned parcel, when it is priced and when booked.

One place, so that a price told before a decision answers the booking after it.
"""

from collections.abc import Mapping

from domain.network import Network
from domain.order import Order
from domain.plan import Parcel
from domain.quantities import SkuId
from domain.shipping import Piece, RateRequest
from domain.sku import Sku


def question_of(
    order: Order,
    parcel: Parcel,
    network: Network,
    skus: Mapping[SkuId, Sku],
    *,
    insured: bool,
    signature: bool,
) -> RateRequest:
    """Return the question what a parcel of an order costs by its service."""
    value_cents = sum(skus[li.sku].value_cents * li.units for li in parcel.lines)
    return RateRequest(
        fc=parcel.fc,
        ship_from=network.center(parcel.fc).place,
        ship_to=order.ship_to,
        pieces=tuple(
            Piece(
                size=carton.outer,
                weight_g=carton.weight_g,
                hazmat=any(skus[line.sku].hazmat_class for line in carton.lines),
            )
            for carton in parcel.cartons
        ),
        services=(parcel.service,),
        ready_at=parcel.hand_over_at,
        residential=order.residential,
        signature=signature,
        hazmat=any(skus[li.sku].hazmat_class for li in parcel.lines),
        insured_cents=value_cents if insured else 0,
    )
