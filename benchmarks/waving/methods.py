"""Everybody who decides a wave, ours and theirs, each timed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

from benchmarks.waving.direct import Direct
from benchmarks.waving.master import Master
from benchmarks.waving.rivals import RIVALS, Desk, routed, told
from benchmarks.waving.solving import CP_SAT, HIGHS, Answer, Limits, solve
from benchmarks.waving.wave import other_orders
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Result

AT_ONCE = Effort(solver_work=0.01, alternatives=0)
# Above so many orders, none is asked.
MOST_ORDERS = {"ours-polished": 1_000, "master": 1_000, "direct": 100}
ONE_PERCENT = 0.01


@dataclass(frozen=True)
class Run:
    """One method on one wave.

    ``result`` is None where a method had no answer. ``bound_cents`` is what it
    proved that any plan costs. ``reached`` says of a solver whether it came to the
    gap that it was asked for.
    """

    method: str
    result: Result | None
    time_s: float
    bound_cents: int = 0
    reached: bool | None = None


@dataclass(frozen=True)
class Asked:
    """Which methods, and how long solvers may take."""

    methods: frozenset[str] | None
    turnover: tuple[int, ...]
    polish: float
    master_s: float
    direct_s: float
    seed: int

    def wants(self, method: str, orders: int) -> bool:
        family = method.split("-")[0]
        most = MOST_ORDERS.get(method, MOST_ORDERS.get(family, orders))
        chosen = self.methods is None or bool({method, family} & self.methods)
        return chosen and orders <= most


def runs_on(problem: Problem, asked: Asked) -> Iterator[Run]:
    """Decide a wave by every method asked for."""
    yield from _ours(problem, asked)
    for name, choose in RIVALS.items():
        if asked.wants(name, len(problem.tasks)):
            yield _timed(name, partial(routed, problem, choose))
    if asked.wants("master", len(problem.tasks)):
        yield from _master(problem, asked)
    for name, solver in (("direct-cpsat", CP_SAT), ("direct-highs", HIGHS)):
        if asked.wants(name, len(problem.tasks)):
            yield _direct(problem, asked, name, solver)


def _timed(method: str, decide: Callable[[], Result]) -> Run:
    started = perf_counter()
    result = decide()
    took = perf_counter() - started
    ours = method.startswith("ours")
    return Run(method, result, took, result.record.bound_cents if ours else 0)


def _ours(problem: Problem, asked: Asked) -> Iterator[Run]:
    count, effort = len(problem.tasks), replace(AT_ONCE, seed=asked.seed)
    if asked.wants("ours-new-goods", count):
        # The first to see the wave packs its goods; all others remember.
        yield _timed("ours-new-goods", partial(plan, problem, effort))
    if asked.wants("ours-cold", count):
        yield _timed("ours-cold", partial(plan, problem, effort))
    for percent in asked.turnover:
        if asked.wants(f"ours-warm-{percent}", count):
            before = plan(_turned_over(problem, asked.seed, percent), effort)
            warm = replace(effort, prices=before.prices)
            yield _timed(f"ours-warm-{percent}", partial(plan, problem, warm))
    if asked.wants("ours-polished", count):
        polished = replace(effort, solver_work=asked.polish)
        yield _timed("ours-polished", partial(plan, problem, polished))


def _turned_over(problem: Problem, seed: int, percent: int) -> Problem:
    """Return the wave before: so many of its orders were others."""
    changed = len(problem.tasks) * percent // 100
    others = other_orders(problem, seed + 1_000)
    tasks = (*others[:changed], *problem.tasks[changed:])
    return replace(problem, tasks=tasks)


def _master(problem: Problem, asked: Asked) -> Iterator[Run]:
    """Solve the master to one percent, then on from there to the proof."""
    started = perf_counter()
    master = Master.of(Desk(problem))
    built_s = perf_counter() - started
    hint, spent_s = None, built_s
    for name, gap in (("master", ONE_PERCENT), ("master-proof", 0.0)):
        limits = Limits(gap, asked.master_s, seed=asked.seed)
        answer = solve(master.model, HIGHS, limits, hint)
        spent_s += answer.seconds
        yield Run(
            name,
            _answered(problem, master, answer),
            spent_s,
            master.bound_cents(answer),
            answer.within(gap),
        )
        hint = answer.values


def _direct(problem: Problem, asked: Asked, name: str, solver: str) -> Run:
    started = perf_counter()
    direct = Direct.of(Desk(problem))
    limits = Limits(0.0, asked.direct_s, work=asked.direct_s, seed=asked.seed)
    answer = solve(direct.model, solver, limits)
    took = perf_counter() - started
    result = _answered(problem, direct, answer)
    return Run(name, result, took, reached=answer.within(0.0))


def _answered(
    problem: Problem, model: Master | Direct, answer: Answer
) -> Result | None:
    return None if answer.values is None else told(problem, model.options(answer))
