"""Goes through the parcels on their way for second labels, and takes them back.

A carrier that does not answer keeps nobody else's doubles waiting: it is named
in what is told, and asked again at the next run.
"""

from dataclasses import dataclass, field

from activities.doubles import ask_again, only_one
from activities.retrying import KEYLESS
from connectors.ports import Ability
from domain.errors import ConnectorError
from domain.order import FINAL, Order
from domain.plan import Parcel
from domain.shipping import ParcelStatus
from lanewise.reconciling import ALL, labels_itself, parcels_of
from lanewise.wiring import Rooms
from store import doubles, orders, parcels
from store.doubles import Double
from workflows import names


@dataclass
class Sweep:
    """The doubles that were found or asked for again, and what each came to.

    ``unanswered`` says by reference why a carrier could not be asked.
    """

    doubles: list[Double] = field(default_factory=list)
    unanswered: dict[str, str] = field(default_factory=dict)


async def void_doubles(rooms: Rooms) -> Sweep:
    """Take back every second label of a booked parcel that has not left.

    Only carriers that cannot tell a repeated order are asked; one that cannot
    be searched either is left out. A parcel whose booking is not kept yet is
    its workflow's own to look after. Doubles for which money may be owed are
    asked for again, also where their order has ended.
    """
    with rooms.store.reading() as session:
        listed = orders.listing(session, limit=ALL)
        owed = doubles.owed(session, ALL)
    sweep = Sweep()
    for stored in listed:
        if stored.status in FINAL:
            continue
        for key, _, parcel in parcels_of(rooms, stored.order.id):
            try:
                await _look(rooms, stored.order, key, parcel, sweep)
            except ConnectorError as error:
                sweep.unanswered[key] = str(error)
    seen = {(double.carrier, double.booking_id) for double in sweep.doubles}
    for double in owed:
        if (double.carrier, double.booking_id) not in seen:
            await _ask_again(rooms, double, sweep)
    return sweep


async def _look(
    rooms: Rooms, order: Order, key: str, parcel: Parcel, sweep: Sweep
) -> None:
    """Look for doubles of one parcel."""
    with rooms.store.reading() as session:
        known = parcels.get(session, names.parcel_of(key))
    if known is None or known.status is not ParcelStatus.BOOKED:
        return
    offered = rooms.registry.transport(parcel.carrier, parcel.fc, order.ship_to)
    if offered is not None or labels_itself(rooms, parcel):
        return
    adapter = rooms.registry.carrier(parcel.carrier, parcel.fc, order.ship_to)
    can = adapter.capabilities()
    if can.idempotency not in KEYLESS or not can.can(Ability.FIND_BOOKINGS):
        return
    now, ours = await rooms.clock.now(), known.booking_id
    only = await only_one(rooms.store, adapter, parcel.carrier, key, ours, now)
    sweep.doubles += only.doubles
    if only.failure is not None:
        sweep.unanswered[key] = str(only.failure)


async def _ask_again(rooms: Rooms, double: Double, sweep: Sweep) -> None:
    """Ask for one double that is owed, through whoever reaches its carrier."""
    parcel_id = names.parcel_of(double.reference)
    with rooms.store.reading() as session:
        known = parcels.get(session, parcel_id)
        stored = orders.get(session, known.order_id) if known else None
    fc = known.fc if known else None
    to = stored.order.ship_to if stored else None
    try:
        adapter = rooms.registry.carrier(double.carrier, fc, to)
        sweep.doubles.append(await ask_again(rooms.store, adapter, double))
    except ConnectorError as error:
        sweep.unanswered[double.reference] = str(error)
