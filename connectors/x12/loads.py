"""Our words to X12's transport documents, and back."""

from types import MappingProxyType

from connectors.x12.load_tender import (
    LoadTender,
    StopKind,
    TenderGoods,
    TenderPurpose,
    TenderStop,
)
from connectors.x12.mapping import address, event_id
from connectors.x12.settings import X12Settings
from connectors.x12.shipment_status import ESTIMATES, ShipmentStatus, StatusEvent
from connectors.x12.tender_response import TenderAction, TenderResponse
from connectors.x12.values import Reference, whole
from connectors.x12.writer import carried
from domain.errors import InvalidRequest
from domain.quantities import CarrierId, Instant
from domain.shipping import ParcelScan
from domain.transport import LoadEvent, LoadUpdate, Stop, TenderLoad

_METHODS = MappingProxyType({"ltl": "LT", "ftl": "M", "intermodal": "X"})

# X12 element 1650. Codes that are not here are told as UNKNOWN, with the code.
_EVENTS = MappingProxyType(
    {
        "X3": LoadEvent.ARRIVED_AT_PICKUP,
        "X8": LoadEvent.ARRIVED_AT_PICKUP,
        "AF": LoadEvent.PICKED_UP,
        "CP": LoadEvent.PICKED_UP,
        "AM": LoadEvent.PICKED_UP,
        "P1": LoadEvent.IN_TRANSIT,
        "X4": LoadEvent.IN_TRANSIT,
        "X6": LoadEvent.IN_TRANSIT,
        "J1": LoadEvent.IN_TRANSIT,
        "AR": LoadEvent.IN_TRANSIT,
        "I1": LoadEvent.IN_TRANSIT,
        "OA": LoadEvent.IN_TRANSIT,
        "X1": LoadEvent.ARRIVED_AT_DELIVERY,
        "X5": LoadEvent.ARRIVED_AT_DELIVERY,
        "D1": LoadEvent.DELIVERED,
        "SD": LoadEvent.DELAYED,
        "A3": LoadEvent.EXCEPTION,
        "A7": LoadEvent.EXCEPTION,
        "A9": LoadEvent.EXCEPTION,
        "AH": LoadEvent.EXCEPTION,
        "AP": LoadEvent.EXCEPTION,
        "CA": LoadEvent.CANCELLED,
    }
)
_ANSWERS = MappingProxyType(
    {
        TenderAction.ACCEPTED: LoadEvent.ACCEPTED,
        TenderAction.DECLINED: LoadEvent.DECLINED,
    }
)


def scac_of(carrier: CarrierId, settings: X12Settings) -> str:
    """Return a carrier's SCAC: as configured, or its id where that is one.

    Raises
    ------
    InvalidRequest
        When there is none; naming the setting to add.
    """
    scac = settings.scacs.get(carrier, settings.scac) or carrier.upper()
    if not (2 <= len(scac) <= 4 and scac.isascii() and scac.isalnum()):
        msg = f"carrier {carrier!r}: no SCAC; set scacs: {{{carrier}: ABCD}}"
        raise InvalidRequest(msg)
    return scac


def load_tender(load: TenderLoad, settings: X12Settings) -> LoadTender:
    """Say what is offered: where from, where to, when, and what it weighs."""
    dollars = load.currency == "USD" and load.agreed_cents is not None
    notes = [load.note] if load.note else []
    if load.agreed_cents is not None and not dollars:
        amount = f"{load.agreed_cents // 100}.{load.agreed_cents % 100:02d}"
        notes.append(f"Agreed {amount} {load.currency}")
    return LoadTender(
        scac=scac_of(load.carrier, settings),
        shipment_id=load.reference,
        payment=settings.payment,
        respond_by=load.respond_by,
        method=_METHODS[load.mode],
        notes=tuple(notes),
        stops=_stops(load, settings),
        weight_g=sum(item.weight_g for item in load.items),
        charge_cents=load.agreed_cents if dollars else None,
    )


def cancellation(tender: LoadTender) -> LoadTender:
    """Say that a load is no longer offered."""
    return tender.model_copy(
        update={"purpose": TenderPurpose.CANCEL, "respond_by": None}
    )


def answered(
    response: TenderResponse, carrier: CarrierId, told_at: Instant
) -> LoadUpdate:
    """Tell what a carrier said to an offer; a counter-proposal is no yes."""
    event = _ANSWERS.get(response.action, LoadEvent.UNKNOWN)
    reasons = "; ".join(response.reasons)
    note = reasons if event is not LoadEvent.UNKNOWN else f"{response.code} {reasons}"
    return LoadUpdate(
        event_id=event_id(carrier, response.shipment_id, response.code, told_at),
        carrier=carrier,
        reference=response.shipment_id,
        event=event,
        occurred_at=told_at,
        carrier_reference=response.pro_number,
        note=note.strip(),
    )


def reported(
    status: ShipmentStatus, carrier: CarrierId, told_at: Instant
) -> tuple[LoadUpdate, ...]:
    """Tell where a load is, event by event."""
    return tuple(_update(status, event, carrier, told_at) for event in status.events)


def scans(
    status: ShipmentStatus, carrier: CarrierId, tracking_number: str
) -> tuple[ParcelScan, ...]:
    """Tell a status message as scans of one parcel, for carriers that send 214."""
    return tuple(
        ParcelScan(
            event_id=event_id(carrier, tracking_number, event.code, event.at),
            carrier=carrier,
            tracking_number=tracking_number,
            status=event.status,
            sequence=0,
            occurred_at=event.at,
            note=_note(event),
        )
        for event in status.events
    )


def _update(
    status: ShipmentStatus, event: StatusEvent, carrier: CarrierId, told_at: Instant
) -> LoadUpdate:
    estimated = event.appointment or event.code in ESTIMATES
    meaning = LoadEvent.UNKNOWN if estimated else _EVENTS.get(event.code)
    return LoadUpdate(
        event_id=event_id(
            *(carrier, status.shipment_id, event.code, event.reason),
            *(event.at, event.stop),
        ),
        carrier=carrier,
        reference=status.shipment_id,
        event=meaning or LoadEvent.UNKNOWN,
        occurred_at=told_at if estimated else event.at,
        stop=whole(event.stop) or None,
        carrier_reference=status.carrier_reference,
        expected_at=event.at if estimated else None,
        note=_note(event),
    )


def _note(event: StatusEvent) -> str:
    place = ", ".join(part for part in (event.city, event.region) if part)
    code = f"{event.code} {event.reason}".strip()
    return f"{code} at {place}" if place else code


def _stops(load: TenderLoad, settings: X12Settings) -> tuple[TenderStop, ...]:
    last = len(load.stops) - 1
    loads = [
        index == 0 or (index < last and stop.fc is not None)
        for index, stop in enumerate(load.stops)
    ]
    return tuple(
        _stop(load, stop, _kind(loads, index), first=index == 0).model_copy(
            update={"references": _orders(stop, settings)}
        )
        for index, stop in enumerate(load.stops)
    )


def _orders(stop: Stop, settings: X12Settings) -> tuple[Reference, ...]:
    """Name the orders at a stop, as far as they fit: they help people."""
    return tuple(
        Reference(qualifier="CO", value=order)
        for order in stop.orders[:50]
        if len(order) <= 30 and carried(order, settings.separators)
    )


def _kind(loads: list[bool], index: int) -> StopKind:
    alone = loads.count(loads[index]) == 1
    if loads[index]:
        return StopKind.LOAD_ALL if alone else StopKind.LOAD
    return StopKind.UNLOAD_ALL if alone else StopKind.UNLOAD


def _stop(load: TenderLoad, stop: Stop, kind: StopKind, *, first: bool) -> TenderStop:
    """Describe a stop; what is carried is told where it is first loaded."""
    items = load.items if first else ()
    place = address(
        "SF" if kind in (StopKind.LOAD, StopKind.LOAD_ALL) else "ST",
        stop.address.place,
        stop.address.contact,
    )
    if stop.fc is not None and not place.name:
        place = place.model_copy(update={"name": stop.fc})
    return TenderStop(
        kind=kind,
        place=place,
        not_before=stop.earliest_at,
        not_after=stop.latest_at,
        weight_g=sum(item.weight_g for item in items),
        pieces=sum(item.handling_units for item in items),
        hazmat=any(item.hazmat for item in items),
        goods=tuple(
            TenderGoods(
                description=item.description,
                weight_g=item.weight_g,
                pieces=item.handling_units,
                freight_class=item.freight_class or "",
            )
            for item in items
        ),
    )
