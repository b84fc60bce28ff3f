"""Facts of hazards: the worst now and soon, at a place."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from domain.hazard import SEVERITY_RANK, Hazard
from domain.quantities import Place
from domain.segment import Fact
from segmentation.fact_table import SEVERITIES
from segmentation.known import Facts, Look
from segmentation.telling.parts import Phased, hours

AHEAD = timedelta(hours=48)
_AT_DESTINATION = (
    "hazard_severity",
    "hazard_ahead_severity",
    "hazard_kinds",
    "hazard_delay_h",
    "hazard_hours_left",
)

# Whether a hazard is there: None where only the address keeps us from knowing.
Touches = Callable[[Hazard], bool | None]


def at_place(place: Place) -> Touches:
    """Return the test for hazards at a place."""

    def touches(hazard: Hazard) -> bool | None:
        if hazard.touches(place):
            return True
        return None if hazard.undecided(place) else False

    return touches


def on_the_way(start: Place, end: Place) -> Touches:
    """Return the test for hazards between two places, both included."""

    def touches(hazard: Hazard) -> bool | None:
        if hazard.touches_lane(start, end):
            return True
        unsure = hazard.undecided(start) or hazard.undecided(end)
        return None if unsure else False

    return touches


def severity(name: str, hazards: Iterable[Hazard], touches: Touches) -> Look:
    """Tell the worst alert in force there, as the fact of that name."""
    touched = _touched(hazards, touches)
    changes = [
        at for hazard, _ in touched for at in (hazard.valid_from, hazard.valid_until)
    ]

    def tell(now: datetime) -> dict[str, Fact]:
        return {name: worst([pair for pair in touched if pair[0].active(now)])}

    return Phased((name,), changes, tell)


def at_destination(hazards: Iterable[Hazard], place: Place) -> Look:
    """Tell the alerts at the destination: in force, and within two days."""
    touched = _touched(hazards, at_place(place))
    changes = [
        at
        for hazard, _ in touched
        for at in (hazard.valid_from - AHEAD, hazard.valid_from, hazard.valid_until)
    ]
    phases = Phased(_AT_DESTINATION, changes, lambda now: _there(touched, now))
    return lambda now: _with_time_left(phases(now), touched, now)


def _there(touched: list[tuple[Hazard, bool]], now: datetime) -> dict[str, Fact]:
    active = [(hazard, surely) for hazard, surely in touched if hazard.active(now)]
    ahead = [
        (hazard, surely)
        for hazard, surely in touched
        if now < hazard.valid_from <= now + AHEAD
    ]
    here = [hazard for hazard, surely in active if surely]
    certain = len(here) == len(active)
    return {
        "hazard_severity": worst(active),
        "hazard_ahead_severity": worst(ahead),
        "hazard_kinds": tuple(sorted({h.kind for h in here})) if certain else None,
        "hazard_delay_h": (
            max((h.delay_h for h in here), default=0) if certain else None
        ),
        "hazard_hours_left": 0.0,
    }


def _with_time_left(
    told: Facts, touched: list[tuple[Hazard, bool]], now: datetime
) -> Facts:
    ends = [
        hazard.valid_until
        for hazard, surely in touched
        if surely and hazard.active(now)
    ]
    if not ends:
        return told
    left = {"hazard_hours_left": hours(now, max(ends))}
    return Facts({**told.values, **left}, {"hazard_hours_left": -1.0}, told.steps)


def _touched(hazards: Iterable[Hazard], touches: Touches) -> list[tuple[Hazard, bool]]:
    """Keep the hazards that are there, or may be for all we know."""
    judged = ((hazard, touches(hazard)) for hazard in hazards)
    return [(hazard, bool(there)) for hazard, there in judged if there is not False]


def worst(there: Iterable[tuple[Hazard, bool]]) -> str | None:
    """Return the worst severity there, None where a worse one is undecided."""
    sure = unsure = -1
    for hazard, surely in there:
        rank = SEVERITY_RANK[hazard.severity]
        if surely:
            sure = max(sure, rank)
        else:
            unsure = max(unsure, rank)
    return None if unsure > sure else SEVERITIES[sure + 1]
