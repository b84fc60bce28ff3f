"""Replays a subject's time, so that each change is stamped with its very second.

The walk begins at the earliest instant about which something new is known, or
where the last one ended. It rests on what is known now of then, so it does not
matter in which order that became known, or how long nobody looked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.history import RETENTION
from domain.quantities import SegmentId
from domain.segment import (
    Classification,
    Membership,
    MembershipChange,
    Segment,
    SegmentStatus,
)
from domain.subject import Subject, kind_of
from segmentation.classify import Rules
from segmentation.known import Look
from segmentation.timeline import flips
from store.subjects import Found, SubjectState


class Entered(NamedTuple):
    """Since when one is in a segment, and what made it so."""

    since: datetime
    evidence: tuple[str, ...]


Standing = Mapping[SegmentId, Entered]

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Before:
    """How a subject stood just before the replay begins."""

    active: Standing = field(default_factory=dict)
    shadow: Standing = field(default_factory=dict)


def begin(
    state: SubjectState, rules: Rules, in_force_since: datetime | None, now: datetime
) -> datetime:
    """Return from when on a subject's time is to be replayed.

    Never from before the rules were in force: what older rules said then was
    said for good. Never from before 400 days ago: what counted then is forgotten.
    """
    if state.version != rules.rule_set.version:
        known = state.dirty_from if state.evaluated_at is None else None
    else:
        known = min(
            (at for at in (state.dirty_from, state.evaluated_at) if at is not None),
            default=None,
        )
    edges = (known, in_force_since, now - RETENTION)
    return min(now, max(at for at in edges if at is not None))


def replay(
    rules: Rules,
    subject: Subject,
    look: Look,
    before: Before,
    start: datetime,
    now: datetime,
) -> Found:
    """Say what a subject entered and left since an instant, and where it is now.

    Parameters
    ----------
    look
        Tells the subject's facts at any instant, from what is known now.
    before
        Where it was just before ``start``.
    """
    walk = _Walk(rules, subject, look, before)
    walk.go(start, now)
    found = rules.classify(
        look(now), now, walk.previous(now), look=look, on=kind_of(subject)
    )
    recheck_at = found.valid_until
    return Found(
        subject=subject,
        version=rules.rule_set.version,
        memberships=walk.explained(found.memberships),
        shadow=walk.explained(found.shadow),
        changes=tuple(walk.changes),
        replayed_from=start,
        evaluated_at=now,
        recheck_at=None if recheck_at is None else max(recheck_at, now + _SECOND),
    )


class _Walk:
    def __init__(
        self, rules: Rules, subject: Subject, look: Look, before: Before
    ) -> None:
        self.changes: list[MembershipChange] = []
        self._rules = rules
        self._subject = subject
        self._look = look
        self._on = kind_of(subject)
        self._entered = {**before.shadow, **before.active}
        self._logged = set(before.active)

    def go(self, start: datetime, now: datetime) -> None:
        """Walk from start to now; each leg may end before that."""
        complete = False
        while not complete:
            leg = flips(self._rules, self._on, self._look, start, now)
            self._turn(start, leg.members)
            for flip in leg:
                self._turn(flip.at, flip.members)
            start, complete = leg.reached, leg.complete

    def previous(self, now: datetime) -> Classification:
        """Return where the walk ended, for memberships to keep their beginnings."""
        version = self._rules.rule_set.version
        return Classification(
            version=version,
            memberships=tuple(
                Membership(
                    segment=segment.id,
                    version=version,
                    since=_renewed(segment, self._entered[segment.id].since, now),
                )
                for segment in self._rules.segments(self._on)
                if segment.id in self._entered
            ),
        )

    def explained(self, members: tuple[Membership, ...]) -> tuple[Membership, ...]:
        """Say of memberships what made them so when they began, not what is now."""
        return tuple(
            member.model_copy(
                update={"evidence": self._entered[member.segment].evidence}
            )
            for member in members
        )

    def _turn(self, at: datetime, members: int) -> None:
        """Note who is in and who is out from an instant on."""
        segments = self._rules.segments(self._on)
        inside = {s.id: s for n, s in enumerate(segments) if members >> n & 1}
        for segment in self._entered.keys() - inside.keys():
            del self._entered[segment]
        if new := inside.keys() - self._entered.keys():
            evidence = self._evidence(at)
            self._entered |= {s: Entered(at, evidence[s]) for s in new}
        active = {i for i, s in inside.items() if s.status is SegmentStatus.ACTIVE}
        left, entered = self._logged - active, active - self._logged
        self.changes += [self._change(s, at, entered=False) for s in sorted(left)]
        self.changes += [self._change(s, at, entered=True) for s in sorted(entered)]
        self._logged = active

    def _evidence(self, at: datetime) -> dict[SegmentId, tuple[str, ...]]:
        found = self._rules.classify(self._look(at), at, on=self._on)
        members = (*found.memberships, *found.shadow)
        return {member.segment: member.evidence for member in members}

    def _change(
        self, segment: SegmentId, at: datetime, *, entered: bool
    ) -> MembershipChange:
        return MembershipChange(
            subject=self._subject,
            segment=segment,
            version=self._rules.rule_set.version,
            entered=entered,
            at=at,
            evidence=self._entered[segment].evidence if entered else (),
        )


def _renewed(segment: Segment, since: datetime, now: datetime) -> datetime:
    """Return since when a membership lasts whose time to live begins anew."""
    if segment.ttl_h is None:
        return since
    life = timedelta(hours=segment.ttl_h)
    return since + (now - since) // life * life
