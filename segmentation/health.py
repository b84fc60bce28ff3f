"""How well carriers and centers do, and from when that counts as a disruption.

- effects of the last six hours count, those of two hours ago half as much;
- a disruption begins when, by Wilson's interval, at least 40 % of effects fail
  with 97.5 % certainty: one failure of two is bad luck;
- it ends when no more than 15 % fail, or when it has not been renewed for two
  hours: who is avoided is not heard of, so somebody must try again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import TypeVar

from domain.condition import Condition, ConditionKind, ConditionSource
from domain.hazard import Severity
from domain.history import History
from domain.quantities import CarrierId, FcId, ServiceId
from domain.subject import LaneId

WINDOW = timedelta(hours=6)
HALF_LIFE = timedelta(hours=2)
LASTS = timedelta(hours=2)
LEAST_SEEN = 5
BEGINS_ABOVE = 0.4
SEVERE_ABOVE = 0.6
ENDS_BELOW = 0.15
Z = 1.96

# What events on a lane say of its carrier and of its center: went well or not.
CARRIER_WORD = {
    **dict.fromkeys(("carrier_ok", "handed_over", "delivered"), True),
    **dict.fromkeys(
        ("carrier_failed", "booking_refused", "delivery_failed", "lost"), False
    ),
}
CENTER_WORD = {"center_ok": True, "handed_over": True, "center_refused": False}

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Tally:
    """Effects that went well and not, recent ones weighing more.

    ``seen`` counts them plainly; ``failed_at`` is when the last one failed.
    """

    good: float = 0.0
    bad: float = 0.0
    seen: int = 0
    failed_at: datetime | None = None

    @property
    def share_bad(self) -> float:
        """Return the share that failed; 0 where nothing was seen."""
        return self.bad / (self.good + self.bad) if self.seen else 0.0

    @property
    def surely_bad(self) -> float:
        """Return the least share that fails, by Wilson's interval.

        References
        ----------
        .. [1] Wilson, E.B. (1927). Probable inference, the law of succession,
               and statistical inference. *JASA* 22(158): 209-212.
        """
        n, p = self.good + self.bad, self.share_bad
        if not self.seen or n <= 0:
            return 0.0
        center = p + Z**2 / (2 * n)
        spread = Z * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        return max(0.0, (center - spread) / (1 + Z**2 / n))


@dataclass(frozen=True, slots=True)
class Observed:
    """Tallies of carriers, of carriers at a center, and of centers."""

    carriers: Mapping[CarrierId, Tally]
    at_centers: Mapping[tuple[FcId, CarrierId], Tally]
    centers: Mapping[FcId, Tally]


def observe(
    histories: Mapping[LaneId, History],
    carriers: Mapping[ServiceId, CarrierId],
    now: datetime,
) -> Observed:
    """Tally what happened on lanes in the last hours.

    Parameters
    ----------
    histories
        Events by lane; kinds that say nothing of how it went are passed over.
    carriers
        Who runs each service; lanes of services not named say nothing of a
        carrier.
    """
    of_carriers: dict[CarrierId, Tally] = {}
    at_centers: dict[tuple[FcId, CarrierId], Tally] = {}
    of_centers: dict[FcId, Tally] = {}
    for lane, history in sorted(histories.items()):
        center, _, service = lane.partition("/")
        fc, carrier = FcId(center), carriers.get(ServiceId(service))
        for at, kind in _recent(history, now):
            weight = 0.5 ** ((now - at) / HALF_LIFE)
            if carrier is not None and kind in CARRIER_WORD:
                well = CARRIER_WORD[kind]
                _count(of_carriers, carrier, at, weight, well=well)
                _count(at_centers, (fc, carrier), at, weight, well=well)
            if kind in CENTER_WORD:
                _count(of_centers, fc, at, weight, well=CENTER_WORD[kind])
    return Observed(of_carriers, at_centers, of_centers)


def carrier_health(observed: Observed) -> dict[CarrierId, float]:
    """Return the share of each carrier's effects that went well.

    A carrier seen fewer than five times is left out: nobody knows.
    """
    return {
        carrier: round(1 - tally.share_bad, 4)
        for carrier, tally in observed.carriers.items()
        if tally.seen >= LEAST_SEEN
    }


def conditions(
    observed: Observed, now: datetime, previous: Iterable[Condition] = ()
) -> tuple[Condition, ...]:
    """Return the disruptions and outages that hold, by what was observed.

    A carrier in trouble everywhere is one condition, not one per center.

    Parameters
    ----------
    previous
        The detected conditions in force: one that goes on stays as it is until
        half its time has passed, so that nobody is told the same thing again.
    """
    known = {c.id: c for c in previous if c.active(now)}
    found = [
        *_judged(observed.carriers, _carrier_down, known, now),
        *_judged(observed.at_centers, _carrier_down_at, known, now),
        *_judged(observed.centers, _center_down, known, now),
    ]
    everywhere = {c.carrier for c in found if c.carrier and c.center is None}
    return tuple(
        condition
        for condition in found
        if condition.center is None or condition.carrier not in everywhere
    )


def _recent(history: History, now: datetime) -> Iterable[tuple[datetime, str]]:
    for entry in history.entries:
        if now - WINDOW < entry.at <= now:
            yield entry.at, entry.kind


def _count(
    tallies: dict[Key, Tally], key: Key, at: datetime, weight: float, *, well: bool
) -> None:
    before = tallies.get(key, Tally())
    failed_at = before.failed_at
    if not well:
        failed_at = at if failed_at is None else max(failed_at, at)
    tallies[key] = Tally(
        before.good + weight * well,
        before.bad + weight * (not well),
        before.seen + 1,
        failed_at,
    )


Describe = Callable[[Key], dict[str, object]]


def _judged(
    tallies: Mapping[Key, Tally],
    describe: Describe[Key],
    known: Mapping[str, Condition],
    now: datetime,
) -> Iterable[Condition]:
    for key, tally in tallies.items():
        what = describe(key)
        before = known.get(str(what["id"]))
        if _holds(tally, now, before is not None):
            yield _condition(what, tally, now, before)


def _holds(tally: Tally, now: datetime, held: bool) -> bool:
    if tally.seen < LEAST_SEEN or tally.failed_at is None:
        return False
    fresh = now - tally.failed_at < LASTS
    limit = tally.share_bad > ENDS_BELOW if held else tally.surely_bad > BEGINS_ABOVE
    return fresh and limit


def _condition(
    what: dict[str, object], tally: Tally, now: datetime, before: Condition | None
) -> Condition:
    if before and before.valid_until and before.valid_until - now > LASTS / 2:
        return before
    severe = tally.surely_bad > SEVERE_ABOVE
    began = before.valid_from if before else now
    return Condition.model_validate(
        {
            **what,
            "severity": Severity.SEVERE if severe else Severity.MODERATE,
            "valid_from": began,
            "valid_until": now + LASTS,
            "source": ConditionSource.DETECTED,
            "declared_by": "lanewise",
            "why": f"{tally.share_bad:.0%} of {tally.seen} recent effects failed",
        }
    )


def _carrier_down(carrier: CarrierId) -> dict[str, object]:
    return {
        "id": f"detected/carrier/{carrier}",
        "kind": ConditionKind.CARRIER_DISRUPTION,
        "title": f"{carrier} fails",
        "carrier": carrier,
    }


def _carrier_down_at(key: tuple[FcId, CarrierId]) -> dict[str, object]:
    fc, carrier = key
    return _carrier_down(carrier) | {
        "id": f"detected/carrier/{carrier}/{fc}",
        "title": f"{carrier} fails at {fc}",
        "center": fc,
    }


def _center_down(fc: FcId) -> dict[str, object]:
    return {
        "id": f"detected/center/{fc}",
        "kind": ConditionKind.CENTER_OUTAGE,
        "title": f"{fc} refuses",
        "center": fc,
    }
