"""From a problem to one settled option per order, whatever stands in the way.

- every order's options are found under its policy; where there are none, its
  soft limits are relaxed in the declared order, one more at a time;
- all orders choose together (``choose``);
- an order left without is offered what is left over in smaller parts, then
  its next soft limit is relaxed, and all choose again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.policy import Limits, SoftLimit
from optimizer.choose import Choice, choose
from optimizer.options import Choices, Option, find_options
from optimizer.problem import Effort, Task
from optimizer.resources import Resource
from optimizer.shared import Shared

_GIVEN_UP: Mapping[SoftLimit, Mapping[str, object]] = {
    SoftLimit.MAX_TRANSIT: {"max_transit_h": None},
    SoftLimit.PACKING: {"allowed_packing": None},
    SoftLimit.KEEP_TOGETHER: {"keep_together": False},
    SoftLimit.MAX_PARCELS: {"max_centers": None},
    SoftLimit.BLOCKED_MODES: {"blocked_modes": ()},
    SoftLimit.BLOCKED_LANES: {"blocked_lanes": ()},
    SoftLimit.LATEST_HANDOVER: {"latest_handover": None},
    SoftLimit.OVER_CAPACITY: {"over_capacity_allowed": True},
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one order stands: its limits as relaxed so far, and its options."""

    task: Task
    limits: Limits
    relaxed: tuple[SoftLimit, ...]
    choices: Choices

    @property
    def can_relax(self) -> bool:
        return len(self.relaxed) < len(self.task.policy.relax)


@dataclass(frozen=True, slots=True)
class Settled:
    """Every order's standing and option (None: none), and how they were chosen."""

    standings: tuple[Standing, ...]
    options: tuple[Option | None, ...]
    choice: Choice

    def taken(self) -> dict[Resource, int]:
        """Return what all orders together take of every resource."""
        return taken_by(self.standings, self.choice)


def relaxed_limits(limits: Limits, given_up: tuple[SoftLimit, ...]) -> Limits:
    """Return the limits without those given up."""
    changes: dict[str, object] = {}
    for soft in given_up:
        changes.update(_GIVEN_UP[soft])
    return limits.model_copy(update=changes)


def settle(shared: Shared, effort: Effort) -> Settled:
    """Find options for every order of the problem and choose among them jointly."""
    standings = [_first_feasible(shared, t, effort) for t in shared.problem.tasks]
    choice = _choose(shared, standings, effort)
    for _ in range(1 + len(SoftLimit)):
        if effort.stopped() or not _offer_more(shared, standings, choice, effort):
            break
        choice = _choose(shared, standings, effort)
    options = tuple(
        standing.choices.options[n] if n >= 0 else None
        for standing, n in zip(standings, choice.chosen, strict=True)
    )
    return Settled(tuple(standings), options, choice)


def _choose(shared: Shared, standings: list[Standing], effort: Effort) -> Choice:
    return choose(
        [standing.choices.options for standing in standings],
        [standing.limits.over_capacity_allowed for standing in standings],
        shared.supply,
        effort,
    )


def _first_feasible(shared: Shared, task: Task, effort: Effort) -> Standing:
    standing = _standing(shared, task, (), effort)
    while not standing.choices.options and standing.can_relax:
        standing = _relax(shared, standing, effort)
    return standing


def _standing(
    shared: Shared, task: Task, relaxed: tuple[SoftLimit, ...], effort: Effort
) -> Standing:
    limits = relaxed_limits(task.policy.limits, relaxed)
    choices = find_options(
        shared,
        task,
        limits,
        effort.options_per_order,
        effort.alternatives,
        hurried=effort.stopped(),
    )
    return Standing(task, limits, relaxed, choices)


def _relax(shared: Shared, standing: Standing, effort: Effort) -> Standing:
    order = standing.task.policy.relax
    given_up = order[: len(standing.relaxed) + 1]
    return _standing(shared, standing.task, given_up, effort)


def _offer_more(
    shared: Shared, standings: list[Standing], choice: Choice, effort: Effort
) -> bool:
    """Give orders left without an option some new ones; tell whether there are any."""
    offered = False
    left = taken_by(standings, choice)
    for n, standing in enumerate(standings):
        if choice.chosen[n] >= 0 or not standing.choices.options:
            continue
        more = find_options(
            shared, standing.task, standing.limits, effort.options_per_order, 0, left
        ).options
        known = {option.key for option in standing.choices.options}
        new = tuple(option for option in more if option.key not in known)
        if new:
            options = tuple(
                sorted((*standing.choices.options, *new), key=lambda o: o.rank)
            )
            choices = replace(standing.choices, options=options)
            standings[n] = replace(standing, choices=choices)
        elif standing.can_relax:
            standings[n] = _relax(shared, standing, effort)
        else:
            continue
        offered = True
    return offered


def taken_by(standings: Sequence[Standing], choice: Choice) -> dict[Resource, int]:
    """Return what the orders chosen for have taken of every resource."""
    taken: dict[Resource, int] = {}
    for standing, n in zip(standings, choice.chosen, strict=True):
        if n >= 0:
            for resource, amount in standing.choices.options[n].uses.items():
                taken[resource] = taken.get(resource, 0) + amount
    return taken
