"""A freight carrier that takes 204 and answers 997, 990 and 214."""

from datetime import datetime

from connectors.optional import OptionalTransport
from connectors.ports import Ability, Capabilities, Idempotency
from connectors.x12 import loads
from connectors.x12.facts import Fact, problem
from connectors.x12.ledger import Record
from connectors.x12.load_tender import LoadTender, tender_document
from connectors.x12.mapping import event_id
from connectors.x12.outbox import ACCEPTED
from connectors.x12.pages import Answered, Telling, canceling
from connectors.x12.partner import Partner, done, looked_up
from connectors.x12.reading import Received
from connectors.x12.shipment_status import ShipmentStatus
from connectors.x12.tender_response import TenderResponse
from domain.errors import StateConflict
from domain.quantities import CarrierId
from domain.transport import (
    LoadEvent,
    LoadUpdate,
    LoadUpdates,
    TenderCancel,
    Tendered,
    TenderLoad,
    TenderStatus,
)

_LOADS = "loads"
_STANDING = {
    LoadEvent.ACCEPTED: TenderStatus.ACCEPTED,
    LoadEvent.DECLINED: TenderStatus.DECLINED,
    LoadEvent.CANCELLED: TenderStatus.CANCELLED,
}
_UNDER_WAY = frozenset(
    {
        LoadEvent.PICKED_UP,
        LoadEvent.IN_TRANSIT,
        LoadEvent.ARRIVED_AT_DELIVERY,
        LoadEvent.DELIVERED,
    }
)


_OVER = frozenset({TenderStatus.CANCELLED, TenderStatus.DECLINED})


class X12Transport(OptionalTransport):
    """What a 204/990/214 partner can do, in the words of the transport port.

    Our own records are the only look-up there is. Every method reads what has
    arrived before it answers.
    """

    def __init__(self, partner: Partner) -> None:
        self._partner = partner
        self._settings = partner.settings
        self._ledger = partner.ledger
        self._outbox = partner.outbox

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return Capabilities(
            idempotency=Idempotency.UNIQUE_REFERENCE,
            abilities=frozenset({Ability.FIND_TENDER, Ability.CANCEL_TENDER}),
            answers_within_m=self._settings.answers_within_m,
        )

    async def tender(self, load: TenderLoad) -> Tendered:
        """Send a 204; sent before under this reference, it answers where it stands."""
        return await done(self._tender, load)

    async def find(self, carrier: CarrierId, reference: str) -> Tendered | None:
        """Look up what was offered under a reference, and where it stands."""
        return await looked_up(self._find, carrier, reference)

    async def cancel(self, carrier: CarrierId, reference: str) -> TenderCancel:
        """Send a canceling 204: a request, until the carrier confirms it."""
        return await done(self._cancel, carrier, reference)

    async def updates(self, cursor: str | None) -> LoadUpdates:
        """List what 997s, 990s and 214s told since a cursor, at most 500."""
        return await looked_up(self._updates, cursor or "")

    def _tender(self, load: TenderLoad) -> Tendered:
        self._collect()
        tender = loads.load_tender(load, self._settings)
        document = tender_document(tender, self._settings.zone)
        content = event_id(tender.model_dump(mode="json"))
        with self._ledger.locked():
            known = self._ledger.read(_LOADS, load.reference)
            if known is not None and known["content"] != content:
                msg = f"reference {load.reference!r}: offered before, and otherwise"
                raise StateConflict(msg)
            self._outbox.check(document)
            if known is None:
                known = {
                    **{"key": load.key, "reference": load.reference},
                    **{"carrier": load.carrier, "content": content},
                    "tender": tender.model_dump(mode="json"),
                }
                self._ledger.write(_LOADS, load.reference, known)
            self._outbox.post(document, load.reference, self._partner.real_time())
        return self._standing(known)

    def _find(self, carrier: CarrierId, reference: str) -> Tendered | None:
        self._collect()
        known = self._known(carrier, reference)
        return self._standing(known) if known else None

    def _cancel(self, carrier: CarrierId, reference: str) -> TenderCancel:
        self._collect()
        known = self._known(carrier, reference)
        if known is None:
            return TenderCancel.NEVER_TENDERED
        if known.get("under_way"):
            return TenderCancel.TOO_LATE
        if self._standing(known).status in _OVER:
            return TenderCancel.CANCELLED
        tender = loads.cancellation(LoadTender.model_validate(known["tender"]))
        document = tender_document(tender, self._settings.zone)
        with self._ledger.locked():
            now = self._partner.real_time()
            self._outbox.post(document, canceling(reference), now)
        return TenderCancel.REQUESTED

    def _updates(self, cursor: str) -> LoadUpdates:
        self._collect()
        telling = Telling("update", LoadUpdate, "204", self._meaning)
        page = telling.page(self._ledger.facts, cursor)
        return LoadUpdates(
            updates=page.told,
            cursor=page.cursor,
            more=page.more,
            problems=page.problems,
        )

    def _meaning(self, told: Answered) -> LoadUpdate | None:
        """Tell what a 997 of ours means: read, or refused unread."""
        known = self._ledger.read(_LOADS, told.reference)
        agreed = self._settings.canceled_once_acknowledged
        if known is None or (told.canceling and (told.refused or not agreed)):
            return None
        event = LoadEvent.REJECTED_UNREAD if told.refused else LoadEvent.RECEIVED
        event = LoadEvent.CANCELLED if told.canceling else event
        return LoadUpdate(
            event_id=event_id(told.reference, event, told.control),
            carrier=CarrierId(known["carrier"]),
            reference=told.reference,
            event=event,
            occurred_at=told.at,
            note=told.why,
        )

    def _known(self, carrier: CarrierId, reference: str) -> Record | None:
        known = self._ledger.read(_LOADS, reference)
        if known is None or known["carrier"] != carrier:
            return None
        return known if self._outbox.find("204", reference) else None

    def _standing(self, known: Record) -> Tendered:
        reference = str(known["reference"])
        posted = self._outbox.find("204", reference)
        undone = self._outbox.find("204", canceling(reference))
        status = TenderStatus(known.get("status", TenderStatus.SENT))
        reason = str(known.get("reason", ""))
        if status is TenderStatus.SENT and posted is not None and posted.answer:
            status = TenderStatus.DECLINED if posted.refused else TenderStatus.RECEIVED
            reason = "; ".join(posted.complaints) if posted.refused else ""
        agreed = self._settings.canceled_once_acknowledged
        if agreed and undone is not None and undone.answer in ACCEPTED:
            status = TenderStatus.CANCELLED
        at = known.get("at")
        return Tendered(
            reference=reference,
            carrier=CarrierId(known["carrier"]),
            status=status,
            carrier_reference=str(known.get("carrier_reference", "")),
            reason=reason,
            at=datetime.fromisoformat(at) if at else (posted.at if posted else None),
        )

    def _collect(self) -> None:
        self._partner.collect(self._take, "990", "214")

    def _take(self, received: Received) -> tuple[Fact, ...]:
        """Keep what a 990 or a 214 says of a load of ours."""
        document = received.document
        assert isinstance(document, TenderResponse | ShipmentStatus)
        known = self._ledger.read(_LOADS, document.shipment_id)
        if known is None:
            text = f"{received.verdict.id} for {document.shipment_id!r}, never offered"
            return (problem(text),)
        carrier = CarrierId(known["carrier"])
        response = isinstance(document, TenderResponse)
        updates = (
            (loads.answered(document, carrier, received.told_at),)
            if isinstance(document, TenderResponse)
            else loads.reported(document, carrier, received.told_at)
        )
        for update in updates:
            known |= _outcome(update, response=response)
        self._ledger.write(_LOADS, document.shipment_id, known)
        return tuple(
            {
                "kind": "update",
                "update": update.model_dump(mode="json"),
                "raw": received.raw,
            }
            for update in updates
        )


def _outcome(update: LoadUpdate, *, response: bool) -> Record:
    """Return what an update means for our record of a load."""
    changed: Record = {}
    if update.carrier_reference:
        changed["carrier_reference"] = update.carrier_reference
    if update.event in _UNDER_WAY:
        changed["under_way"] = True
    # A response that is neither yes nor no leaves the offer open to doubt.
    doubt = TenderStatus.UNKNOWN if response else None
    status = _STANDING.get(update.event, doubt)
    if status is not None:
        changed |= {"status": status.value, "reason": update.note}
        changed["at"] = update.occurred_at.isoformat()
    return changed
