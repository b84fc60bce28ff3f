"""EasyPost's trackers and events in our words; pure."""

from connectors.content import content_id
from connectors.easypost.names import carrier_of
from connectors.easypost.reading import (
    Document,
    child,
    children,
    instant,
    needed,
    parsed,
    text,
)
from connectors.easypost.settings import EasyPostSettings
from domain.quantities import CarrierId
from domain.shipping import ParcelScan, ParcelStatus
from domain.wire import raw_of

STATUSES = {
    "pre_transit": ParcelStatus.BOOKED,
    "in_transit": ParcelStatus.IN_TRANSIT,
    "out_for_delivery": ParcelStatus.OUT_FOR_DELIVERY,
    # It waits for its recipient at a counter: neither delivered nor lost.
    "available_for_pickup": ParcelStatus.IN_TRANSIT,
    "delivered": ParcelStatus.DELIVERED,
    "return_to_sender": ParcelStatus.RETURNED,
    "failure": ParcelStatus.EXCEPTION,
    "cancelled": ParcelStatus.VOIDED,
    "canceled": ParcelStatus.VOIDED,
}
# What is wrong with a parcel that its status calls on its way.
WRONG = {
    *("delivery_exception", "transit_exception", "damaged", "address_correction"),
    *("refused", "held", "missorted", "awaiting_information"),
}
HANDED_OVER = {"received_at_origin_facility", "picked_up"}


def parse_tracker(
    settings: EasyPostSettings, tracker: Document, carrier: CarrierId | None = None
) -> tuple[ParcelScan, ...]:
    """Read what is known of a parcel, oldest first.

    Each delivery of an event tells the whole history: the same fact has the
    same id every time. A status that no detail tells is a fact of its own.
    """
    code = needed(tracker, "tracking_code", "tracker")
    ours = carrier or carrier_of(settings, text(tracker, "carrier"))
    scans: dict[str, ParcelScan] = {}
    for detail in children(tracker, "tracking_details"):
        scan = _scan(ours, code, detail)
        if scan is not None:
            scans.setdefault(scan.event_id, scan)
    ordered = sorted(scans.values(), key=lambda scan: scan.occurred_at)
    now = _now(ours, code, tracker)
    if now is None or any(scan.status is now.status for scan in ordered):
        return tuple(ordered)
    if ordered and now.status is ParcelStatus.UNKNOWN:
        return tuple(ordered)
    return (*ordered, now)


def parse_event(settings: EasyPostSettings, body: bytes) -> tuple[ParcelScan, ...]:
    """Read the facts in a webhook; what is not about a parcel tells none."""
    event = parsed(body)
    result = child(event, "result")
    description = text(event, "description")
    if text(event, "object") == "Tracker":
        return parse_tracker(settings, event)
    if text(result, "object") == "Tracker" or description.startswith("tracker."):
        return parse_tracker(settings, result) if result else ()
    if description.startswith("refund."):
        refunds = children(event, "result") or ([result] if result else [])
        return tuple(
            scan
            for refund in refunds
            if (scan := _refunded(settings, event, refund)) is not None
        )
    return ()


def status_of(word: str, detail: str) -> ParcelStatus:
    """Return our word for a status and its detail; UNKNOWN for a new one."""
    status = STATUSES.get(word.lower(), ParcelStatus.UNKNOWN)
    if status in (ParcelStatus.IN_TRANSIT, ParcelStatus.EXCEPTION):
        if detail == "lost":
            return ParcelStatus.LOST
        if detail in WRONG:
            return ParcelStatus.EXCEPTION
        if status is ParcelStatus.IN_TRANSIT and detail in HANDED_OVER:
            return ParcelStatus.HANDED_OVER
    return status


def _scan(carrier: CarrierId, code: str, detail: Document) -> ParcelScan | None:
    at = instant(detail, "datetime", "created_at")
    if at is None:
        return None
    word, more = text(detail, "status"), text(detail, "status_detail")
    message = text(detail, "message") or text(detail, "description")
    return ParcelScan(
        event_id=content_id(code, word, more, at, message),
        carrier=carrier,
        tracking_number=code,
        status=status_of(word, more),
        sequence=0,
        occurred_at=at,
        note=_note(word, more, message, detail),
        raw=raw_of(detail),
    )


def _now(carrier: CarrierId, code: str, tracker: Document) -> ParcelScan | None:
    """Return the tracker's own status as a fact; its id has no time in it.

    A tracker is touched again and again without any news.
    """
    word, more = text(tracker, "status"), text(tracker, "status_detail")
    at = instant(tracker, "updated_at", "created_at")
    if at is None or not word:
        return None
    return ParcelScan(
        event_id=content_id(code, word, more),
        carrier=carrier,
        tracking_number=code,
        status=status_of(word, more),
        sequence=0,
        occurred_at=at,
        note=_note(word, more, "", {}),
        raw=raw_of(tracker),
    )


def _refunded(
    settings: EasyPostSettings, event: Document, refund: Document
) -> ParcelScan | None:
    code = text(refund, "tracking_code")
    at = instant(refund, "updated_at", "created_at") or instant(event, "created_at")
    if not code or at is None or text(refund, "status") != "refunded":
        return None
    return ParcelScan(
        event_id=content_id(code, "refunded", text(refund, "id")),
        carrier=carrier_of(settings, text(refund, "carrier")),
        tracking_number=code,
        status=ParcelStatus.VOIDED,
        sequence=0,
        occurred_at=at,
        note="refunded",
        raw=raw_of(refund),
    )


def _note(word: str, more: str, message: str, detail: Document) -> str:
    """Say what happened and in which town; never a street or a signature."""
    said = message or more or word
    town = text(child(detail, "tracking_location"), "city")
    kind = "" if word.lower() in STATUSES or not word else f" [{word}]"
    return f"{said}{kind}{f' ({town})' if town else ''}"[:200]
