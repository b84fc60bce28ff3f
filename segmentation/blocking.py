"""Which lanes are blocked, and who keeps away from what is out of service."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.policy import Conflict
from domain.quantities import SegmentId
from domain.segment import Down
from domain.subject import LaneId
from segmentation.voices import Voice, ids


@dataclass(frozen=True, slots=True)
class Blocked:
    """The lanes no parcel takes, who asked for it, and who disagreed."""

    lanes: tuple[LaneId, ...] = ()
    sources: tuple[SegmentId, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def avoiding(speaking: tuple[Voice, ...], down: Down) -> tuple[Voice, ...]:
    """Let every voice that avoids what is down block it by name."""
    if down == Down():
        return speaking
    return tuple(_blocking(v, down) if v.effects.avoid_down else v for v in speaking)


def lanes_blocked(voices: Iterable[Voice]) -> Blocked:
    """Settle lane by lane: the higher priority wins, between equals it is blocked.

    Parameters
    ----------
    voices
        Whoever names lanes, in the order they speak.
    """
    said: dict[LaneId, list[Voice]] = {}
    for voice in voices:
        for lane in voice.lanes:
            said.setdefault(lane, []).append(voice)
    conflicts: dict[tuple[SegmentId, SegmentId], Conflict] = {}
    blocked: list[LaneId] = []
    asking: dict[SegmentId, Voice] = {}
    for lane in sorted(said):
        top = [v for v in said[lane] if v.priority == said[lane][0].priority]
        blocking = [voice for voice in top if not voice.frees]
        freeing = [voice for voice in top if voice.frees]
        if blocking:
            blocked.append(lane)
            asking |= {v.id: v for v in said[lane] if not v.frees}
        if blocking and freeing:
            conflict = _conflict(lane, blocking[0], freeing[0])
            conflicts.setdefault(conflict.segments, conflict)
    ordered = sorted(asking.values(), key=lambda voice: (-voice.priority, voice.id))
    return Blocked(tuple(blocked), ids(ordered), tuple(conflicts.values()))


def _conflict(lane: LaneId, one: Voice, other: Voice) -> Conflict:
    why = f"one blocks {lane} and the other does not, meanwhile it is blocked"
    return Conflict(term="blocked_lanes", segments=(one.id, other.id), why=why)


def _blocking(voice: Voice, down: Down) -> Voice:
    effects = voice.effects
    update = {
        "blocked_centers": _united(effects.blocked_centers, down.centers),
        "blocked_carriers": _united(effects.blocked_carriers, down.carriers),
        "blocked_services": _united(effects.blocked_services, down.services),
    }
    return replace(
        voice, effects=effects.model_copy(update=update), lanes=tuple(down.lanes)
    )


def _united(
    said: tuple[str, ...] | None, down: tuple[str, ...]
) -> tuple[str, ...] | None:
    return tuple(sorted({*(said or ()), *down})) if down else said
