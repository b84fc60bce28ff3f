"""How many plans were verified, and what was found wrong with them."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from domain.quantities import Instant, OrderId
from domain.verified import Found, VerifiedDay
from store.statements import insert
from store.tables import VerifiedDayRow, ViolationRow


def note(session: Session, at: Instant, plans: int, found: Sequence[Found]) -> None:
    """Count a verified batch on its day (UTC), and keep what was wrong with it."""
    row = {"day": at.date(), "batches": 1, "plans": plans, "violations": len(found)}
    new = insert(session, VerifiedDayRow).values(row)
    added = {
        name: getattr(VerifiedDayRow, name) + new.excluded[name]
        for name in ("batches", "plans", "violations")
    }
    statement = new.on_conflict_do_update(index_elements=("day",), set_=added)
    session.connection().execute(statement)
    for each in found:
        session.add(
            ViolationRow(
                order_id=each.order_id,
                rule=each.rule,
                detail=each.detail,
                found_at=each.found_at,
            )
        )


def days(session: Session, most: int) -> tuple[VerifiedDay, ...]:
    """Return the counts of the newest days with anything verified, newest first."""
    statement = (
        select(VerifiedDayRow).order_by(col(VerifiedDayRow.day).desc()).limit(most)
    )
    return tuple(
        VerifiedDay(
            day=row.day,
            batches=row.batches,
            plans=row.plans,
            violations=row.violations,
        )
        for row in session.exec(statement)
    )


def latest(session: Session, limit: int) -> tuple[Found, ...]:
    """Return the newest violations, newest first."""
    statement = select(ViolationRow).order_by(col(ViolationRow.id).desc()).limit(limit)
    return tuple(
        Found(
            order_id=OrderId(row.order_id),
            rule=row.rule,
            detail=row.detail,
            found_at=row.found_at,
        )
        for row in session.exec(statement)
    )
