"""A warehouse that takes 940 and answers 997 and 945."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.optional import OptionalWarehouse
from connectors.ports import Ability, Capabilities, Idempotency
from connectors.x12 import mapping
from connectors.x12.facts import Fact, problem
from connectors.x12.ledger import Record
from connectors.x12.outbox import ACCEPTED, Posted
from connectors.x12.pages import Answered, Telling, canceling
from connectors.x12.partner import Partner, done, looked_up
from connectors.x12.reading import Received
from connectors.x12.shipping_advice import ShippingAdvice
from connectors.x12.shipping_order import order_document
from domain.errors import StateConflict, Unsupported
from domain.quantities import FcId, ParcelId, SkuId
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    StockReport,
    WarehouseChanges,
    WarehouseNotice,
    WarehouseOrder,
    WorkStatus,
)

_ORDERS, _KEYS = "orders", "keys"
_DONE = frozenset({WorkStatus.SHIPPED, WorkStatus.CANCELLED})


class X12Warehouse(OptionalWarehouse):
    """What a 940/945 partner can do, in the words of the warehouse port.

    Our own records are the only look-up there is: what was sent, what the
    partner acknowledged, and what it said it shipped. Every method reads what
    has arrived before it answers.
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
            abilities=frozenset(
                {Ability.FIND_ORDER, Ability.CANCEL_ORDER, Ability.CHANGES}
            ),
            physical_stock=False,
        )

    async def stock(self, fc: FcId, skus: tuple[SkuId, ...] | None) -> StockReport:
        """Refuse: 940 and 945 tell no stock (846 would)."""
        msg = "X12Warehouse does not support stock: no 846 is exchanged"
        raise Unsupported(msg)

    async def release_order(self, order: ReleaseOrder) -> WarehouseOrder:
        """Send a 940; sent before under this key, it answers where it stands."""
        return await done(self._release, order)

    async def find_order(self, fc: FcId, key: str) -> WarehouseOrder | None:
        """Look up what was sent under a key, and where it stands."""
        return await looked_up(self._find, fc, key)

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        """Send a canceling 940: a request, until the warehouse confirms it."""
        return await done(self._cancel, fc, key)

    async def changes(self, cursor: str | None) -> WarehouseChanges:
        """List what 945s and 997s told since a cursor, at most 500 at a time."""
        return await looked_up(self._changes, cursor or "")

    def _release(self, order: ReleaseOrder) -> WarehouseOrder:
        self._collect()
        number = mapping.order_number(order)
        wanted = mapping.summed(order.lines)
        with self._ledger.locked():
            known = self._ledger.read(_ORDERS, number)
            if known is not None and known["lines"] != wanted:
                msg = f"key {order.key!r}: sent before as {number} with other lines"
                raise StateConflict(msg)
            document = order_document(
                mapping.shipping_order(order, self._settings), self._settings.zone
            )
            self._outbox.check(document)
            if known is None:
                known = {
                    **{"key": order.key, "number": number, "fc": order.fc},
                    **{"order_id": order.order_id, "parcel_id": order.parcel_id},
                    **{"lines": wanted, "status": WorkStatus.ACCEPTED.value},
                    "tracking": order.tracking_number,
                }
                self._ledger.write(_ORDERS, number, known)
                self._ledger.write(_KEYS, order.key, {"number": number})
            posted = self._outbox.post(document, number, self._partner.real_time())
        return _order(known, posted)

    def _find(self, fc: FcId, key: str) -> WarehouseOrder | None:
        self._collect()
        known = self._known(fc, key)
        posted = self._outbox.find("940", known["number"]) if known else None
        return _order(known, posted) if known and posted else None

    def _cancel(self, fc: FcId, key: str) -> CancelOutcome:
        self._collect()
        known = self._known(fc, key)
        if known is None or self._outbox.find("940", known["number"]) is None:
            return CancelOutcome.NEVER_RELEASED
        if known["status"] == WorkStatus.SHIPPED:
            return CancelOutcome.TOO_LATE
        if known["status"] == WorkStatus.CANCELLED:
            return CancelOutcome.CANCELLED
        number = str(known["number"])
        order = mapping.cancellation(number, fc, self._settings)
        document = order_document(order, self._settings.zone)
        with self._ledger.locked():
            self._outbox.post(document, canceling(number), self._partner.real_time())
        return CancelOutcome.REQUESTED

    def _changes(self, cursor: str) -> WarehouseChanges:
        self._collect()
        telling = Telling("notice", WarehouseNotice, "940", self._meaning)
        page = telling.page(self._ledger.facts, cursor)
        return WarehouseChanges(
            notices=page.told,
            cursor=page.cursor,
            more=page.more,
            problems=page.problems,
        )

    def _meaning(self, told: Answered) -> WarehouseNotice | None:
        """Tell what a 997 of ours means: a refused 940 is never shipped."""
        known = self._ledger.read(_ORDERS, told.reference)
        agreed = told.canceling and self._settings.canceled_once_acknowledged
        stopped = not told.canceling if told.refused else agreed
        if known is None or not stopped:
            return None
        return mapping.canceled_notice(known, told.at)

    def _known(self, fc: FcId, key: str) -> Record | None:
        name = self._ledger.read(_KEYS, key)
        known = self._ledger.read(_ORDERS, str(name["number"])) if name else None
        if known is None or known["fc"] != fc:
            return None
        return self._standing(known)

    def _standing(self, known: Record) -> Record:
        """Bring a record up to what the partner's 997s say."""
        if known["status"] in _DONE:
            return known
        number = str(known["number"])
        posted = self._outbox.find("940", number)
        undone = self._outbox.find("940", canceling(number))
        agreed = self._settings.canceled_once_acknowledged
        if (posted is not None and posted.refused) or (
            agreed and undone is not None and undone.answer in ACCEPTED
        ):
            return known | {"status": WorkStatus.CANCELLED.value}
        return known

    def _collect(self) -> None:
        self._partner.collect(self._take, "945")

    def _take(self, received: Received) -> tuple[Fact, ...]:
        """Keep what a 945 says of an order of ours, and make notices of it."""
        advice = received.document
        assert isinstance(advice, ShippingAdvice)
        # Our numbers are of capitals; some partners write small letters back.
        number = advice.number.upper()
        known = self._ledger.read(_ORDERS, number)
        if known is None:
            return (problem(f"945 for {advice.number!r}, which we never ordered"),)
        content = mapping.event_id(advice.model_dump(mode="json"))
        seen = dict(known.get("advices", {}))
        if seen.get(content, received.origin) != received.origin:
            return ()
        at = advice.shipped_at or received.told_at
        first = known.get("first_advice", content)
        known |= {"advices": {**seen, content: received.origin}, "first_advice": first}
        if first != content:
            self._ledger.write(_ORDERS, number, known)
            notice = mapping.unknown_notice(known, 2 + len(known["advices"]), at)
            text = f"945 for {advice.number} came again with other content; look at it"
            return (_fact(notice, received), problem(text))
        advice = mapping.as_ordered(advice, known)
        notices = mapping.shipped_notices(advice, known, at)
        self._ledger.write(_ORDERS, number, known | _outcome(notices))
        facts = tuple(_fact(notice, received) for notice in notices)
        strange = sorted({line.sku for line in advice.lines} - set(known["lines"]))
        if strange:
            text = f"945 for {advice.number} tells of SKUs we did not order: {strange}"
            return (*facts, problem(text))
        return facts


def _fact(notice: WarehouseNotice, received: Received) -> Record:
    document = notice.model_dump(mode="json")
    return {"kind": "notice", "notice": document, "raw": received.raw}


def _outcome(notices: tuple[WarehouseNotice, ...]) -> Record:
    """Return what notices mean for our record of an order."""
    by_event: dict[str, WarehouseNotice] = {n.event.value: n for n in notices}
    last = notices[-1]
    short = by_event.get("short-picked")
    shipped = by_event.get("shipped")
    return {
        "status": (
            WorkStatus.SHIPPED if shipped is not None else WorkStatus.CANCELLED
        ).value,
        "shipped": mapping.summed(shipped.lines) if shipped else {},
        "short": mapping.summed(short.lines) if short else {},
        "shipped_at": last.occurred_at.isoformat() if shipped else None,
        "tracking": last.tracking_number,
    }


def _order(known: Mapping[str, Any], posted: Posted) -> WarehouseOrder:
    status = WorkStatus(known["status"])
    if posted.refused and status not in _DONE:
        status = WorkStatus.CANCELLED
    shipped_at = known.get("shipped_at")
    return WarehouseOrder(
        id=str(known["number"]),
        key=str(known["key"]),
        fc=FcId(known["fc"]),
        parcel_id=ParcelId(known["parcel_id"]),
        status=status,
        shipped=mapping.lines_of(known.get("shipped", {})),
        short=mapping.lines_of(known.get("short", {})),
        shipped_at=datetime.fromisoformat(shipped_at) if shipped_at else None,
        tracking_number=str(known.get("tracking") or ""),
    )
