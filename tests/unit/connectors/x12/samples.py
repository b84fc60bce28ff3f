"""Documents and partners for tests: valid by default, override what it is about."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.x12.check import Node, check_set
from connectors.x12.defects import Defect
from connectors.x12.envelope import Event, read_envelopes
from connectors.x12.exchange import Group, Interchange, TransactionSet
from connectors.x12.load_tender import LoadTender, StopKind, TenderStop
from connectors.x12.separators import Separators
from connectors.x12.sets import base_version, set_rule
from connectors.x12.settings import X12Settings
from connectors.x12.shipment_status import ShipmentStatus, StatusEvent
from connectors.x12.shipping_advice import Lot, ShippedLine, ShippingAdvice
from connectors.x12.shipping_order import OrderedLine, Routing, ShippingOrder
from connectors.x12.tender_response import TenderAction, TenderResponse
from connectors.x12.values import Address, Reference
from connectors.x12.writer import Document, Envelope, Party, write_interchange
from domain.shipping import ParcelStatus

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
US = Party("ZZ", "LANEWISE", "LANEWISE")
WAREHOUSE = Party("ZZ", "BIRCHWOOD3PL", "BIRCH")


def an_envelope(**overrides: Any) -> Envelope:
    values: dict[str, Any] = {
        "sender": US,
        "receiver": WAREHOUSE,
        "control": 7,
        "at": NOON,
        "version": "004010",
        "separators": Separators(),
    }
    return Envelope(**(values | overrides))


def from_partner(document: Document | Sequence[Document], **overrides: Any) -> bytes:
    """Write documents as the partner sends them to us."""
    documents = [document] if isinstance(document, Document) else document
    envelope = an_envelope(**({"sender": WAREHOUSE, "receiver": US} | overrides))
    return write_interchange(envelope, documents)


def settings(root: Path, **overrides: Any) -> X12Settings:
    values: dict[str, Any] = {
        "drop": root / "drop",
        "state": root / "state",
        "our_id": US.id,
        "our_group_id": US.group_id,
        "partner_id": WAREHOUSE.id,
        "partner_group_id": WAREHOUSE.group_id,
    }
    return X12Settings(**(values | overrides))


def an_order(**overrides: Any) -> ShippingOrder:
    values: dict[str, Any] = {
        "number": "ORDER-1-A",
        "purchase_order": "PO-77",
        "parties": (
            Address(
                role="ST",
                name="Ada Lovelace",
                streets=("12 Analytical Way",),
                city="Chicago",
                region="IL",
                postal_code="60601",
                country="US",
            ),
            Address(role="WH", name="EAST", id_qualifier="ZZ", id="EAST"),
        ),
        "references": (Reference(qualifier="CO", value="ORDER-1"),),
        "ship_by": NOON + timedelta(hours=5),
        "notes": ("Pack in BOX-M",),
        "routing": Routing(service="swift-ground", scac="SWFT"),
        "lines": (
            OrderedLine(sku="LAMP", units=3, description="Desk lamp"),
            OrderedLine(sku="MUG", units=2, lots=("L-9",)),
        ),
    }
    return ShippingOrder(**(values | overrides))


def an_advice(**overrides: Any) -> ShippingAdvice:
    values: dict[str, Any] = {
        "number": "ORDER-1-A",
        "shipped_at": NOON + timedelta(hours=4),
        "shipment_id": "SHP1",
        "parties": (Address(role="WH", name="EAST", id_qualifier="ZZ", id="EAST"),),
        "scac": "SWFT",
        "tracking": ("1Z999",),
        "lines": (
            ShippedLine(sku="LAMP", ordered=3, shipped=3),
            ShippedLine(
                sku="MUG", ordered=2, shipped=2, lots=(Lot(number="L-9", units=2),)
            ),
        ),
    }
    return ShippingAdvice(**(values | overrides))


def a_tender(**overrides: Any) -> LoadTender:
    def place(role: str, city: str, region: str, code: str) -> Address:
        return Address(role=role, name=city, city=city, region=region, postal_code=code)

    values: dict[str, Any] = {
        "scac": "SWFT",
        "shipment_id": "LOAD-1",
        "references": (Reference(qualifier="BM", value="BOL-1"),),
        "respond_by": NOON + timedelta(hours=2),
        "equipment": "TL",
        "notes": ("Call ahead",),
        "stops": (
            TenderStop(
                kind=StopKind.LOAD_ALL,
                place=place("SF", "Hoboken", "NJ", "07030"),
                not_before=NOON + timedelta(hours=6),
                not_after=NOON + timedelta(hours=8),
                weight_g=453_592,
                pieces=20,
            ),
            TenderStop(
                kind=StopKind.UNLOAD_ALL,
                place=place("ST", "Chicago", "IL", "60601"),
                not_after=NOON + timedelta(hours=48),
            ),
        ),
        "weight_g": 453_592,
        "charge_cents": 125_000,
    }
    return LoadTender(**(values | overrides))


def a_response(**overrides: Any) -> TenderResponse:
    values: dict[str, Any] = {
        "scac": "SWFT",
        "shipment_id": "LOAD-1",
        "on": NOON.date(),
        "action": TenderAction.ACCEPTED,
        "code": "A",
        "pro_number": "PRO-5",
    }
    return TenderResponse(**(values | overrides))


def a_status(**overrides: Any) -> ShipmentStatus:
    values: dict[str, Any] = {
        "shipment_id": "LOAD-1",
        "carrier_reference": "PRO-5",
        "scac": "SWFT",
        "events": (
            StatusEvent(
                status=ParcelStatus.HANDED_OVER,
                code="AF",
                reason="NS",
                at=NOON + timedelta(hours=7),
                city="Hoboken",
                region="NJ",
                country="US",
            ),
        ),
    }
    return ShipmentStatus(**(values | overrides))


def events(content: bytes) -> list[Event]:
    return list(read_envelopes(io.BytesIO(content)))


def only_set(content: bytes) -> TransactionSet:
    (found,) = (e for e in events(content) if isinstance(e, TransactionSet))
    return found


def tree(content: bytes) -> Node:
    return judged(content)[0]


def judged(content: bytes) -> tuple[Node, tuple[Defect, ...]]:
    """Read the only set of a file against its grammar."""
    found = only_set(content)
    version = base_version(found.group.version)
    assert version is not None
    rule = set_rule(found.id, version)
    assert rule is not None
    separators = found.group.interchange.separators
    root, defects = check_set(found.segments, rule, separators)
    return root, defects


def defects_of(content: bytes) -> list[Defect]:
    """List everything that is wrong with a file, envelopes and sets."""
    found: list[Defect] = []
    for event in events(content):
        match event:
            case Interchange() | Group() | TransactionSet():
                found += event.defects
            case _ if hasattr(event, "defect"):
                found.append(event.defect)
        if isinstance(event, TransactionSet):
            version = base_version(event.group.version)
            rule = set_rule(event.id, version) if version else None
            if rule is not None:
                separators = event.group.interchange.separators
                found += check_set(event.segments, rule, separators)[1]
    return found


def kinds(content: bytes) -> set[str]:
    return {defect.kind for defect in defects_of(content)}
