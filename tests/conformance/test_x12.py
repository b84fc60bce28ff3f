"""Partners who exchange X12 files under the kit, over a real directory."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from conformance import transports, warehouses, webhooks, wire
from conformance.bench import TransportBench, WarehouseBench
from conformance.running import Check
from connectors.x12.carrier import X12Transport
from connectors.x12.drop import DirectoryDrop, Folder
from connectors.x12.mapping import order_number
from connectors.x12.partner import Partner
from connectors.x12.shipment_status import StatusEvent, status_document
from connectors.x12.shipping_advice import ShippedLine, advice_document
from connectors.x12.tender_response import TenderAction, response_document
from connectors.x12.warehouse import X12Warehouse
from domain.errors import OutcomeUnknown
from domain.order import Line
from domain.quantities import SkuId
from domain.shipping import ParcelStatus
from domain.transport import LoadEvent, TenderLoad, TenderStatus
from domain.warehousing import ReleaseOrder
from tests.conformance.verdicts import passes
from tests.conformance.worlds import a_reservation
from tests.unit.connectors.x12.partner_side import PartnerSide
from tests.unit.connectors.x12.samples import (
    NOON,
    a_response,
    a_status,
    an_advice,
    from_partner,
)
from tests.unit.connectors.x12.test_carrier import CARRIER, a_load
from tests.unit.connectors.x12.test_warehouse import FC, a_release

LAMP = SkuId("LAMP")
# Files are no wire; what is lost there is lost by a disk that fails.
OVER_HTTP = {check.name for check in wire.CHECKS}
ANSWERS = {
    TenderStatus.ACCEPTED: (TenderAction.ACCEPTED, "A"),
    TenderStatus.DECLINED: (TenderAction.DECLINED, "D"),
}


class ForgetfulDrop(DirectoryDrop):
    """A directory whose disk fails after it wrote, while it is told to."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.failing = False

    def write(self, folder: Folder, name: str, content: bytes) -> None:
        super().write(folder, name, content)
        if self.failing:
            msg = "outbound: Input/output error"
            raise OutcomeUnknown(msg)

    @contextmanager
    def losing(self) -> Iterator[None]:
        self.failing = True
        try:
            yield
        finally:
            self.failing = False


class Exchange:
    """A partner, and our side of it with a disk that may fail."""

    def __init__(self, root: Path) -> None:
        codes = {CARRIER: "SWFT", "swift-ground": "SWFT"}
        self.side = PartnerSide(root, scacs=codes, settle_s=0)
        self.drop = ForgetfulDrop(self.side.settings.drop)
        self.run = uuid4().hex[:6]

    def partner(self) -> Partner:
        return Partner.of(self.side.settings, lambda: self.side.now, self.drop)

    async def offers(self, reference: str) -> int:
        named = [t for t in self._tenders() if t.shipment_id == reference]
        return len(named)

    async def answer(self, reference: str, status: TenderStatus) -> None:
        action, code = ANSWERS[status]
        said = a_response(shipment_id=reference, action=action, code=code)
        self.side.send(response_document(said))

    async def move(self, reference: str) -> None:
        self.side.send(told(reference, "AF"))

    async def odd(self, reference: str) -> None:
        self.side.send(told(reference, "S9"))

    async def half(self, reference: str) -> None:
        whole = cut_off(self, reference)
        self.side.put(whole[: len(whole) // 2])

    async def ship(self, key: str) -> None:
        lines = (ShippedLine(sku=LAMP, ordered=1, shipped=1),)
        number = order_number(released(key, key))
        self.side.send(advice_document(an_advice(number=number, lines=lines), UTC))

    def _tenders(self) -> list[Any]:
        return [document for document in self.side.documents()]


def cut_off(exchange: Exchange, reference: str) -> bytes:
    """Write the interchange that is to break off, the same one each time."""
    return from_partner(told(reference, "AF"), control=900, at=exchange.side.now)


def told(reference: str, code: str) -> Any:
    """Write a 214 that tells one code of a load."""
    event = StatusEvent(
        status=ParcelStatus.UNKNOWN,
        code=code,
        reason="NS",
        at=NOON + timedelta(hours=7),
    )
    return status_document(a_status(shipment_id=reference, events=(event,)), UTC)


def released(key: str, reserved: str) -> ReleaseOrder:
    line = Line(sku=LAMP, units=1)
    return a_release(key, reservation_key=reserved, lines=(line,), cartons=())


def offered(reference: str) -> TenderLoad:
    return a_load(key=reference, reference=reference)


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    return Exchange(tmp_path)


@pytest.mark.parametrize("check", transports.CHECKS, ids=lambda check: check.name)
async def test_a_carrier_behind_files_passes(
    exchange: Exchange, check: Check[TransportBench]
) -> None:
    bench = TransportBench(
        connect=lambda: X12Transport(exchange.partner()),
        run=exchange.run,
        losing=exchange.drop.losing,
        carrier=CARRIER,
        load=offered,
        offers=exchange.offers,
        answer=exchange.answer,
        move=exchange.move,
        odd=exchange.odd,
        half=exchange.half,
    )

    await passes(check, bench, not_tried=OVER_HTTP)


async def test_what_was_cut_off_is_read_when_it_is_sent_again(
    exchange: Exchange,
) -> None:
    transport = X12Transport(exchange.partner())
    await transport.tender(offered("LOAD-9"))
    await exchange.half("LOAD-9")
    broken = await transport.updates(None)

    exchange.side.put(cut_off(exchange, "LOAD-9"))
    whole = await transport.updates(broken.cursor)

    assert [update.event for update in broken.updates] == []
    assert "sent again" in broken.problems[0]
    assert [update.event for update in whole.updates] == [LoadEvent.PICKED_UP]
    assert whole.problems == ()


# It tells no stock, sets nothing aside, and is asked, not listened to.
NOT_SUPPORTED = {
    "goods asked for are counted",
    "goods never heard of count none",
    "what was reserved is found",
    "reserving leaves the physical count alone",
    "goods given back twice are free once",
    "reserving again under a key sets aside once",
    "a key used for other goods is refused",
    *OVER_HTTP,
}
NOT_TRIED = {
    "less than asked is an answer",
    "nothing left is an answer",
    "a lost reply at any step reserves once",
    *(check.name for check in webhooks.CHECKS),
}


@pytest.mark.parametrize("check", warehouses.CHECKS, ids=lambda check: check.name)
async def test_a_warehouse_behind_files_passes(
    exchange: Exchange, check: Check[WarehouseBench]
) -> None:
    bench = WarehouseBench(
        connect=lambda: X12Warehouse(exchange.partner()),
        run=exchange.run,
        losing=exchange.drop.losing,
        fc=FC,
        sku=LAMP,
        reservation=lambda key, sku, units: a_reservation(key, units, sku),
        release=released,
        pick=exchange.ship,
    )

    await passes(check, bench, not_supported=NOT_SUPPORTED, not_tried=NOT_TRIED)
