"""A freight carrier that takes 204 and answers 997, 990 and 214."""

from datetime import datetime

from connectors.optional import OptionalTransport
from connectors.ports import Ability, Capabilities, Idempotency
from connectors.x12 import loads
from connectors.x12.facts import Fact, facts_after, problem
from connectors.x12.ledger import Record
from connectors.x12.load_tender import LoadTender, tender_document
from connectors.x12.mapping import event_id
from connectors.x12.outbox import ACCEPTED
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

_PAGE = 500
_LOADS, _CANCEL = "loads", "/cancel"
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
            self._outbox.post(document, f"{reference}{_CANCEL}", now)
        return TenderCancel.REQUESTED

    def _updates(self, cursor: str) -> LoadUpdates:
        self._collect()
        updates: list[LoadUpdate] = []
        problems: list[str] = []
        found = list(facts_after(self._ledger.facts, cursor, _PAGE + 1))
        for _, fact in found[:_PAGE]:
            if fact["kind"] == "problem":
                problems.append(str(fact["text"]))
            elif fact["kind"] == "update":
                update = LoadUpdate.model_validate(fact["update"])
                raw = str(fact.get("raw", ""))
                updates.append(update.model_copy(update={"raw": raw}))
            else:
                self._answered(fact, updates, problems)
        return LoadUpdates(
            updates=tuple(updates),
            cursor=found[:_PAGE][-1][0] if found else cursor,
            more=len(found) > _PAGE,
            problems=tuple(problems),
        )

    def _answered(
        self, fact: Fact, updates: list[LoadUpdate], problems: list[str]
    ) -> None:
        """Tell what a 997 of ours means: read, or refused unread."""
        posted = str(fact["reference"])
        reference = posted.removesuffix(_CANCEL)
        canceling = reference != posted
        known = self._ledger.read(_LOADS, reference)
        refused = fact["answer"] not in ACCEPTED
        why = "; ".join(map(str, fact["complaints"]))
        if refused:
            what = "the cancellation of " if canceling else ""
            problems.append(
                f"204 {what}{reference} was refused ({fact['answer']}): "
                f"{why or 'no reason given'}"
            )
        agreed = self._settings.canceled_once_acknowledged
        if known is None or (canceling and (refused or not agreed)):
            return
        event = LoadEvent.REJECTED_UNREAD if refused else LoadEvent.RECEIVED
        event = LoadEvent.CANCELLED if canceling else event
        at = datetime.fromisoformat(str(fact["at"]))
        updates.append(
            LoadUpdate(
                event_id=event_id(reference, event, fact["control"]),
                carrier=CarrierId(known["carrier"]),
                reference=reference,
                event=event,
                occurred_at=at,
                note=why,
            )
        )

    def _known(self, carrier: CarrierId, reference: str) -> Record | None:
        known = self._ledger.read(_LOADS, reference)
        if known is None or known["carrier"] != carrier:
            return None
        return known if self._outbox.find("204", reference) else None

    def _standing(self, known: Record) -> Tendered:
        reference = str(known["reference"])
        posted = self._outbox.find("204", reference)
        undone = self._outbox.find("204", f"{reference}{_CANCEL}")
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
