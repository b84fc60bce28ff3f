"""Composes the effects of an order's segments into one policy.

- segments speak in order of priority, then of id: the order in which they are
  written or found changes nothing
- limits tighten: the smaller maximum, what all allow, whatever any blocks
- money terms and the gain a move must bring take the largest value
- an outright conflict goes to the higher priority; between equals it is
  recorded and sent to review, and the safer side holds meanwhile
- the base speaks last: its limits tighten too, its other terms are defaults
- whoever avoids what is down blocks it; a lane's segments only block the lane
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from domain.order import Order
from domain.policy import Conflict, Limits, Money, Policy
from domain.quantities import SegmentId
from domain.segment import Classification, Down, RuleSet
from domain.subject import LaneId
from segmentation.blocking import avoiding, lanes_blocked
from segmentation.relaxing import relaxable
from segmentation.voices import Voice, ids, lane_voices, voices
from segmentation.wording import explain

__all__ = ["compose", "explain"]

# What holds where two equals disagree: the choice that risks less.
SAFER = {
    "keep_together": True,
    "signature": True,
    "insured": True,
    "pickup_allowed": False,
    "over_capacity_allowed": False,
}
BLOCKS = ("blocked_centers", "blocked_carriers", "blocked_services", "blocked_modes")
ALLOWANCES = (
    "allowed_centers",
    "allowed_carriers",
    "allowed_modes",
    "allowed_packing",
)
ORDER = SegmentId("order")
FAIRNESS_BYTES = 64


def compose(
    rule_set: RuleSet, classification: Classification, order: Order, now: datetime
) -> Policy:
    """Return the policy an order's segments amount to at an instant.

    Memberships that have ended by ``now`` have no effect. A conflict between
    segments of equal priority is in ``conflicts`` and adds a review reason
    naming both.
    """
    table = _Table(voices(rule_set, classification, now))
    table.avoid(classification.down)
    lanes = table.lanes(lane_voices(rule_set, classification, now))
    limits = table.limits(order, lanes)
    money = Money(**{term: table.preferred(term, max) or 0 for term in _MONEY})
    relax = relaxable(table.speaking)
    if relax:
        table.note("relax", [v for v in table.speaking if v.effects.relax])
    return Policy(
        limits=limits,
        money=money,
        relax=relax,
        review=(
            *table.reviews(),
            *_undecided(rule_set, classification),
            *_against_the_customer(order, limits),
        ),
        review_above_cents=table.tightest("review_above_cents"),
        queue_priority=table.preferred("queue_priority", min) or 3,
        fairness_key=_fairness_key(order),
        move_gain_cents=table.preferred("move_gain_cents", max) or 0,
        sources=dict(sorted(table.sources.items())),
        conflicts=tuple(table.conflicts),
    )


_MONEY = tuple(Money.model_fields)


class _Table:
    """The voices around one table; notes who decided each term."""

    def __init__(self, speaking: tuple[Voice, ...]) -> None:
        self.speaking = speaking
        self.sources: dict[str, tuple[SegmentId, ...]] = {}
        self.conflicts: list[Conflict] = []

    def note(self, term: str, deciding: list[Voice]) -> None:
        self.sources[term] = ids(deciding)

    def avoid(self, down: Down) -> None:
        """Let those who avoid what is down block it, unless they are overruled."""
        if self._flag("avoid_down", safer=True):
            self.speaking = avoiding(self.speaking, down)

    def lanes(self, of_lanes: tuple[Voice, ...]) -> tuple[LaneId, ...]:
        """Settle which lanes are blocked, by their segments and by being down."""
        named = [voice for voice in (*of_lanes, *self.speaking) if voice.lanes]
        named.sort(key=lambda voice: (-voice.priority, voice.id))
        blocked = lanes_blocked(named)
        if blocked.lanes:
            self.sources["blocked_lanes"] = blocked.sources
        self.conflicts.extend(blocked.conflicts)
        return blocked.lanes

    def limits(self, order: Order, lanes: tuple[LaneId, ...]) -> Limits:
        said: dict[str, Any] = {"blocked_lanes": lanes}
        for term in ("max_transit_h", "max_centers"):
            said[term] = self.tightest(term)
        for term, safer in SAFER.items():
            said[term] = self._flag(term, safer=safer)
        for term in BLOCKS:
            said[term] = self._union(term)
        for term in ALLOWANCES:
            said[term] = self._shared(term)
        for what in ("centers", "carriers", "modes"):
            self._reconcile(said, f"allowed_{what}", f"blocked_{what}")
        said["latest_handover"] = self._latest_handover()
        if order.signature:
            said["signature"] = True
            self.sources["signature"] = (*self.sources.get("signature", ()), ORDER)
        return Limits(
            **{term: value for term, value in said.items() if value is not None}
        )

    def tightest(self, term: str) -> int | None:
        """Take the smallest value anybody names."""
        named = self._named(term)
        if not named:
            return None
        smallest: int = min(value for _, value in named)
        self.note(term, [voice for voice, value in named if value == smallest])
        return smallest

    def preferred(self, term: str, pick: Callable[[list[int]], int]) -> int | None:
        """Take the segments' value; the base counts only where none names one."""
        named = self._named(term)
        by_segments = [pair for pair in named if not pair[0].is_base]
        named = by_segments or named
        if not named:
            return None
        chosen = pick([value for _, value in named])
        self.note(term, [voice for voice, value in named if value == chosen])
        return chosen

    def _named(self, term: str) -> list[tuple[Voice, Any]]:
        pairs = ((voice, getattr(voice.effects, term)) for voice in self.speaking)
        return [(voice, value) for voice, value in pairs if value is not None]

    def _flag(self, term: str, *, safer: bool) -> bool | None:
        named = self._named(term)
        if not named:
            return None
        first, chosen = named[0]
        against = [
            voice
            for voice, value in named
            if value is not chosen and voice.priority == first.priority
        ]
        if against:
            chosen = safer
            why = f"one says yes and the other no, meanwhile it is {_yes(chosen)}"
            self._conflict(term, first, against[0], why)
        self.note(term, [voice for voice, value in named if value is chosen])
        return bool(chosen)

    def _union(self, term: str) -> tuple[str, ...]:
        named = [(voice, value) for voice, value in self._named(term) if value]
        if not named:
            return ()
        self.note(term, [voice for voice, _ in named])
        return tuple(sorted({item for _, value in named for item in value}))

    def _shared(self, term: str) -> tuple[str, ...] | None:
        """Take what all allow; whoever leaves nothing over is overruled."""
        shared: set[str] | None = None
        heard: list[Voice] = []
        for voice, allowed in self._named(term):
            rest = set(allowed) if shared is None else shared & set(allowed)
            if rest:
                shared = rest
                heard.append(voice)
                continue
            equals = [other for other in heard if other.priority == voice.priority]
            if equals:
                why = "together they allow nothing, meanwhile the first one holds"
                self._conflict(term, equals[0], voice, why)
        if shared is None:
            return None
        self.note(term, heard)
        return tuple(sorted(shared))

    def _reconcile(self, said: dict[str, Any], allows: str, blocks: str) -> None:
        """Settle the case that everything allowed is also blocked."""
        allowed, blocked = said[allows], said[blocks]
        if not allowed or set(allowed) - set(blocked):
            return
        allowing = self._by(allows)[0]
        blocking = next(
            v for v in self._by(blocks) if self._touches(v, blocks, allowed)
        )
        if allowing.priority > blocking.priority:
            said[blocks] = tuple(item for item in blocked if item not in allowed)
            self._forget(blocks, said[blocks])
        elif allowing.priority < blocking.priority:
            said[allows] = None
            del self.sources[allows]
        else:
            why = "one blocks all that the other allows, nothing is left"
            self._conflict(allows, allowing, blocking, why)

    def _by(self, term: str) -> list[Voice]:
        return [v for v in self.speaking if v.id in self.sources.get(term, ())]

    @staticmethod
    def _touches(voice: Voice, blocks: str, allowed: tuple[str, ...]) -> bool:
        return bool(set(getattr(voice.effects, blocks)) & set(allowed))

    def _forget(self, blocks: str, left: tuple[str, ...]) -> None:
        del self.sources[blocks]
        still = [v for v, value in self._named(blocks) if set(value) & set(left)]
        if still:
            self.note(blocks, still)

    def _latest_handover(self) -> datetime | None:
        """Count the hours from when each membership began, not from each look."""
        named = [
            (voice, voice.since + timedelta(hours=hours))
            for voice, hours in self._named("handover_within_h")
        ]
        if not named:
            return None
        latest = min(instant for _, instant in named)
        self.note("latest_handover", [v for v, at in named if at == latest])
        return latest

    def _conflict(self, term: str, one: Voice, other: Voice, why: str) -> None:
        self.conflicts.append(Conflict(term=term, segments=(one.id, other.id), why=why))

    def reviews(self) -> tuple[str, ...]:
        named = [(voice, reason) for voice, reason in self._named("review") if reason]
        if named:
            self.note("review", [voice for voice, _ in named])
        asked = [f"{voice.id}: {reason}" for voice, reason in named]
        for conflict in self.conflicts:
            one, other = conflict.segments
            term = conflict.term.replace("_", " ")
            asked.append(
                f"segments {one} and {other} disagree on {term}: {conflict.why}"
            )
        return tuple(asked)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _undecided(rule_set: RuleSet, classification: Classification) -> list[str]:
    asking = {s.id for s in rule_set.segments if s.on_unknown == "review"}
    return [
        f"{segment}: facts are missing, so nobody knows whether it applies"
        for segment in sorted(classification.unknown)
        if segment in asking
    ]


def _against_the_customer(order: Order, limits: Limits) -> list[str]:
    if order.pickup and not limits.pickup_allowed:
        return ["the customer wants to collect, which its segments do not allow"]
    return []


def _fairness_key(order: Order) -> str:
    """Return the customer's pseudonym, shortened where the server's limit asks."""
    key = str(order.customer_id)
    if len(key.encode()) <= FAIRNESS_BYTES:
        return key
    return sha256(key.encode()).hexdigest()[:FAIRNESS_BYTES]
