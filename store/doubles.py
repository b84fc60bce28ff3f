"""Labels that stood beside another for the same parcel, each counted once."""

from sqlalchemy import ColumnElement, true, update
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
    """How many doubles were ever found, taken back for sure, and may cost money."""

    found: Count
    voided: Count
    owed: Count


# Nothing is to be paid for these.
SETTLED = (VoidOutcome.VOIDED, VoidOutcome.NEVER_BOOKED)
_SETTLED = [outcome.value for outcome in SETTLED]


def note(session: Session, double: Double) -> None:
    """Keep a double in place of what was known of it."""
    keys = ("carrier", "booking_id")
    row = double.model_dump(mode="json") | {"found_at": double.found_at}
    upsert(session, DoubleRow, keys, [row])


def counts(session: Session) -> DoubleCounts:
    """Count every double, and those that cost nothing any more."""
    statement = select(DoubleRow.outcome, func.count()).group_by(col(DoubleRow.outcome))
    by_outcome: dict[str, int] = {word: n for word, n in session.exec(statement)}
    found = sum(by_outcome.values())
    return DoubleCounts(
        found=found,
        voided=by_outcome.get(VoidOutcome.VOIDED.value, 0),
        owed=found - sum(by_outcome.get(word, 0) for word in _SETTLED),
    )


def settle(
    session: Session, carrier: CarrierId, booking_id: str, outcome: VoidOutcome
) -> bool:
    """Note what became of a booking that is known as a double; False if it is none."""
    statement = (
        update(DoubleRow)
        .where(
            col(DoubleRow.carrier) == carrier, col(DoubleRow.booking_id) == booking_id
        )
        .values(outcome=outcome.value)
    )
    return session.connection().execute(statement).rowcount > 0


def owed(session: Session, limit: int) -> tuple[Double, ...]:
    """List doubles that are not surely taken back, the newest first."""
    return _listed(session, col(DoubleRow.outcome).not_in(_SETTLED), limit)


def listing(session: Session, limit: int) -> tuple[Double, ...]:
    """List every double, the newest first."""
    return _listed(session, true(), limit)


def _listed(
    session: Session, which: ColumnElement[bool], limit: int
) -> tuple[Double, ...]:
    statement = (
        select(DoubleRow)
        .where(which)
        .order_by(col(DoubleRow.found_at).desc(), col(DoubleRow.booking_id))
        .limit(limit)
    )
    return tuple(
        Double.model_validate(row.model_dump()) for row in session.exec(statement)
    )
