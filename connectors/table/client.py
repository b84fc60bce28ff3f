"""A carrier that is a table: it always answers, and remembers nothing.

For one's own vans, for what no interface sells, and for the day on which a
carrier's interface is away. Everything follows from the reference, so that
asking twice is asking once.
"""

from datetime import timedelta

from connectors.connection import Connection, RealTime, settings_of
from connectors.optional import OptionalCarrier
from connectors.ports import Ability, Capabilities, Idempotency
from connectors.table import mapping
from connectors.table.settings import TableService, TableSettings
from domain.errors import InvalidRequest, NotFound
from domain.quantities import CarrierId, ServiceId
from domain.shipping import (
    Booking,
    BookParcel,
    Document,
    ParcelScan,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.wire import raw_of

ZPL = "application/zpl"
SEPARATOR = "::"


class TableCarrier(OptionalCarrier):
    """Prices by a table, and labels of our own.

    Nobody is told of a booking: what a label costs is owed once it is scanned,
    so that voiding is always possible and finding is never needed.
    """

    def __init__(self, settings: TableSettings) -> None:
        self._settings = settings

    def capabilities(self) -> Capabilities:
        return Capabilities(
            idempotency=Idempotency.KEY_HEADER,
            abilities=frozenset(
                {Ability.RATE_SHOP, Ability.VOID, Ability.DOCUMENT, Ability.TRACK}
            ),
            transit_percentiles=(50, 90),
        )

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        """Price every service asked for that the table has and that goes there."""
        hazmat = request.hazmat or any(piece.hazmat for piece in request.pieces)
        found = []
        for name in request.services:
            service = self._settings.services.get(name)
            if service is None:
                continue
            if not mapping.serves(service, request.ship_to, hazmat=hazmat):
                continue
            reach = mapping.reach_of(service, request.ship_from, request.ship_to)
            cents = mapping.price_cents(
                service,
                reach,
                request.pieces,
                residential=request.residential,
                signature=request.signature,
                hazmat=hazmat,
            )
            found.append(
                Quote(
                    id=f"table/{name}",
                    service=name,
                    carrier=service.carrier,
                    total_cents=cents,
                    p50_at=request.ready_at + timedelta(hours=reach.p50_h),
                    p90_at=request.ready_at + timedelta(hours=reach.p90_h),
                    expires_at=request.ready_at + mapping.HOLDS,
                    raw=raw_of(reach.model_dump(mode="json")),
                )
            )
        return tuple(found)

    async def book(self, parcel: BookParcel) -> Booking:
        """Make a label's number of our own; the same reference, the same one."""
        service = self._service(parcel.service)
        hazmat = parcel.hazmat or any(piece.hazmat for piece in parcel.pieces)
        if not mapping.serves(service, parcel.ship_to, hazmat=hazmat):
            what = "hazmat" if hazmat else f"country {parcel.ship_to.country}"
            msg = f"service: the table's {parcel.service!r} does not carry {what}"
            raise InvalidRequest(msg)
        reach = mapping.reach_of(service, parcel.ship_from, parcel.ship_to)
        return Booking(
            id=f"{parcel.service}{SEPARATOR}{parcel.reference}",
            reference=parcel.reference,
            carrier=parcel.carrier,
            service=parcel.service,
            tracking_number=mapping.tracking_number(
                self._settings.prefix, parcel.reference
            ),
            cost_cents=mapping.price_cents(
                service,
                reach,
                parcel.pieces,
                residential=parcel.residential,
                signature=parcel.signature,
                hazmat=hazmat,
            ),
        )

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        """Answer none: what costs nothing until it is scanned need not be found."""
        return ()

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        """Take a label back: nothing is owed for it."""
        ours = SEPARATOR in booking
        return VoidOutcome.VOIDED if ours else VoidOutcome.NEVER_BOOKED

    async def document(self, carrier: CarrierId, booking: str) -> Document:
        """Draw the label."""
        service, found, reference = booking.partition(SEPARATOR)
        if not found:
            msg = f"booking: {booking!r} is none of this table's"
            raise NotFound(msg)
        number = mapping.tracking_number(self._settings.prefix, reference)
        rows = (carrier, service, reference)
        return Document(media_type=ZPL, content=mapping.label(rows, number))

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        """Know nothing: nobody scans for a table; a person says what was delivered."""
        return ()

    def _service(self, name: ServiceId) -> TableService:
        service = self._settings.services.get(name)
        if service is None:
            known = ", ".join(sorted(self._settings.services))
            msg = f"service: {name!r} is not in the table; it has {known}"
            raise InvalidRequest(msg)
        return service


def carrier(connection: Connection, real_time: RealTime) -> TableCarrier:
    """Make a carrier of a connection's table."""
    return TableCarrier(settings_of(TableSettings, connection))
