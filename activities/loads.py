"""A planned parcel as a freight carrier is offered it: a load with two stops."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import groupby

from domain.contact import Address, Contact, recipient_in
from domain.network import Network
from domain.order import Order
from domain.plan import CostTerm, PackedCarton, Parcel
from domain.quantities import Instant, ParcelId, SkuId, Value
from domain.sku import Sku
from domain.transport import LoadItem, Stop, TenderLoad
from domain.warehousing import OperationKey

# What a dock gives a truck before the hour at which the goods must be gone.
PICKUP_WINDOW = timedelta(hours=2)

_READABLE = re.compile(r"[A-Za-z0-9-]{1,30}")


class OfferLoad(Value):
    """Offer a planned parcel to its carrier; it may be answered hours later.

    ``until`` is when an offer without an answer is void.
    """

    key: OperationKey
    order: Order
    parcel_id: ParcelId
    parcel: Parcel
    until: Instant


def reference_of(key: str) -> str:
    """Name a load as its carrier will: at most 30 letters, digits and dashes.

    Keys that do not fit are told apart by a digest.
    """
    readable = key.replace("/", "-")
    if _READABLE.fullmatch(readable):
        return readable
    start = re.sub(r"[^A-Za-z0-9-]", "-", readable)[:13]
    return f"{start}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def load_of(
    offer: OfferLoad, network: Network, skus: Mapping[SkuId, Sku]
) -> TenderLoad:
    """Say what is offered: from the center's dock to the customer's door.

    The price offered is what the plan reckons carriage with, surcharges
    included.
    """
    order, parcel = offer.order, offer.parcel
    center = network.center(parcel.fc)
    leaves_at = parcel.hand_over_at
    return TenderLoad(
        key=offer.key,
        reference=reference_of(offer.key),
        carrier=parcel.carrier,
        stops=(
            Stop(
                address=Address(
                    place=center.place, contact=Contact(company=center.name)
                ),
                earliest_at=leaves_at - PICKUP_WINDOW,
                latest_at=leaves_at,
                fc=parcel.fc,
                orders=(order.id,),
            ),
            Stop(
                address=Address(
                    place=order.ship_to,
                    contact=recipient_in(order.attributes) or Contact(),
                ),
                earliest_at=leaves_at,
                latest_at=max(order.deliver_by or parcel.p90_at, leaves_at),
                orders=(order.id,),
            ),
        ),
        items=tuple(_items(parcel.cartons, skus)),
        agreed_cents=agreed_cents(parcel),
        currency=network.currency,
        respond_by=offer.until,
    )


def agreed_cents(parcel: Parcel) -> int:
    """Return what the plan reckons carriage with: freight and its surcharges."""
    terms = (CostTerm.FREIGHT, CostTerm.SURCHARGES)
    return max(0, sum(parcel.cost.get(term, 0) for term in terms))


def _items(
    cartons: Iterable[PackedCarton], skus: Mapping[SkuId, Sku]
) -> Iterable[LoadItem]:
    """List handling units, those in one kind of carton together."""
    ordered = sorted(cartons, key=_kind)
    for kind, group in groupby(ordered, key=_kind):
        alike = tuple(group)
        held = dict.fromkeys(line.sku for carton in alike for line in carton.lines)
        titles = ", ".join(skus[sku].title for sku in held if sku in skus)
        yield LoadItem(
            description=f"{kind}: {titles}"[:80],
            handling_units=len(alike),
            weight_g=max(1, sum(carton.weight_g for carton in alike)),
            volume_mm3=sum(_volume_mm3(carton) for carton in alike),
            hazmat=any(skus[sku].hazmat_class for sku in held if sku in skus),
        )


def _kind(carton: PackedCarton) -> str:
    return carton.carton or carton.method.value


def _volume_mm3(carton: PackedCarton) -> int:
    outer = carton.outer
    return outer.length_mm * outer.width_mm * outer.height_mm
