"""A customer with everything that is ever kept of one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from domain.customer import Customer
from domain.order import Order, OrderStatus
from domain.outcome import Outcome
from domain.quantities import CustomerId, OrderId, SegmentId
from domain.segment import Classification, Membership
from store import decisions, inbox, orders, outcomes, parcels, people, stock
from store import network as network_store
from store import segments as segment_store
from store.engine import Store
from store.people import Alias
from store.tables import (
    EventRow,
    InterestRow,
    MembershipChangeRow,
    ProfileRow,
    SubjectMembershipRow,
    SubjectStateRow,
)
from tests.builders import MONDAY, a_decision, a_place, a_plan, a_policy, an_order
from tests.unit.store.build import a_claim, counted

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Life:
    """One customer by both names, and the strings only they have."""

    alias: Alias
    order: Order
    secrets: tuple[str, ...]


def a_life(
    store: Store,
    known_as: str = "CUST-ADA",
    number: int = 1,
    status: OrderStatus = OrderStatus.DELIVERED,
) -> Life:
    """Let a customer order, be seen, be sorted, be delivered to and be told of."""
    counted(store, LAMP=9)
    with store.writing() as session:
        name = CustomerId("c-" + LETTERS[number] * 20)
        people.pseudonym_of(session, CustomerId(known_as), MONDAY, lambda: name)
        order = _ordered(session, name, number, status)
        _seen(session, name, order.id, number)
        _followed(session, order.id, number)
        alias = people.find(session, name)
        assert alias is not None
    secrets = (
        *(known_as, f"Elm Street {number}", f"40.{number}2345", f"Ogdenville-{number}"),
        *(f"1Z-TRACK-{number}", f"seen-{known_as}", f"neighbor {number}"),
    )
    return Life(alias, order, secrets)


def _ordered(
    session: Session, name: CustomerId, number: int, status: OrderStatus
) -> Order:
    order = an_order(
        id=f"o-{number}",
        customer_id=name,
        ship_to=a_place(
            city=f"Ogdenville-{number}", latitude=float(f"40.{number}2345")
        ),
        attributes={"street": f"Elm Street {number}"},
    )
    orders.admit(session, order, MONDAY)
    orders.set_status(session, order.id, status, MONDAY)
    network_store.save_customers(session, [Customer(id=name)])
    stock.hold(session, a_claim(order.id), MONDAY)
    member = Membership(
        segment=SegmentId("urgent"),
        version="v1",
        since=MONDAY,
        evidence=(f"to {name}",),
    )
    classified = Classification(memberships=(member,))
    segment_store.record(session, order.id, classified, MONDAY)
    plan = a_plan(order_id=order.id)
    policy = a_policy().model_copy(update={"fairness_key": name})
    decisions.record(
        session,
        a_decision(id=f"d-{number}", order_id=order.id, plan=plan, policy=policy),
    )
    return order


def _seen(session: Session, name: CustomerId, order: OrderId, number: int) -> None:
    alias = people.find(session, name)
    assert alias is not None
    event: dict[str, Any] = {
        "kind": "viewed",
        "digest": f"digest-{number}",
        "units": 2,
        "occurred_at": MONDAY,
        "received_at": MONDAY,
        "order_id": order,
    }
    for subject in (f"customer/{name}", "sku/LAMP"):
        session.add(
            EventRow(
                subject=subject,
                event_id=f"seen-{alias.known_as}",
                labels=f'{{"page": "/u/{alias.known_as}"}}',
                **event,
            )
        )
    for subject in (f"customer/{name}", f"order/{order}"):
        session.add_all(_sorted(subject))
    session.add(InterestRow(order_id=order, subject=f"customer/{name}"))
    session.add(InterestRow(order_id=order, subject="sku/LAMP"))


def _sorted(subject: str) -> list[SQLModel]:
    return [
        ProfileRow(subject=subject, kind="viewed", first_at=MONDAY, last_at=MONDAY),
        SubjectStateRow(subject=subject, version="v1", evaluated_at=MONDAY),
        SubjectMembershipRow(
            subject=subject, segment_id="loyal", shadow=False, document="{}"
        ),
        MembershipChangeRow(
            subject=subject,
            segment_id="loyal",
            version="v1",
            at=MONDAY,
            entered=True,
            evidence="[]",
        ),
    ]


def _followed(session: Session, order: OrderId, number: int) -> None:
    tracking = f"1Z-TRACK-{number}"
    record = parcels.ParcelRecord.model_validate(
        {
            "parcel_id": f"{order}/1",
            "order_id": order,
            "fc": "newark",
            "carrier": "ups",
            "service": "ups-ground",
            "tracking_number": tracking,
            "booking_id": f"b-{number}",
            "booked_cents": 990,
        }
    )
    parcels.save(session, record)
    for subject in (f"carrier/ups/{tracking}", f"warehouse/newark/{order}/1"):
        body = f'{{"note": "left with neighbor {number}"}}'
        inbox.take(session, "ups", subject, f"{subject}-1", 1, body, MONDAY)
    reason = f"cancelled: neighbor {number} called"
    outcome = {"order_id": order, "status": "delivered", "ended_at": MONDAY}
    outcomes.record(session, Outcome.model_validate(outcome | {"reason": reason}))


def everything(store: Store) -> dict[str, list[str]]:
    """Return every row of every table, as text."""
    with store.reading() as session:
        return {
            table.name: sorted(
                str(tuple(row)) for row in session.connection().execute(select(table))
            )
            for table in SQLModel.metadata.sorted_tables
        }
