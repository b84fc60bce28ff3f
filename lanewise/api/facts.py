"""Facts from counterparts: what each is about, and how it is kept."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.quantities import Value
from domain.shipping import ParcelScan
from domain.transport import LoadUpdate
from domain.warehousing import StockLost, StockNotice, WarehouseNotice
from store import inbox

# What counterparts tell, and what follows from it.
Told = WarehouseNotice | ParcelScan | StockNotice | LoadUpdate
Fact = Told | StockLost

_KINDS: dict[str, type[Fact]] = {
    "warehouse-notice": WarehouseNotice,
    "parcel-scan": ParcelScan,
    "stock-notice": StockNotice,
    "stock-lost": StockLost,
    "load-update": LoadUpdate,
}


class _Kept(Value):
    kind: str
    fact: dict[str, Any]


def subject(fact: Fact) -> str:
    """Name what the fact is about: facts of one subject have one order."""
    match fact:
        case WarehouseNotice():
            return f"warehouse/{fact.fc}/{fact.parcel_id}"
        case ParcelScan():
            return f"carrier/{fact.carrier}/{fact.tracking_number}"
        case LoadUpdate():
            return f"load/{fact.carrier}/{fact.reference}"
        case StockNotice():
            return f"stock/{fact.fc}/{fact.sku}"
        case StockLost():
            return f"lost/{fact.order_id}"


def sequence(fact: Fact) -> int:
    """Return the fact's place among those of its subject; 0 where order is free."""
    return fact.sequence if isinstance(fact, WarehouseNotice | ParcelScan) else 0


def keep(fact: Fact) -> str:
    """Write the fact down as text."""
    kind = next(kind for kind, known in _KINDS.items() if isinstance(fact, known))
    return _Kept(kind=kind, fact=fact.model_dump(mode="json")).model_dump_json()


def read(text: str) -> Fact:
    """Read what ``keep`` wrote."""
    kept = _Kept.model_validate_json(text)
    return _KINDS[kept.kind].model_validate(kept.fact)


def take(session: Session, connection: str, told: Iterable[Told], now: datetime) -> int:
    """Put a connection's facts into the inbox; return how many were new."""
    return sum(
        inbox.take(
            session,
            connection,
            subject(fact),
            fact.event_id,
            sequence(fact),
            keep(fact),
            now,
        )
        for fact in told
    )
