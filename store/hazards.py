"""Alerts as the feeds last listed them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.hazard import Hazard
from domain.quantities import Instant
from store.statements import chunks, upsert
from store.tables import HazardRow

NOW_ONLY = timedelta(0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a list of alerts brought, as far as it still matters.

    ``changed`` are pairs of before and after. An alert that merely lasts longer
    than it said, or is worded anew, is not among them: whoever it touches looks
    again when it was to end.
    """

    began: tuple[Hazard, ...] = ()
    changed: tuple[tuple[Hazard, Hazard], ...] = ()
    withdrawn: tuple[Hazard, ...] = ()

    def hazards(self) -> tuple[Hazard, ...]:
        """Return every alert whose places may be touched otherwise than before."""
        both = tuple(hazard for pair in self.changed for hazard in pair)
        return (*self.began, *both, *self.withdrawn)


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert of a feed, in force or announced."""

    feed: str
    hazard: Hazard


def reconcile(
    session: Session,
    feed: str,
    hazards: Iterable[Hazard],
    now: Instant,
    *,
    complete: bool = True,
    keeping: Iterable[str] = (),
) -> Changes:
    """Take over the full set of a feed's alerts; those it left out are withdrawn.

    Parameters
    ----------
    complete
        False for a part of the list: then nothing is withdrawn.
    keeping
        Ids that are not withdrawn although they are not among the alerts,
        because nobody could read what became of them.
    """
    listed = {hazard.id: hazard for hazard in hazards}
    before = _current(session, feed)
    gone = set(before) - set(listed) - set(keeping) if complete else set()
    _withdraw(session, feed, gone, now)
    news = {id: hazard for id, hazard in listed.items() if before.get(id) != hazard}
    _keep(session, feed, news)
    pairs = [(before[id], hazard) for id, hazard in news.items() if id in before]
    return Changes(
        began=tuple(h for id, h in news.items() if id not in before and _ahead(h, now)),
        changed=tuple(pair for pair in pairs if _matters(*pair, now)),
        withdrawn=tuple(before[id] for id in sorted(gone) if _ahead(before[id], now)),
    )


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
    return tuple(_parsed(document) for document in session.exec(statement))


def listing(session: Session, now: Instant) -> tuple[Listed, ...]:
    """List the alerts in force or announced, those nobody could locate included."""
    statement = (
        select(HazardRow)
        .where(col(HazardRow.withdrawn_at).is_(None), HazardRow.valid_until > now)
        .order_by(col(HazardRow.feed), col(HazardRow.id))
    )
    rows = session.exec(statement)
    return tuple(Listed(row.feed, _parsed(row.document)) for row in rows)


def _current(session: Session, feed: str) -> dict[str, Hazard]:
    statement = select(HazardRow.document).where(
        col(HazardRow.feed) == feed, col(HazardRow.withdrawn_at).is_(None)
    )
    found = (_parsed(document) for document in session.exec(statement))
    return {hazard.id: hazard for hazard in found}


def _withdraw(session: Session, feed: str, ids: set[str], now: Instant) -> None:
    for part in chunks(sorted(ids)):
        statement = (
            update(HazardRow)
            .where(col(HazardRow.feed) == feed, col(HazardRow.id).in_(part))
            .values(withdrawn_at=now)
        )
        session.connection().execute(statement)


def _keep(session: Session, feed: str, hazards: dict[str, Hazard]) -> None:
    rows = [
        {
            "feed": feed,
            "id": id,
            "valid_from": hazard.valid_from,
            "valid_until": hazard.valid_until,
            "withdrawn_at": None,
            "document": hazard.model_dump_json(),
        }
        for id, hazard in sorted(hazards.items())
    ]
    upsert(session, HazardRow, ("feed", "id"), rows)


def _ahead(hazard: Hazard, now: Instant) -> bool:
    return hazard.valid_until > now


def _matters(before: Hazard, after: Hazard, now: Instant) -> bool:
    """Tell whether a change can change any fact before the alert was to end."""
    if not _ahead(before, now):
        return _ahead(after, now)
    same: dict[str, Any] = {"headline": before.headline}
    if after.valid_until > before.valid_until:
        same |= {"valid_until": before.valid_until}
    return after.model_copy(update=same) != before


# The same documents are read for every order; a hazard prepares its polygons once.
@lru_cache(maxsize=2_048)
def _parsed(document: str) -> Hazard:
    return Hazard.model_validate_json(document)
