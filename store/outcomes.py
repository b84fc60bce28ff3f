"""How orders ended."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from domain.outcome import Outcome
from domain.quantities import OrderId
from store.statements import upsert
from store.tables import OutcomeRow


def record(session: Session, outcome: Outcome) -> None:
    """Keep an order's outcome in place of an earlier report."""
    row = {
        "order_id": outcome.order_id,
        "status": outcome.status.value,
        "ended_at": outcome.ended_at,
        "document": outcome.model_dump_json(),
    }
    upsert(session, OutcomeRow, ("order_id",), [row])


def get(session: Session, order_id: OrderId) -> Outcome | None:
    """Return how an order ended."""
    document = session.exec(
        select(OutcomeRow.document).where(OutcomeRow.order_id == order_id)
    ).first()
    return None if document is None else Outcome.model_validate_json(document)


def listing(session: Session) -> Iterator[Outcome]:
    """Go through all outcomes in the order they ended, while the session is open."""
    statement = select(OutcomeRow.document).order_by(
        col(OutcomeRow.ended_at), col(OutcomeRow.order_id)
    )
    for document in session.exec(statement):
        yield Outcome.model_validate_json(document)
