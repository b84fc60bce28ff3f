"""Sees to it that one parcel has one label: finds doubles, voids and counts them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.ports import CarrierAdapter
from domain.errors import (
    ConnectorError,
    InvalidRequest,
    NotFound,
    StateConflict,
    Unsupported,
)
from domain.quantities import CarrierId, Instant
from domain.shipping import Booking, VoidOutcome
from store import doubles
from store.doubles import Double
from store.engine import Store

# A no of the carrier to taking a label back, as far as asking again can tell.
REFUSED = (InvalidRequest, NotFound, StateConflict, Unsupported)
# What became of several labels is what became of the worst of them.
_WORST = (
    VoidOutcome.UNANSWERED,
    VoidOutcome.TOO_LATE,
    VoidOutcome.REFUSED,
    VoidOutcome.EXPIRED,
    VoidOutcome.REQUESTED,
    VoidOutcome.VOIDED,
    VoidOutcome.NEVER_BOOKED,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Only:
    """The label that stays, if there is any, and the doubles of it.

    ``failure`` is what kept the carrier from answering for one of them.
    """

    kept: Booking | None
    doubles: tuple[Double, ...] = field(default=())
    failure: ConnectorError | None = None


async def only_one(
    store: Store,
    adapter: CarrierAdapter,
    carrier: CarrierId,
    reference: str,
    ours: str | None,
    now: Instant,
) -> Only:
    """Find the live labels under a reference and take back all but one.

    Every double is tried and noted, also where the carrier fails on another:
    what it did not answer stands as unanswered, what it refuses for good as
    refused, since money is owed for both.

    Parameters
    ----------
    ours
        The booking that is known of and stays, if it is live; else the oldest.
    now
        When the doubles count as found.

    Raises
    ------
    ConnectorError
        Where the carrier could not be asked what there is.
    """
    found = await adapter.find_bookings(carrier, reference)
    live = [booking for booking in found if not booking.voided]
    _settle(store, carrier, [booking for booking in found if booking.voided])
    if not live:
        return Only(None)
    kept = next((booking for booking in live if booking.id == ours), live[0])
    taken_back: list[Double] = []
    failure = None
    for booking in live:
        if booking.id == kept.id:
            continue
        outcome, failed = await _void(adapter, carrier, booking.id)
        failure = failure or failed
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
    return Only(kept, tuple(taken_back), failure)


async def void_all(
    store: Store, adapter: CarrierAdapter, carrier: CarrierId, reference: str
) -> VoidOutcome:
    """Take back every label under a reference, one after the other.

    Returns
    -------
    VoidOutcome
        The worst of what became of them; voided where all were already.

    Raises
    ------
    ConnectorError
        The first failure, once all the others were tried.
    """
    found = await adapter.find_bookings(carrier, reference)
    if not found:
        return VoidOutcome.NEVER_BOOKED
    # Voided already: by an attempt whose answer was lost.
    outcomes = [VoidOutcome.VOIDED]
    failure: ConnectorError | None = None
    for booking in found:
        if booking.voided:
            continue
        try:
            outcome = await adapter.void(carrier, booking.id)
        except ConnectorError as error:
            failure = failure or error
            continue
        outcomes.append(outcome)
        with store.writing() as session:
            doubles.settle(session, carrier, booking.id, outcome)
    if failure is not None:
        raise failure
    return min(outcomes, key=_WORST.index)


async def ask_again(store: Store, adapter: CarrierAdapter, double: Double) -> Double:
    """Ask once more for a double that may cost money, whatever became of its order.

    Raises
    ------
    ConnectorError
        Where the carrier cannot be asked, or does not answer again.
    """
    found = await adapter.find_bookings(double.carrier, double.reference)
    same = next((one for one in found if one.id == double.booking_id), None)
    if same is None:
        # It is not listed; the carrier still knows the booking by its id.
        outcome, failure = await _void(adapter, double.carrier, double.booking_id)
    elif same.voided:
        outcome, failure = VoidOutcome.VOIDED, None
    else:
        outcome, failure = await _void(adapter, double.carrier, same.id)
    if failure is not None:
        raise failure
    with store.writing() as session:
        doubles.settle(session, double.carrier, double.booking_id, outcome)
    return double.model_copy(update={"outcome": outcome})


def _settle(store: Store, carrier: CarrierId, voided: Sequence[Booking]) -> None:
    """Note that what was only requested once is voided by now."""
    if not voided:
        return
    with store.writing() as session:
        for booking in voided:
            doubles.settle(session, carrier, booking.id, VoidOutcome.VOIDED)


async def _void(
    adapter: CarrierAdapter, carrier: CarrierId, booking: str
) -> tuple[VoidOutcome, ConnectorError | None]:
    try:
        return await adapter.void(carrier, booking), None
    except REFUSED:
        return VoidOutcome.REFUSED, None
    except ConnectorError as error:
        return VoidOutcome.UNANSWERED, error
