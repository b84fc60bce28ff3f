"""Sets one classification beside another: on trial, or earlier."""

from datetime import datetime

from domain.segment import Classification, Membership, MembershipChange
from domain.subject import Subject


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
