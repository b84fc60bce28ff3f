"""Alerts as the feeds last listed them."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.hazard import Hazard
from domain.quantities import Instant
from store.statements import upsert
from store.tables import HazardRow

NOW_ONLY = timedelta(0)


def reconcile(
    session: Session, feed: str, hazards: Iterable[Hazard], now: Instant
) -> None:
    """Take over the full set of a feed's alerts; those it left out are withdrawn."""
    listed = {hazard.id: hazard for hazard in hazards}
    gone = (
        update(HazardRow)
        .where(
            col(HazardRow.feed) == feed,
            col(HazardRow.withdrawn_at).is_(None),
            col(HazardRow.id).not_in(sorted(listed)),
        )
        .values(withdrawn_at=now)
    )
    session.connection().execute(gone)
    rows = [
        {
            "feed": feed,
            "id": key,
            "valid_from": hazard.valid_from,
            "valid_until": hazard.valid_until,
            "withdrawn_at": None,
            "document": hazard.model_dump_json(),
        }
        for key, hazard in sorted(listed.items())
    ]
    upsert(session, HazardRow, ("feed", "id"), rows)


def in_force(
    session: Session, now: Instant, within: timedelta = NOW_ONLY
) -> tuple[Hazard, ...]:
    """List the alerts that hold now, or begin within some time, by feed and id."""
    statement = (
        select(HazardRow.document)
        .where(
            col(HazardRow.withdrawn_at).is_(None),
            HazardRow.valid_from <= now + within,
            HazardRow.valid_until > now,
        )
        .order_by(col(HazardRow.feed), col(HazardRow.id))
    )
    return tuple(Hazard.model_validate_json(row) for row in session.exec(statement))
