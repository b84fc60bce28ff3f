"""Our words to X12's warehouse documents, and back."""

import hashlib
import json
import re
from base64 import b32encode
from collections.abc import Iterable, Mapping

from connectors.x12.settings import X12Settings
from connectors.x12.shipping_advice import ShippingAdvice
from connectors.x12.shipping_order import (
    OrderedLine,
    OrderPurpose,
    Routing,
    ShippingOrder,
)
from connectors.x12.values import Address, Reference
from connectors.x12.writer import carried
from domain.contact import Contact
from domain.order import Line
from domain.quantities import FcId, Instant, Place, SkuId
from domain.warehousing import (
    PackInstruction,
    ReleaseOrder,
    WarehouseEvent,
    WarehouseNotice,
)

_UNSAFE = re.compile(r"[^A-Z0-9]+")
# Reference numbers by kind: customer order, shipment, tracking (element 128).
_ORDER, _SHIPMENT, _TRACKING = "CO", "SI", "2I"
_REFERENCE_LENGTH = 30


def order_number(order: ReleaseOrder) -> str:
    """Make the depositor order number: readable, unique by our key, 22 characters."""
    readable = _UNSAFE.sub("-", order.parcel_id.upper()).strip("-")[:12]
    digest = b32encode(hashlib.sha256(order.key.encode()).digest()).decode()
    return f"{readable or 'P'}-{digest[:9]}"


def shipping_order(order: ReleaseOrder, settings: X12Settings) -> ShippingOrder:
    """Say what is to be shipped, to whom, by when and how it is packed."""
    return ShippingOrder(
        number=order_number(order),
        parties=tuple(_parties(order, settings)),
        references=tuple(_references(order, settings)),
        ship_by=order.hand_over_at,
        notes=tuple(_packing(carton) for carton in order.cartons),
        routing=Routing(
            payment=settings.payment,
            method=settings.transport_method,
            service=order.service,
            scac=settings.scacs.get(order.service, settings.scac),
        ),
        lines=tuple(
            OrderedLine(
                sku=line.sku,
                sku_qualifier=settings.sku_qualifier,
                units=line.units,
                unit_of_measure=settings.units_of_measure[0],
            )
            for line in order.lines
        ),
    )


def cancellation(number: str, fc: FcId, settings: X12Settings) -> ShippingOrder:
    """Say that an order is not to be shipped."""
    return ShippingOrder(
        purpose=OrderPurpose.CANCEL, number=number, parties=(_warehouse(fc, settings),)
    )


def address(role: str, place: Place, contact: Contact | None) -> Address:
    """Say who is where."""
    contact = contact or Contact()
    streets = (contact.street_1, contact.street_2)
    return Address(
        role=role,
        name=contact.company or contact.name,
        streets=tuple(street for street in streets if street),
        city=place.city,
        region=place.region if place.country in ("US", "CA", "MX") else "",
        postal_code=place.postal_code,
        country=place.country,
        phone=contact.phone,
    )


def as_ordered(advice: ShippingAdvice, order: Mapping[str, object]) -> ShippingAdvice:
    """Spell SKUs as our order did, where only small letters differ."""
    asked = units_of(order)
    spelled: dict[str, list[str]] = {}
    for sku in asked:
        spelled.setdefault(sku.upper(), []).append(sku)
    lines = tuple(
        line.model_copy(update={"sku": ours[0]})
        if line.sku not in asked and len(ours := spelled.get(line.sku.upper(), [])) == 1
        else line
        for line in advice.lines
    )
    return advice.model_copy(update={"lines": lines})


def shipped_notices(
    advice: ShippingAdvice, order: Mapping[str, object], at: Instant
) -> tuple[WarehouseNotice, ...]:
    """Tell what an advice means: short picks first, then what left.

    Parameters
    ----------
    advice
        What the warehouse says it shipped.
    order
        Our record of what was released: ids and ``lines``, units by SKU.
    at
        When it happened, where the advice does not say.

    Returns
    -------
    tuple
        What is missing against *our* order, whatever the warehouse thinks was
        ordered; then shipped, or canceled when nothing left at all.
    """
    asked = units_of(order)
    left = _shipped_units(advice)
    at = advice.shipped_at or at
    short = {
        sku: units - left.get(sku, 0)
        for sku, units in asked.items()
        if units > left.get(sku, 0)
    }
    told = [_notice(order, WarehouseEvent.SHORT_PICKED, 1, at, short)] if short else []
    if any(left.values()):
        tracking = advice.tracking[0] if advice.tracking else ""
        shipped = {sku: units for sku, units in left.items() if units}
        told.append(
            _notice(order, WarehouseEvent.SHIPPED, 2, at, shipped).model_copy(
                update={"tracking_number": tracking}
            )
        )
    else:
        told.append(canceled_notice(order, at))
    return tuple(told)


def canceled_notice(order: Mapping[str, object], at: Instant) -> WarehouseNotice:
    """Tell that a warehouse will not ship an order."""
    return _notice(order, WarehouseEvent.CANCELLED, 2, at, {})


def unknown_notice(
    order: Mapping[str, object], number: int, at: Instant
) -> WarehouseNotice:
    """Tell that something came about an order that was already done."""
    return _notice(order, WarehouseEvent.UNKNOWN, number, at, {})


def lines_of(units: Mapping[str, int]) -> tuple[Line, ...]:
    """Return units by SKU as lines, sorted."""
    return tuple(Line(sku=SkuId(sku), units=units[sku]) for sku in sorted(units))


def units_of(order: Mapping[str, object]) -> dict[str, int]:
    """Return the units released by SKU, from our record of an order."""
    found = order.get("lines")
    assert isinstance(found, dict)
    return {str(sku): int(units) for sku, units in found.items()}


def summed(lines: Iterable[Line]) -> dict[str, int]:
    """Add lines of the same SKU."""
    total: dict[str, int] = {}
    for line in lines:
        total[line.sku] = total.get(line.sku, 0) + line.units
    return total


def event_id(*parts: object) -> str:
    """Return an id of a fact's content: equal facts, equal ids."""
    text = json.dumps(parts, default=str, sort_keys=True)
    return f"x12-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _shipped_units(advice: ShippingAdvice) -> dict[str, int]:
    total: dict[str, int] = {}
    for line in advice.lines:
        total[line.sku] = total.get(line.sku, 0) + line.shipped
    return total


def _notice(
    order: Mapping[str, object],
    event: WarehouseEvent,
    number: int,
    at: Instant,
    units: Mapping[str, int],
) -> WarehouseNotice:
    ids = {name: str(order[name]) for name in ("fc", "order_id", "parcel_id")}
    return WarehouseNotice.model_validate(
        {
            **ids,
            "event_id": event_id(order["key"], event, number, at, dict(units)),
            "event": event,
            # Files number no facts: they hold in the order in which they came.
            "sequence": 0,
            "occurred_at": at,
            "lines": lines_of(units),
        }
    )


def _parties(order: ReleaseOrder, settings: X12Settings) -> Iterable[Address]:
    if order.ship_to is not None:
        yield address("ST", order.ship_to, order.recipient)
    yield _warehouse(order.fc, settings)


def _warehouse(fc: FcId, settings: X12Settings) -> Address:
    code = settings.warehouse_codes.get(fc, fc)
    return Address(role="WH", name=code, id_qualifier="ZZ", id=code)


def _references(order: ReleaseOrder, settings: X12Settings) -> Iterable[Reference]:
    for kind, number in (
        (_ORDER, order.order_id),
        (_SHIPMENT, order.parcel_id),
        (_TRACKING, order.tracking_number),
    ):
        # They help people; the number that counts is the depositor's.
        fits = len(number) <= _REFERENCE_LENGTH
        if number and fits and carried(number, settings.separators):
            yield Reference(qualifier=kind, value=number)


def _packing(carton: PackInstruction) -> str:
    goods = ", ".join(f"{line.units} {line.sku}" for line in carton.lines)
    box = f" {carton.carton}" if carton.carton else ""
    return f"Pack {carton.method.value}{box}: {goods}"
