"""Puts classifications together, and tells who entered and left between two."""

from collections.abc import Iterable
from datetime import datetime

from domain.segment import Classification, Membership, MembershipChange
from domain.subject import Subject


def together(own: Classification, *others: Classification) -> Classification:
    """Return one classification out of an order's own and those it has through others.

    A segment reached in two ways is listed for each; of equal ones the first.
    """
    all_of = (own, *others)
    ends = [one.valid_until for one in all_of if one.valid_until is not None]
    return own.model_copy(
        update={
            "memberships": _once(m for one in all_of for m in one.memberships),
            "shadow": _once(m for one in all_of for m in one.shadow),
            "unknown": tuple(dict.fromkeys(s for one in all_of for s in one.unknown)),
            "valid_until": min(ends, default=None),
        }
    )


def on_trial(own: Classification, trial: Classification) -> Classification:
    """Add what another rule set, on trial, would say; it has no effect."""
    would = (*own.shadow, *trial.memberships, *trial.shadow)
    ends = [at for at in (own.valid_until, trial.valid_until) if at is not None]
    return own.model_copy(
        update={"shadow": would, "valid_until": min(ends, default=None)}
    )


def changes(
    subject: Subject,
    before: Classification | None,
    after: Classification,
    now: datetime,
) -> tuple[MembershipChange, ...]:
    """List what a subject entered and left between two looks, by instant.

    What ended by itself left at that instant; what news ended leaves now.
    Under another version of the rules everything is left and entered anew.
    """
    old = {_key(m): m for m in before.memberships} if before else {}
    new = {_key(m): m for m in after.memberships}
    left = [
        _change(subject, member, entered=False, at=_ended(member, now))
        for key, member in old.items()
        if key not in new
    ]
    entered = [
        _change(subject, member, entered=True, at=member.since)
        for key, member in new.items()
        if key not in old
    ]
    return tuple(sorted((*left, *entered), key=lambda c: (c.at, c.entered, c.segment)))


def _key(member: Membership) -> tuple[str, str, Subject | None]:
    return member.segment, member.version, member.through


def _ended(member: Membership, now: datetime) -> datetime:
    until = member.valid_until
    return until if until is not None and until < now else now


def _change(
    subject: Subject, member: Membership, *, entered: bool, at: datetime
) -> MembershipChange:
    return MembershipChange(
        subject=subject,
        segment=member.segment,
        version=member.version,
        entered=entered,
        at=at,
        evidence=member.evidence if entered else (),
    )


def _once(members: Iterable[Membership]) -> tuple[Membership, ...]:
    found: dict[tuple[str, Subject | None], Membership] = {}
    for member in members:
        found.setdefault((member.segment, member.through), member)
    return tuple(found.values())
