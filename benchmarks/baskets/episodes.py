"""Episodes: who was in which segment from when until when, found in three ways."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from benchmarks.baskets.questions import Household, Question
from domain.event import BusinessEvent
from domain.segment import MembershipChange

# Whose segment it is.
Place = tuple[str, str]
# First second in it, first second not in it any more.
Episode = tuple[int, int]
Episodes = Mapping[Place, Sequence[Episode]]


@dataclass(frozen=True, slots=True)
class Seen:
    """How many true episodes were not seen at all, or later than they began."""

    episodes: int
    missed: int
    late: int
    false: int = 0

    def row(self) -> dict[str, float]:
        return {
            "missed": self.missed,
            "missed_percent": round(100 * self.missed / self.episodes, 2),
            "late": self.late,
            "false": self.false,
        }


def by_counting(
    events: Iterable[BusinessEvent], questions: Iterable[Question], end_s: int
) -> Episodes:
    """Find the episodes by looking at every basket at every possible change."""
    told: dict[str, list[BusinessEvent]] = defaultdict(list)
    for event in events:
        told[f"customer/{event.customer_id}"].append(event)
    asked = list(questions)
    found: dict[Place, Sequence[Episode]] = {}
    for name, mine in told.items():
        household = Household(mine)
        for question in asked:
            found[name, question.id] = _runs(household, question, end_s)
    return found


def _runs(household: Household, question: Question, end_s: int) -> list[Episode]:
    changes = [household.at, *(household.at + span for span in question.spans_s)]
    instants = np.unique(np.concatenate(changes))
    instants = instants[instants < end_s]
    holds = question.holds(household, instants).astype(np.int8)
    edges = np.diff(np.concatenate(([0], holds, [0])))
    bounds = np.append(instants, end_s)
    begins, ends = bounds[np.flatnonzero(edges > 0)], bounds[np.flatnonzero(edges < 0)]
    return [(int(b), int(e)) for b, e in zip(begins, ends, strict=True)]


def of_log(log: Iterable[MembershipChange], end: datetime) -> Episodes:
    """Read the episodes off a log of changes."""
    found: dict[Place, list[Episode]] = defaultdict(list)
    begun: dict[Place, int] = {}
    end_s = int(end.timestamp())
    for change in log:
        at_s = int(change.at.timestamp())
        place = (str(change.subject), str(change.segment))
        if change.at >= end:
            continue
        if change.entered:
            begun[place] = at_s
        else:
            found[place].append((begun.pop(place), at_s))
    for place, at_s in begun.items():
        found[place].append((at_s, end_s))
    return found


def compared(true: Episodes, ours: Episodes) -> Seen:
    """Compare episodes with the true ones."""
    missed = late = false = 0
    for place, wanted in true.items():
        told = dict(ours.get(place, ()))
        for begin, end in wanted:
            overlap = [b for b, e in told.items() if b < end and begin < e]
            missed += not overlap
            late += bool(overlap) and min(overlap) > begin
        false += len(set(told.items()) - set(wanted))
    return Seen(_count(true), missed, late, false)


def by_recomputing(true: Episodes, every_s: int, begin_s: int) -> Seen:
    """Tell what somebody sees who looks every so often, from an instant on."""
    missed = late = 0
    for wanted in true.values():
        for begin, end in wanted:
            tick = begin_s + -(-(begin - begin_s) // every_s) * every_s
            missed += tick >= end
            late += begin < tick < end
    return Seen(_count(true), missed, late)


def _count(true: Episodes) -> int:
    return sum(len(wanted) for wanted in true.values())
