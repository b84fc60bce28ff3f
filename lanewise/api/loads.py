"""What a freight carrier tells of a load: an answer to our offer, or a scan."""

from types import MappingProxyType

from domain.shipping import ParcelScan, ParcelStatus
from domain.transport import LoadEvent, LoadUpdate

# What an order waits for; the rest is the load's journey.
ANSWERS = frozenset(
    {
        LoadEvent.ACCEPTED,
        LoadEvent.DECLINED,
        LoadEvent.REJECTED_UNREAD,
        LoadEvent.CANCELLED,
    }
)

_SCANNED = MappingProxyType(
    {
        LoadEvent.ARRIVED_AT_PICKUP: ParcelStatus.BOOKED,
        LoadEvent.PICKED_UP: ParcelStatus.HANDED_OVER,
        LoadEvent.IN_TRANSIT: ParcelStatus.IN_TRANSIT,
        LoadEvent.ARRIVED_AT_DELIVERY: ParcelStatus.OUT_FOR_DELIVERY,
        LoadEvent.DELIVERED: ParcelStatus.DELIVERED,
        LoadEvent.DELAYED: ParcelStatus.EXCEPTION,
        LoadEvent.EXCEPTION: ParcelStatus.EXCEPTION,
    }
)


def scan_of(update: LoadUpdate) -> ParcelScan:
    """Read an update as a scan of the parcel that the load is."""
    expected = update.expected_at
    note = f"{update.note}; expected {expected:%a %d %b %H:%M}Z" if expected else ""
    return ParcelScan(
        event_id=update.event_id,
        carrier=update.carrier,
        tracking_number=update.reference,
        status=_SCANNED.get(update.event, ParcelStatus.UNKNOWN),
        sequence=0,
        occurred_at=update.occurred_at,
        note=note or update.note,
        raw=update.raw,
    )
