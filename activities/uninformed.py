"""Which open orders do not know yet what became known of a subject."""

from datetime import datetime

from sqlmodel import Session

from domain.quantities import OrderId
from domain.segment import Membership
from domain.subject import Subject, SubjectKind
from segmentation.classify import Rules
from segmentation.schema import FactSource
from store import events, interests, subjects
from store.interests import Interested

# Facts of these sources change with the events of that kind of subject.
_SOURCES = {
    SubjectKind.CUSTOMER: FactSource.CUSTOMER,
    SubjectKind.LANE: FactSource.LANE,
}


def reads(rules: Rules, kind: SubjectKind) -> bool:
    """Tell whether rules on orders look at what happens to a kind of subject."""
    if any(window.of is kind for window in rules.windows_of(SubjectKind.ORDER)):
        return True
    specs = (rules.schema.get(name) for name in rules.of(SubjectKind.ORDER).depends)
    return any(s is not None and s.source is _SOURCES.get(kind) for s in specs)


def uninformed(session: Session, subject: Subject) -> tuple[OrderId, ...]:
    """List the orders that depend on a subject and were classified without the news.

    An order is left out if its classification has the very memberships that
    the subject has now, and nobody but itself told anything of it since.
    """
    now_in = subjects.memberships(session, [subject])[subject]
    heard = events.heard(session, subject)
    return tuple(
        order.order_id
        for order in interests.interested(session, subject)
        if not _knows(order, subject, now_in, heard)
    )


def _knows(
    order: Interested,
    subject: Subject,
    now_in: tuple[Membership, ...],
    heard: tuple[tuple[str | None, datetime], ...],
) -> bool:
    if order.classification is None or order.classified_at is None:
        # It is not classified yet, and will know everything when it is.
        return True
    has = {
        (member.segment, member.version)
        for member in order.classification.memberships
        if member.through == subject
    }
    if has != {(member.segment, member.version) for member in now_in}:
        return False
    others = (at for source, at in heard if source != order.order_id)
    newest = next(others, None)
    return newest is None or newest < order.classified_at
