"""Sees to it that one parcel has one label: finds doubles, voids and counts them."""

import logging
from dataclasses import dataclass, field

from connectors.ports import CarrierAdapter
from domain.errors import InvalidRequest, NotFound, StateConflict, Unsupported
from domain.quantities import CarrierId, Instant
from domain.shipping import Booking, VoidOutcome
from store import doubles
from store.doubles import Double
from store.engine import Store

# A no of the carrier to taking a label back, as far as asking again can tell.
REFUSED = (InvalidRequest, NotFound, StateConflict, Unsupported)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Only:
    """The label that stays, if there is any, and the doubles of it."""

    kept: Booking | None
    doubles: tuple[Double, ...] = field(default=())


async def only_one(
    store: Store,
    adapter: CarrierAdapter,
    carrier: CarrierId,
    reference: str,
    ours: str | None,
    now: Instant,
) -> Only:
    """Find the live labels under a reference and take back all but one.

    Parameters
    ----------
    ours
        The booking that is known of and stays, if it is live; else the oldest.
    now
        When the doubles count as found.

    Raises
    ------
    ConnectorError
        Where the carrier could not be asked; what it refuses for good is
        counted as refused, since money is owed for it.
    """
    found = await adapter.find_bookings(carrier, reference)
    live = [booking for booking in found if not booking.voided]
    if not live:
        return Only(None)
    kept = next((booking for booking in live if booking.id == ours), live[0])
    extra = [booking for booking in live if booking.id != kept.id]
    taken_back = []
    for booking in extra:
        outcome = await _void(adapter, carrier, booking.id)
        double = Double(
            carrier=carrier,
            booking_id=booking.id,
            reference=reference,
            outcome=outcome,
            found_at=now,
        )
        with store.writing() as session:
            doubles.note(session, double)
        _log.warning("double booking %s: %s", double.booking_id, outcome.value)
        taken_back.append(double)
    return Only(kept, tuple(taken_back))


async def _void(
    adapter: CarrierAdapter, carrier: CarrierId, booking: str
) -> VoidOutcome:
    try:
        return await adapter.void(carrier, booking)
    except REFUSED:
        return VoidOutcome.REFUSED
