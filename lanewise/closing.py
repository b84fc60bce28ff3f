"""Closes days: one form per carrier, center and day for all that is collected.

What stands on a form already is not put on another: a second run tells what
there is, and makes a further form for labels that came since. A run whose
answer was lost asks the carrier for its form before it makes one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from connectors.ports import Ability, CarrierAdapter
from domain.errors import ConnectorError, Unsupported
from domain.network import FulfillmentCenter, Network, ServiceMode
from domain.order import OrderStatus
from domain.plan import Parcel
from domain.quantities import CarrierId, FcId, Place
from domain.shipping import CloseOut, Document, Manifest, ParcelStatus
from lanewise.reconciling import ALL, labels_itself, parcels_of
from lanewise.wiring import Rooms
from store import manifests, network, orders, parcels
from store.manifests import KeptManifest
from workflows import names

# Orders whose parcels a floor has, or had.
_OUT = (OrderStatus.RELEASED, OrderStatus.HANDED_OVER)
# A parcel with such a status is on no truck of today's.
_GONE = (ParcelStatus.VOIDED, ParcelStatus.RETURNED, ParcelStatus.LOST)


@dataclass(frozen=True)
class Due:
    """The labels that a carrier collects from a center on a day."""

    fc: FcId
    carrier: CarrierId
    connection: str
    day: date
    ship_from: Place
    bookings: tuple[str, ...]


@dataclass
class Closed:
    """What became of one carrier's day at a center.

    ``forms`` are all of that day, ``made`` those of this run; ``waiting`` are
    labels on no form yet, and ``failed`` is why.
    """

    due: Due
    forms: list[Manifest] = field(default_factory=list)
    made: list[Manifest] = field(default_factory=list)
    waiting: tuple[str, ...] = ()
    failed: str = ""

    @property
    def needs_none(self) -> bool:
        """Tell whether this carrier knows no forms: it collects without."""
        return not (self.forms or self.waiting)


async def due_on(
    rooms: Rooms,
    day: date | None,
    fcs: Collection[FcId] = (),
    carriers: Collection[CarrierId] = (),
) -> tuple[Due, ...]:
    """List what is to be closed, by center and carrier.

    Parameters
    ----------
    day
        The day of collection by each center's own calendar; None: today.
    fcs, carriers
        Only these; all where empty.
    """
    now = await rooms.clock.now()
    found: dict[tuple[FcId, CarrierId, str, date], list[str]] = {}
    places: dict[FcId, Place] = {}
    for center, parcel, booking, to in _labelled(rooms):
        today = center.local_day(now) if day is None else day
        wanted = (not fcs or center.id in fcs) and (
            not carriers or parcel.carrier in carriers
        )
        if not wanted or center.local_day(parcel.hand_over_at) != today:
            continue
        name = rooms.registry.routes.carrier(parcel.carrier, center.id, to)
        if name is not None:
            places[center.id] = center.place
            group = (center.id, parcel.carrier, name, today)
            found.setdefault(group, []).append(booking)
    return tuple(
        Due(fc, carrier, name, on, places[fc], tuple(sorted(bookings)))
        for (fc, carrier, name, on), bookings in sorted(found.items())
    )


async def close(rooms: Rooms, due: Due) -> Closed:
    """Close one day, or tell that it is closed; a failure is told, not raised."""
    closed = Closed(due)
    adapter = rooms.registry.carriers[due.connection]
    if not adapter.capabilities().can(Ability.CLOSE_OUT):
        return closed
    with rooms.store.reading() as session:
        kept = manifests.of_day(session, due.fc, due.carrier, due.day)
    settled = [one for one in kept if not one.manifest.pending]
    closed.forms = [one.manifest for one in settled]
    known: set[str] = set().union(*(one.bookings for one in settled))
    closed.waiting = tuple(one for one in due.bookings if one not in known)
    if not closed.waiting:
        return closed
    key = f"close/{due.day}/{due.fc}/{due.carrier}/{due.connection}/{len(settled) + 1}"
    try:
        manifest = await _form(adapter, due, key, closed.waiting)
    except ConnectorError as error:
        closed.failed = str(error)
        return closed
    now = await rooms.clock.now()
    _keep(rooms, due, manifest, now)
    closed.forms.append(manifest)
    closed.made.append(manifest)
    answered = {*manifest.bookings, *manifest.left_out}
    closed.waiting = tuple(one for one in closed.waiting if one not in answered)
    return closed


async def _form(
    adapter: CarrierAdapter, due: Due, key: str, bookings: tuple[str, ...]
) -> Manifest:
    """Return the form under a key, made now unless an earlier run made it."""
    try:
        found = await adapter.find_manifest(due.carrier, key)
    except Unsupported:
        # Such a carrier answers the same labels with the form they stand on.
        found = None
    if found is not None:
        return found
    return await adapter.close_out(
        CloseOut(
            key=key,
            carrier=due.carrier,
            fc=due.fc,
            bookings=bookings,
            ship_from=due.ship_from,
        )
    )


def _keep(rooms: Rooms, due: Due, manifest: Manifest, now: datetime) -> None:
    kept = KeptManifest(fc=due.fc, day=due.day, manifest=manifest, closed_at=now)
    with rooms.store.writing() as session:
        manifests.keep(session, kept)


def _labelled(
    rooms: Rooms,
) -> Iterator[tuple[FulfillmentCenter, Parcel, str, Place]]:
    """Go through the labels on parcels that a floor has or had."""
    with rooms.store.reading() as session:
        listed = [one for s in _OUT for one in orders.listing(session, s, ALL)]
        published: Network | None = network.active(session)
    if published is None:
        return
    for stored in listed:
        for key, _, parcel in parcels_of(rooms, stored.order.id):
            with rooms.store.reading() as session:
                known = parcels.get(session, names.parcel_of(key))
            to = stored.order.ship_to
            if known is None or known.status in _GONE or _elsewhere(rooms, parcel, to):
                continue
            yield published.center(parcel.fc), parcel, known.booking_id, to


def _elsewhere(rooms: Rooms, parcel: Parcel, to: Place) -> bool:
    """Tell whether no carrier's label was bought: collected, its own, or freight."""
    return (
        parcel.mode is ServiceMode.PICKUP
        or labels_itself(rooms, parcel)
        or rooms.registry.transport(parcel.carrier, parcel.fc, to) is not None
    )


def picture_name(due: Due, number: int, document: Document) -> str:
    """Return the name of the file a form's picture is saved as."""
    kind = document.media_type.rpartition("/")[2].partition("+")[0] or "bin"
    name = f"{due.day}-{due.fc}-{due.carrier}-{number}.{kind}"
    return "".join(c if c.isalnum() or c in "-._" else "-" for c in name)
