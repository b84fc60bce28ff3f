"""What Karrio says of parcels on their way, in our words; pure."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from connectors.content import content_id
from connectors.karrio.reading import Said, parsed, read_as
from connectors.karrio.settings import KarrioSettings
from domain.quantities import Value
from domain.shipping import ParcelScan, ParcelStatus
from domain.wire import raw_of

STATUSES = {
    "picked_up": ParcelStatus.HANDED_OVER,
    "in_transit": ParcelStatus.IN_TRANSIT,
    "ready_for_pickup": ParcelStatus.IN_TRANSIT,
    "out_for_delivery": ParcelStatus.OUT_FOR_DELIVERY,
    "delivered": ParcelStatus.DELIVERED,
    "on_hold": ParcelStatus.EXCEPTION,
    "delivery_delayed": ParcelStatus.EXCEPTION,
    "delivery_failed": ParcelStatus.EXCEPTION,
    "return_to_sender": ParcelStatus.RETURNED,
    "cancelled": ParcelStatus.VOIDED,
}
LOST = "carrier_parcel_lost"
# A label exists, which we know: no carrier has seen the parcel yet. The server
# also says `created`, which its contract does not have.
ONLY_A_LABEL = frozenset({"pending", "created"})
# Some carriers' days come as they are.
AMERICAN_DAY = "%m/%d/%Y"
CLOCKS = ("%H:%M", "%I:%M %p", "%H:%M:%S", "%I:%M:%S %p")


class _Event(Value):
    date: Said = ""
    time: Said = ""
    timestamp: Said = ""
    status: Said = ""
    code: Said = ""
    reason: Said = ""
    description: Said = ""
    location: Said = ""


class _Tracker(Value):
    tracking_number: Annotated[str, Field(min_length=1)]
    carrier_id: Said = ""
    carrier_name: Said = ""
    status: Said = ""
    delivered: bool | None = None
    events: tuple[dict[str, Any], ...] | None = None


def parse_tracker(settings: KarrioSettings, document: Any) -> tuple[ParcelScan, ...]:
    """Read what is known of a parcel, oldest first.

    An event without a status of its own has the tracker's if it is the newest.
    Events without a date cannot be put in order and are left out, and so are
    those that only say that there is a label.
    """
    tracker = read_as(_Tracker, document, document)
    dated = [
        (at, event, item)
        # Karrio lists the newest first.
        for item in reversed(tracker.events or ())
        for event in (read_as(_Event, item, document),)
        if (at := _instant(event, document)) is not None
    ]
    dated.sort(key=lambda known: known[0])
    newest = len(dated) - 1
    carrier = settings.carrier(tracker.carrier_id or tracker.carrier_name)
    scans = []
    for n, (at, event, item) in enumerate(dated):
        word = event.status or (_overall(tracker) if n == newest else "")
        if word in ONLY_A_LABEL:
            continue
        status = STATUSES.get(word, ParcelStatus.UNKNOWN)
        if event.reason == LOST:
            status = ParcelStatus.LOST
        number, what = tracker.tracking_number, event.description
        scans.append(
            ParcelScan(
                event_id=content_id(carrier, number, status, at, event.code, what),
                carrier=carrier,
                tracking_number=number,
                status=status,
                sequence=0,
                occurred_at=at,
                note=", ".join(part for part in (what, event.location) if part)[:200],
                raw=raw_of(item),
            )
        )
    return tuple(scans)


def _overall(tracker: _Tracker) -> str:
    return "delivered" if tracker.delivered else tracker.status


def _instant(event: _Event, source: Any) -> datetime | None:
    """Return when an event happened; a clock without a zone is taken for UTC."""
    if event.timestamp:
        return parsed(event.timestamp, "timestamp", source)
    if not event.date:
        return None
    day = _day(event.date, source)
    for form in CLOCKS if event.time else ():
        try:
            clock = datetime.strptime(event.time.strip(), form).time()  # noqa: DTZ007
        except ValueError:
            continue
        return datetime.combine(day.date(), clock, UTC)
    return day


def _day(text: str, source: Any) -> datetime:
    try:
        return datetime.strptime(text.strip(), AMERICAN_DAY).replace(tzinfo=UTC)
    except ValueError:
        return parsed(text, "date", source)
