"""From a problem to one settled option per order, whatever stands in the way.

- every order's options are found under its policy; where there are none, its
  soft limits are relaxed in the declared order, one more at a time;
- all orders choose together (``choose``: exact, priced, greedy);
- an order left without is offered what is left over in smaller parts, then
  its next soft limit is relaxed, and all choose again;
- orders that the caller's deadline left no time for take a way from the
  fallback table, of what the others left, so many of them as allowed;
- who has nothing then is held, with reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.plan import Excluded, Rung, SolverRecord
from domain.policy import Limits, SoftLimit
from optimizer.choose import Choice, choose
from optimizer.fallback import Table
from optimizer.halting import Interrupted, interruptible
from optimizer.options import Choices, Option, find_options
from optimizer.prices import Prices
from optimizer.problem import Effort, Task
from optimizer.resources import Resource
from optimizer.rows import keys_of
from optimizer.shared import Shared
from optimizer.telling import parcels

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
# The prices' own choice, without a solver's.
QUICK_WORK = 0.01
MOST_ROUNDS = 2 + len(SoftLimit)
MILLION, FORTIETH = 1_000_000, 40
TABLE_FAILED = "no center alone can send it, and there was no time to look at splits"
NO_TIME = "the time was over before this order's turn came; ask again"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one order stands: its limits as relaxed so far, and its options.

    ``choices`` is None for orders that nobody had time for; ``held`` then says
    why they have nothing, if so.
    """

    task: Task
    limits: Limits
    relaxed: tuple[SoftLimit, ...]
    choices: Choices | None
    held: str = ""

    @property
    def options(self) -> Sequence[Option]:
        return self.choices.options if self.choices is not None else ()

    @property
    def runners_up(self) -> Sequence[Option]:
        return self.choices.runners_up if self.choices is not None else ()

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        return self.choices.excluded if self.choices is not None else ()

    @property
    def can_relax(self) -> bool:
        return len(self.relaxed) < len(self.task.policy.relax)


@dataclass(frozen=True, slots=True)
class Round:
    """All orders looked at so far, and what they chose together.

    ``number`` rounds were begun; the last was perhaps ``cut`` short, at ``work``.
    """

    standings: tuple[Standing, ...]
    choice: Choice
    number: int
    work: int
    cut: bool

    @property
    def proven(self) -> bool:
        """Tell whether no solver could find anything better."""
        return self.choice.rung in (Rung.DIRECT, Rung.EXACT)

    @property
    def value(self) -> tuple[int, int]:
        """What more is better of: orders served, then cents saved."""
        return sum(1 for n in self.choice.chosen if n >= 0), -self.choice.cents


@dataclass(frozen=True, slots=True)
class Settled:
    """Every order's standing and option (None: none), and how they were found.

    ``late_cents`` are of the orders served by the table, with what they work
    beyond capacity. Of the ``unlooked`` orders that follow nothing is known: there
    was no time for them. ``stopped`` says that the caller's deadline cut in.
    """

    standings: tuple[Standing, ...]
    options: tuple[Option | None, ...]
    rungs: tuple[Rung, ...]
    last: Round
    late_cents: int
    stopped: bool
    unlooked: int = 0

    def taken(self) -> dict[Resource, int]:
        """Return what all orders together take of every resource."""
        return _taken(self.options)

    @property
    def prices(self) -> Prices:
        """What one more of each contested thing is worth to all."""
        return self.last.choice.prices

    def record(self, effort: Effort, explained: int = 0) -> SolverRecord:
        """Write down how good the answer is, and how to repeat it.

        Nothing is known of what orders served by the table cost at least.
        """
        choice, orders = self.last.choice, len(self.options) + self.unlooked
        served = sum(1 for option in self.options if option is not None)
        placed = sum(1 for rung in self.rungs if rung is not Rung.HELD)
        cents = choice.cents + self.late_cents
        over = max(0, cents - choice.bound_cents)
        late = orders - len(self.last.standings)
        stopped = self.stopped or explained < placed
        return SolverRecord(
            rung=self._rung(),
            orders=orders,
            cost_cents=cents,
            bound_cents=choice.bound_cents,
            gap_ppm=-(-over * MILLION // max(1, choice.bound_cents)),
            served=served,
            served_bound=max(served, choice.served_bound + late),
            options=choice.options,
            work=self.last.work,
            seed=effort.seed,
            stopped=stopped,
            enumerated=len(self.last.standings),
            rounds=self.last.number,
            cut=self.last.cut,
            explained=explained,
        )

    def _rung(self) -> Rung:
        """Return the lowest rung that served an order; held where none is served."""
        if Rung.FALLBACK in self.rungs:
            return Rung.FALLBACK
        if self.rungs and all(rung is Rung.HELD for rung in self.rungs):
            return Rung.HELD
        return self.last.choice.rung


def relaxed_limits(limits: Limits, given_up: tuple[SoftLimit, ...]) -> Limits:
    """Return the limits without those given up."""
    changes: dict[str, object] = {}
    for soft in given_up:
        changes.update(_GIVEN_UP[soft])
    return limits.model_copy(update=changes)


def settle(shared: Shared, effort: Effort) -> Settled:
    """Find options for every order of the problem and choose among them jointly."""
    found = _enumerated(shared, effort)
    # Solvers are for the last word: until then orders may still get new options.
    quick = replace(effort, solver_work=min(effort.solver_work, QUICK_WORK))
    last = _choose(shared, found, quick, 1)
    until = effort.repeats
    most = min(until.rounds if until is not None else MOST_ROUNDS, MOST_ROUNDS)
    while last.number < most and not effort.stopped():
        more = _offer_more(shared, last, effort)
        if more is None:
            break
        last = _better(last, _choose(shared, more, quick, last.number + 1))
    more_to_do = not effort.stopped() if until is None else last.number < until.rounds
    if quick.solver_work < effort.solver_work and not last.proven and more_to_do:
        again = _choose(shared, last.standings, effort, last.number + 1)
        last = _better(last, again)
    return _with_the_late(shared, last, effort)


def _better(last: Round, after: Round) -> Round:
    """Return the later round, unless it was cut short and is the worse for it."""
    if after.value >= last.value:
        return after
    return replace(last, number=after.number, work=after.work, cut=after.cut)


def _enumerated(shared: Shared, effort: Effort) -> list[Standing]:
    """Find the options of as many orders as there is time for, in their order."""
    tasks, found = shared.problem.tasks, list[Standing]()
    until = effort.repeats
    most = until.enumerated if until is not None else len(tasks)
    for task in tasks[:most]:
        if effort.stopped():
            break
        try:
            with interruptible(effort.should_stop):
                standing = _first_feasible(shared, task, effort)
        except Interrupted:
            break
        if effort.should_stop is not None and standing.options:
            # Most orders get their cheapest way: what is written down now needs
            # no time after the deadline.
            parcels(task, standing.options[0])
        found.append(standing)
    return found


def _choose(
    shared: Shared, standings: Sequence[Standing], effort: Effort, number: int
) -> Round:
    until, cut = effort.repeats, False
    if until is not None and number == until.rounds and until.cut:
        effort, cut = replace(effort, work=until.work), True
    choice = choose(
        [standing.options for standing in standings],
        [standing.limits.over_capacity_allowed for standing in standings],
        shared.supply,
        effort,
    )
    cut = cut or effort.stopped()
    grown = tuple(_grown(choice, n, each) for n, each in enumerate(standings))
    return Round(grown, choice, number, choice.work, cut)


def _grown(choice: Choice, n: int, standing: Standing) -> Standing:
    """Let an order's options have the share in them that was chosen for it."""
    options = choice.grown.get(n)
    if options is None or standing.choices is None:
        return standing
    return replace(standing, choices=replace(standing.choices, options=options))


def _first_feasible(shared: Shared, task: Task, effort: Effort) -> Standing:
    standing = _standing(shared, task, (), effort)
    while not standing.options and standing.can_relax:
        standing = _relax(shared, standing, effort)
    return standing


def _standing(
    shared: Shared, task: Task, relaxed: tuple[SoftLimit, ...], effort: Effort
) -> Standing:
    limits = relaxed_limits(task.policy.limits, relaxed)
    choices = find_options(
        shared, task, limits, effort.options_per_order, effort.alternatives
    )
    return Standing(task, limits, relaxed, choices)


def _relax(shared: Shared, standing: Standing, effort: Effort) -> Standing:
    order = standing.task.policy.relax
    given_up = order[: len(standing.relaxed) + 1]
    return _standing(shared, standing.task, given_up, effort)


def _offer_more(
    shared: Shared, last: Round, effort: Effort
) -> tuple[Standing, ...] | None:
    """Give orders left without an option some new ones; None where there are none."""
    try:
        with interruptible(effort.should_stop):
            return _offered_more(shared, last, effort)
    except Interrupted:
        return None


def _offered_more(
    shared: Shared, last: Round, effort: Effort
) -> tuple[Standing, ...] | None:
    standings, offered = list(last.standings), False
    left = _taken(_options(last))
    for n, standing in enumerate(standings):
        choices = standing.choices
        if last.choice.chosen[n] >= 0 or choices is None or not choices.options:
            continue
        if effort.stopped():
            return None
        more = find_options(
            shared, standing.task, standing.limits, effort.options_per_order, 0, left
        ).options
        known = set(keys_of(choices.options))
        new = [more[at] for at, key in enumerate(keys_of(more)) if key not in known]
        if new:
            # What was known before comes first among equals.
            both = (*choices.options, *new)
            options = tuple(sorted(both, key=lambda o: o.quick_rank))
            standings[n] = replace(standing, choices=replace(choices, options=options))
        elif standing.can_relax:
            standings[n] = _relax(shared, standing, effort)
        else:
            continue
        offered = True
    return tuple(standings) if offered else None


def _with_the_late(shared: Shared, last: Round, effort: Effort) -> Settled:
    """Serve the orders nobody looked at by the table, in turn, of what is left.

    So many as allowed, or a fortieth of those looked at: a way from the table takes
    no longer than looking at all of an order's options.
    """
    late = shared.problem.tasks[len(last.standings) :]
    options = list(_options(last))
    standings = list(last.standings)
    rungs = [Rung.HELD if o is None else last.choice.rung for o in options]
    taken, table, cents = _taken(options), Table(shared), 0
    tried = max(effort.table_orders, len(last.standings) // FORTIETH)
    for task in late[:tried]:
        standing, option, added = _from_table(table, task, taken)
        standings.append(standing)
        options.append(option)
        rungs.append(Rung.HELD if option is None else Rung.FALLBACK)
        if option is not None:
            cents += option.total_cents + added
            for resource, amount in option.uses.items():
                taken[resource] = taken.get(resource, 0) + amount
    return Settled(
        standings=tuple(standings),
        options=tuple(options),
        rungs=tuple(rungs),
        last=last,
        late_cents=cents,
        stopped=bool(late) or effort.repeats is not None or effort.stopped(),
        unlooked=len(late[tried:]),
    )


def _from_table(
    table: Table, task: Task, taken: Mapping[Resource, int]
) -> tuple[Standing, Option | None, int]:
    """Relax limits in the declared order until the table has a way."""
    for count in range(1 + len(task.policy.relax)):
        relaxed = task.policy.relax[:count]
        limits = relaxed_limits(task.policy.limits, relaxed)
        found = table.option(task, limits, taken)
        if found is not None:
            option, added = found
            return Standing(task, limits, relaxed, None), option, added
    return _held(task, TABLE_FAILED), None, 0


def _held(task: Task, why: str) -> Standing:
    return Standing(task, task.policy.limits, (), None, why)


def _options(last: Round) -> tuple[Option | None, ...]:
    return tuple(
        standing.options[n] if n >= 0 else None
        for standing, n in zip(last.standings, last.choice.chosen, strict=True)
    )


def _taken(options: Sequence[Option | None]) -> dict[Resource, int]:
    """Return what some options together take of every resource."""
    taken: dict[Resource, int] = {}
    for option in options:
        for resource, amount in option.uses.items() if option is not None else ():
            taken[resource] = taken.get(resource, 0) + amount
    return taken
