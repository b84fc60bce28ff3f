"""Says in one sentence why an operator's wish cannot be, and what can."""

from collections.abc import Sequence
from dataclasses import replace

from domain.plan import Parcel, Pin, Plan, Unplaced, Way, total
from optimizer.plan import plan as plan_jointly
from optimizer.problem import Effort, Problem

SUGGESTIONS = 2


def refusal_of(pin: Pin, unplaced: Unplaced, problem: Problem, effort: Effort) -> str:
    """Name the first limit the wish violates, and the cheapest feasible ways."""
    wish = " ".join(
        part
        for part in (
            f"from {pin.fc}" if pin.fc else "",
            f"by {pin.service}" if pin.service else "",
            f"in {pin.method.value}" if pin.method else "",
        )
        if part
    )
    why = next(iter(unplaced.reasons), "no lane is allowed").rstrip(".")
    why = why.removeprefix(f"{pin.fc}: ")
    return f"Cannot go {wish}: {why}; {_instead(problem, effort)}."


def _instead(problem: Problem, effort: Effort) -> str:
    free = replace(problem, tasks=(replace(problem.tasks[0], pin=None),))
    answer = plan_jointly(free, effort).answers[0]
    if not isinstance(answer, Plan):
        return "nothing else is feasible right now either"
    ways = [(_words(answer.parcels), total(answer.cost))]
    ways += [
        (_words(other.ways), other.total_cents)
        for other in answer.alternatives[:SUGGESTIONS]
        if other.available
    ]
    return "feasible instead: " + ", or ".join(
        f"{way} (${cents / 100:.2f})" for way, cents in ways
    )


def _words(parcels: Sequence[Parcel | Way]) -> str:
    return " + ".join(f"{p.fc} by {p.service} in {p.method.value}" for p in parcels)
