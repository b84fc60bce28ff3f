"""The network in its versions, the catalog, and the customers."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from domain.customer import Customer
from domain.network import Network
from domain.quantities import CustomerId, Instant, SkuId
from domain.sku import Sku
from store import versions
from store.statements import chunks, upsert
from store.tables import CustomerRow, NetworkRow, SkuRow


def publish(session: Session, network: Network, now: Instant) -> None:
    """Keep a network under its version and put it in force.

    Raises
    ------
    Immutable
        When that version was published with other content.
    """
    versions.publish(session, NetworkRow, network, now)


def active(session: Session) -> Network | None:
    """Return the network in force."""
    return get(session, active_version(session) or "")


def active_version(session: Session) -> str | None:
    """Return the version in force, for those who keep networks by version."""
    return versions.active_version(session, NetworkRow)


def get(session: Session, version: str) -> Network | None:
    """Return the network of that version."""
    return versions.read(session, NetworkRow, Network, version)


def save_skus(session: Session, skus: Iterable[Sku]) -> None:
    """Keep SKUs, each in place of what was known under its id."""
    latest = {sku.id: sku.model_dump_json() for sku in skus}
    rows = [{"id": key, "document": latest[key]} for key in sorted(latest)]
    upsert(session, SkuRow, ("id",), rows)


def skus(session: Session, ids: Iterable[SkuId] | None = None) -> dict[SkuId, Sku]:
    """Return SKUs by id; None asks for all, unknown ids are left out."""
    statement = select(SkuRow.document)
    parts = [None] if ids is None else chunks(sorted(set(ids)))
    found = (
        Sku.model_validate_json(document)
        for part in parts
        for document in session.exec(
            statement if part is None else statement.where(col(SkuRow.id).in_(part))
        )
    )
    return {sku.id: sku for sku in found}


def save_customers(session: Session, customers: Iterable[Customer]) -> None:
    """Keep customers, each in place of what was known under its id."""
    latest = {customer.id: customer.model_dump_json() for customer in customers}
    rows = [{"id": key, "document": latest[key]} for key in sorted(latest)]
    upsert(session, CustomerRow, ("id",), rows)


def customer(session: Session, customer_id: CustomerId) -> Customer | None:
    """Return what is known of a customer."""
    document = session.exec(
        select(CustomerRow.document).where(CustomerRow.id == customer_id)
    ).first()
    return None if document is None else Customer.model_validate_json(document)
