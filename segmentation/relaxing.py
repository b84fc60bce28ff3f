"""Which limits may be given up when nothing is feasible, and in what order."""

from domain.policy import SoftLimit
from segmentation.voices import Voice

# What a limit that may be relaxed is called in a segment's effects.
TERMS: dict[SoftLimit, tuple[str, ...]] = {
    SoftLimit.MAX_TRANSIT: ("max_transit_h",),
    SoftLimit.PACKING: ("allowed_packing",),
    SoftLimit.KEEP_TOGETHER: ("keep_together",),
    SoftLimit.MAX_PARCELS: ("max_centers",),
    SoftLimit.BLOCKED_MODES: ("blocked_modes", "allowed_modes"),
    # A lane's own segment cannot speak of relaxing; the order's segments do.
    SoftLimit.BLOCKED_LANES: (),
    SoftLimit.LATEST_HANDOVER: ("handover_within_h",),
    SoftLimit.OVER_CAPACITY: ("over_capacity_allowed",),
}


def relaxable(speaking: tuple[Voice, ...]) -> tuple[SoftLimit, ...]:
    """Return the limits that may be relaxed, first the one to give up first.

    A limit may go only if everyone who set it agrees. The least important
    voice's limits go first, in the order it lists them.
    """
    wanted: dict[SoftLimit, None] = {}
    for voice in reversed(speaking):
        wanted.update(dict.fromkeys(voice.effects.relax or ()))
    return tuple(limit for limit in wanted if _agreed(limit, speaking))


def _agreed(limit: SoftLimit, speaking: tuple[Voice, ...]) -> bool:
    setters = [voice for voice in speaking if _sets(voice, limit)]
    return all(limit in (voice.effects.relax or ()) for voice in setters)


def _sets(voice: Voice, limit: SoftLimit) -> bool:
    if limit is SoftLimit.BLOCKED_LANES and voice.lanes:
        return True
    return any(getattr(voice.effects, term) is not None for term in TERMS[limit])
