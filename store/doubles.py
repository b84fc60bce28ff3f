"""Labels that stood beside another for the same parcel, each counted once."""

from sqlmodel import Session, col, func, select

from domain.quantities import CarrierId, Count, Instant, Value
from domain.shipping import VoidOutcome
from store.statements import upsert
from store.tables import DoubleRow


class Double(Value):
    """A label too many: what the carrier said when asked to take it back."""

    carrier: CarrierId
    booking_id: str
    reference: str
    outcome: VoidOutcome
    found_at: Instant


class DoubleCounts(Value):
    """How many doubles were ever found, and how many are taken back for sure."""

    found: Count
    voided: Count


def note(session: Session, double: Double) -> None:
    """Keep a double in place of what was known of it."""
    keys = ("carrier", "booking_id")
    row = double.model_dump(mode="json") | {"found_at": double.found_at}
    upsert(session, DoubleRow, keys, [row])


def counts(session: Session) -> DoubleCounts:
    """Count every double, and those that cost nothing any more."""
    statement = select(DoubleRow.outcome, func.count()).group_by(col(DoubleRow.outcome))
    by_outcome: dict[str, int] = {word: n for word, n in session.exec(statement)}
    return DoubleCounts(
        found=sum(by_outcome.values()),
        voided=by_outcome.get(VoidOutcome.VOIDED.value, 0),
    )


def owed(session: Session, limit: int) -> tuple[Double, ...]:
    """List doubles that are not surely taken back, the newest first."""
    statement = (
        select(DoubleRow)
        .where(DoubleRow.outcome != VoidOutcome.VOIDED.value)
        .order_by(col(DoubleRow.found_at).desc(), col(DoubleRow.booking_id))
        .limit(limit)
    )
    return tuple(
        Double.model_validate(row.model_dump()) for row in session.exec(statement)
    )
