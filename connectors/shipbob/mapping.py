"""ShipBob's JSON to our words; pure. What we say is in ``requests.py``."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from connectors.answers import Answer, Problem
from connectors.fields import instant, rows, table, word
from connectors.shipbob.labels import delivered_at, label_of, tracking_of
from connectors.shipbob.settings import ShipBobSettings
from domain.errors import ContractViolation, InvalidRequest
from domain.network import FulfillmentCenter
from domain.order import Line
from domain.quantities import FcId, OrderId, ParcelId, Place, SkuId
from domain.warehousing import CancelOutcome, ReleaseOrder, WarehouseOrder, WorkStatus
from domain.wire import raw_of

_REVISION = re.compile(r"/r[0-9]+")
# What floor work says in `status_details` while a shipment is in process.
_DETAILS: Mapping[str, WorkStatus] = MappingProxyType(
    {
        "picking": WorkStatus.PICKING,
        "inpick": WorkStatus.PICKING,
        "picked": WorkStatus.PICKED,
        "packed": WorkStatus.PICKED,
        "labeled": WorkStatus.PICKED,
    }
)
_SHIPMENT: Mapping[str, WorkStatus] = MappingProxyType(
    {
        "Processing": WorkStatus.ACCEPTED,
        "Exception": WorkStatus.ACCEPTED,
        "OnHold": WorkStatus.ACCEPTED,
        "ImportReview": WorkStatus.ACCEPTED,
        "LabeledCreated": WorkStatus.PICKED,
        "Completed": WorkStatus.SHIPPED,
        "Cancelled": WorkStatus.CANCELLED,
        "CleanSweeped": WorkStatus.CANCELLED,
    }
)
_ORDER: Mapping[str, WorkStatus] = MappingProxyType(
    {
        "Processing": WorkStatus.ACCEPTED,
        "Exception": WorkStatus.ACCEPTED,
        "ImportReview": WorkStatus.ACCEPTED,
        "PartiallyFulfilled": WorkStatus.PICKING,
        "Fulfilled": WorkStatus.SHIPPED,
        "Cancelled": WorkStatus.CANCELLED,
    }
)
_CANCELS: Mapping[str, CancelOutcome] = MappingProxyType(
    {
        "Success": CancelOutcome.CANCELLED,
        "Failure": CancelOutcome.TOO_LATE,
        # Some of it leaves all the same.
        "PartialSuccess": CancelOutcome.TOO_LATE,
    }
)


class Unprocessable(InvalidRequest):
    """A 422: among other things for a reference that was used before."""


def problem_of(answer: Answer) -> Problem | None:
    """Read what it says went wrong: sentences by field, or a code and a message."""
    if 200 <= answer.status < 300:
        return None
    kind = Unprocessable if answer.status == 422 else None
    try:
        document = answer.json()
    except ContractViolation:
        return Problem(kind=kind)
    said = "; ".join(_sentences(document))
    return Problem(detail=said, kind=kind)


def parse_stock(
    pages: list[Any],
    location: int,
    skus: tuple[SkuId, ...] | None,
    settings: ShipBobSettings,
) -> dict[SkuId, int]:
    """Read what is physically at a location; a SKU asked for and absent counts 0."""
    found: Counter[SkuId] = Counter()
    for page in pages:
        for item in _listed(table(page), "items"):
            sku = settings.sku_of(word(item, "sku"))
            for place in rows(item.get("locations")):
                if sku and place.get("location_id") == location:
                    found[sku] += max(_count(place, "on_hand_quantity"), 0)
    if skus is None:
        return dict(found)
    return {sku: found[sku] for sku in skus}


def parse_orders(document: Any, reference: str) -> list[dict[str, Any]]:
    """Return the orders under exactly this reference, oldest first."""
    if not isinstance(document, list):
        msg = f"orders: expected a list, got {type(document).__name__}"
        raise ContractViolation(msg, raw=raw_of(document))
    ours = [o for o in rows(document) if word(o, "reference_id") == reference]
    return sorted(ours, key=order_id)


def parse_order(
    document: Any, key: str, fc: FcId, settings: ShipBobSettings
) -> WarehouseOrder:
    """Read where an order stands, by its shipments."""
    order = table(document)
    shipments = rows(order.get("shipments"))
    status = _status(order, shipments)
    shipped: Counter[SkuId] = Counter()
    gone = [s for s in shipments if word(s, "status") == "Completed"]
    for shipment in gone:
        shipped += units_of(shipment, settings)
    ordered = _ordered(order, settings)
    if status is WorkStatus.SHIPPED and not shipped:
        # It tells no pieces: all of the order is gone.
        shipped = ordered
    counting = [s for s in shipments if shipment_status(s) != WorkStatus.CANCELLED]
    label = label_of(gone or counting, settings)
    done = status is WorkStatus.SHIPPED
    return WarehouseOrder(
        id=str(order_id(order)),
        key=key,
        fc=fc,
        parcel_id=names_of(order, key)[1],
        status=status,
        shipped=lines_of(shipped) if done else (),
        short=lines_of(ordered - shipped) if done else (),
        shipped_at=shipped_at(gone) if done else None,
        tracking_number=label.tracking_number if label else "",
        label=label,
        delivered_at=delivered_at(gone) if done else None,
        raw=raw_of(order),
    )


def parse_cancellation(document: Any) -> CancelOutcome:
    """Read what became of a cancellation; one we cannot read is no yes."""
    answer = table(document)
    outcome = _CANCELS.get(word(answer, "status"))
    if outcome is None:
        msg = f"status: {answer.get('status')!r} is none of {', '.join(_CANCELS)}"
        raise ContractViolation(msg, raw=raw_of(document))
    return outcome


def parse_centers(document: Any, settings: ShipBobSettings) -> tuple[Any, ...]:
    """Read its centers, as far as they are ours: name, place, time zone."""
    if not isinstance(document, list):
        msg = f"centers: expected a list, got {type(document).__name__}"
        raise ContractViolation(msg, raw=raw_of(document))
    found = []
    for center in rows(document):
        fc = settings.fc_of(center.get("id", 0))
        postal_code = word(center, "zip_code")[:16]
        if fc is None or not postal_code:
            continue
        place = Place(
            country=_country(word(center, "country")),
            postal_code=postal_code,
            region=word(center, "state")[:40],
            city=word(center, "city")[:80],
        )
        zone = word(center, "timezone")
        named = {"id": fc, "name": word(center, "name") or fc, "place": place}
        found.append((FulfillmentCenter.model_validate(named), zone))
    return tuple(found)


def names_of(order: Mapping[str, Any], key: str) -> tuple[OrderId, ParcelId]:
    """Return the order and the parcel of ours that an order is for.

    Its tags say so. A shipment has none: there the key is a parcel's name and
    maybe a revision, and a parcel's name begins with its order's.
    """
    tags = {word(tag, "name"): word(tag, "value") for tag in rows(order.get("tags"))}
    parcel = tags.get("lanewise-parcel") or _without_revision(key)
    first = tags.get("lanewise-order") or parcel.rpartition("/")[0] or parcel
    return OrderId(first), ParcelId(parcel)


def units_of(shipment: Mapping[str, Any], settings: ShipBobSettings) -> Counter[SkuId]:
    """Count the units in a shipment, by our SKUs."""
    units: Counter[SkuId] = Counter()
    for product in rows(shipment.get("products")):
        name = word(product, "reference_id") or word(product, "sku")
        pieces = rows(product.get("inventory_items"))
        told = [_count(piece, "quantity") for piece in pieces]
        if name:
            units[settings.sku_of(name)] += sum(max(count, 0) for count in told)
    return +units


def lines_of(units: Counter[SkuId]) -> tuple[Line, ...]:
    """Return counts as lines, in the order of the SKUs."""
    return tuple(Line(sku=sku, units=n) for sku, n in sorted(units.items()) if n > 0)


def shipped_at(shipments: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return when the last of some shipments left, where one says so."""
    told = [
        instant(tracking_of(shipment).get("shipping_date"))
        or instant(shipment.get("actual_fulfillment_date"))
        for shipment in shipments
    ]
    return max((at for at in told if at is not None), default=None)


def shipment_status(shipment: Mapping[str, Any]) -> WorkStatus:
    """Return where one shipment stands."""
    status = _SHIPMENT.get(word(shipment, "status"), WorkStatus.UNKNOWN)
    if status is not WorkStatus.ACCEPTED:
        return status
    for detail in rows(shipment.get("status_details")):
        known = _DETAILS.get(word(detail, "name").lower().replace(" ", ""))
        if known is not None:
            return known
    return status


def order_id(order: Mapping[str, Any]) -> int:
    """Return its number of an order; ContractViolation where there is none."""
    found = order.get("id")
    if isinstance(found, bool) or not isinstance(found, int) or found <= 0:
        msg = f"order.id: expected a number, got {found!r}"
        raise ContractViolation(msg, raw=raw_of(order))
    return found


def _status(order: Mapping[str, Any], shipments: list[dict[str, Any]]) -> WorkStatus:
    """Return where an order stands: as its slowest shipment that still counts."""
    whole = _ORDER.get(word(order, "status"), WorkStatus.UNKNOWN)
    if whole in (WorkStatus.CANCELLED, WorkStatus.SHIPPED):
        return whole
    standing = [shipment_status(shipment) for shipment in shipments]
    counting = [one for one in standing if one is not WorkStatus.CANCELLED]
    if standing and not counting:
        return WorkStatus.CANCELLED
    if not counting or WorkStatus.UNKNOWN in counting:
        return whole
    ranks = list(WorkStatus)
    slowest = min(counting, key=ranks.index)
    moving = any(one is not WorkStatus.ACCEPTED for one in counting)
    return WorkStatus.PICKING if slowest is WorkStatus.ACCEPTED and moving else slowest


def _ordered(order: Mapping[str, Any], settings: ShipBobSettings) -> Counter[SkuId]:
    units: Counter[SkuId] = Counter()
    for product in rows(order.get("products")):
        name = word(product, "reference_id") or word(product, "sku")
        if name:
            units[settings.sku_of(name)] += max(_count(product, "quantity"), 0)
    return +units


def ordered_as(document: Any, order: ReleaseOrder, settings: ShipBobSettings) -> bool:
    """Tell whether what is there is what is to be released."""
    wanted: Counter[SkuId] = Counter()
    for line in order.lines:
        wanted[line.sku] += line.units
    return _ordered(table(document), settings) == wanted


def _sentences(document: Any) -> list[str]:
    if isinstance(document, str):
        return [document]
    if isinstance(document, list):
        return [text for item in document for text in _sentences(item)]
    if isinstance(document, dict):
        return [
            f"{name}: {text}" if isinstance(value, list) else text
            for name, value in document.items()
            if name not in ("stackTrace", "traceId")
            for text in _sentences(value)
        ]
    return []


def _listed(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    if not isinstance(document.get(name), list):
        msg = f"{name}: expected a list"
        raise ContractViolation(msg, raw=raw_of(document))
    return rows(document[name])


def _count(source: Mapping[str, Any], name: str) -> int:
    found = source.get(name)
    if found is None:
        return 0
    if isinstance(found, bool) or not isinstance(found, int):
        msg = f"{name}: expected a whole number, got {found!r}"
        raise ContractViolation(msg, raw=raw_of(source))
    return found


def _country(text: str) -> str:
    code = text.strip().upper()
    return {"USA": "US", "UNITED STATES": "US", "CANADA": "CA"}.get(code, code[:2])


def _without_revision(key: str) -> str:
    head, slash, tail = key.rpartition("/")
    return head if slash and _REVISION.fullmatch(f"/{tail}") else key
