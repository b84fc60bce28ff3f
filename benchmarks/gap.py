"""The price engine on generalized assignment, against best known values.

An instance is a contest: jobs are orders, agents are rows of which each column
takes one. Beside it, in the same run: the linear program and SCIP alone, as the
engine calls them, and first-come-first-served.

``python -m benchmarks.gap --data ../shared/data/gap --json -``
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from domain.quantities import FcId
from optimizer.bounds import lagrangian
from optimizer.contest import Contest, Ints, Row
from optimizer.joint import joint
from optimizer.meter import Meter
from optimizer.priced import Priced
from optimizer.problem import Effort
from optimizer.programs import Here
from optimizer.resources import Kind, Resource
from optimizer.solvers import close, relax

# What SCIP alone may open: what `Effort` allows it in ours.
NODES = 2_000

# A choice, the least that serving everybody could cost, and the work done.
Answer = tuple[Ints, int, int]


@dataclass(frozen=True, slots=True)
class Instance:
    """Cost and amount of every job at every agent, and the agents' capacity."""

    name: str
    best_known: int
    cost: Ints
    amount: Ints
    capacity: Ints


def instances(folder: Path, only: str) -> Iterator[Instance]:
    """Read the instances that best known values are told for."""
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        known = list(csv.DictReader(file))
    for row in known:
        if only in row["Path"]:
            numbers = [int(n) for n in (folder / row["Path"]).read_text().split()]
            yield _instance(row["Path"], int(row["Best known solution value"]), numbers)


def _instance(name: str, best_known: int, numbers: list[int]) -> Instance:
    agents, jobs = numbers[:2]
    told = np.array(numbers[2:], dtype=np.int64)
    size = agents * jobs
    return Instance(
        name=name,
        best_known=best_known,
        cost=told[:size].reshape(agents, jobs),
        amount=told[size : 2 * size].reshape(agents, jobs),
        capacity=told[2 * size : 2 * size + agents],
    )


def contest_of(instance: Instance) -> Contest:
    """Write an instance as a contest: an order per job, a column per agent."""
    agents, jobs = instance.cost.shape
    turns = np.argsort(instance.cost, axis=0, kind="stable").T
    order = np.arange(jobs)[:, None]
    return Contest(
        tasks=tuple(range(jobs)),
        first=np.arange(jobs + 1, dtype=np.int64) * agents,
        cents=instance.cost[turns, order].ravel(),
        option=turns.ravel().astype(np.int64),
        rows=tuple(
            Row(Resource(Kind.FC_ORDERS, FcId(str(agent))), False, int(limit))
            for agent, limit in enumerate(instance.capacity)
        ),
        entry_row=turns.ravel().astype(np.int64),
        entry_column=np.arange(agents * jobs, dtype=np.int64),
        entry_amount=instance.amount[turns, order].ravel(),
    ).possible()


def rows_of(instance: Instance, seed: int) -> Iterator[dict[str, Any]]:
    """Solve one instance by every method."""
    contest = contest_of(instance)
    for method, solve in METHODS.items():
        start, busy = time.perf_counter(), time.process_time()
        chosen, bound, work = solve(contest, seed)
        took_s, busy_s = time.perf_counter() - start, time.process_time() - busy
        left_out = int((chosen < 0).sum())
        value = contest.cost(chosen)
        gap = (value - instance.best_known) / instance.best_known
        yield {
            "instance": instance.name,
            "method": method,
            "jobs": contest.orders,
            "agents": len(contest.rows),
            "best_known": instance.best_known,
            "value": value if left_out == 0 else None,
            "left_out": left_out,
            "gap": round(gap, 6) if left_out == 0 else None,
            "bound": bound,
            "violations": int(not contest.feasible(chosen)),
            "time_s": round(took_s, 4),
            "cpu_s": round(busy_s, 4),
            "work": work,
        }


def _greedy(contest: Contest, seed: int) -> Answer:
    state = joint(contest, Effort(seed=seed, solver_work=0.0))
    return state.chosen, state.bound_cents, state.work


def _priced(contest: Contest, seed: int) -> Answer:
    """Give the rung below the solvers' answer: prices, ejection, shaking."""
    effort = Effort(seed=seed)
    meter = Meter(effort)
    priced = Priced(contest, effort, meter)
    priced.greedy()
    priced.climb()
    bound = 0 if priced.bound is None else priced.bound.cents(contest.orders)
    return priced.search.chosen, bound, meter.work


def _ours(contest: Contest, seed: int) -> Answer:
    state = joint(contest, Effort(seed=seed))
    return state.chosen, state.bound_cents, state.work


def _solver_alone(contest: Contest, seed: int) -> Answer:
    """Give the whole contest to SCIP, without prices, hint or filter."""
    nobody = np.full(contest.orders, -1, dtype=np.int64)
    reward = int(contest.cents.max()) * 3 + 1
    relaxed = relax(contest, reward, Here(), None)
    assert relaxed is not None
    bound = lagrangian(contest, relaxed.prices_millicents, reward)
    closed = close(
        contest,
        nobody,
        reward,
        nodes=NODES,
        seed=seed,
        at_least=0,
        solver=Here(),
        should_stop=None,
    )
    assert closed is not None
    chosen = nobody if closed.chosen is None else closed.chosen
    floor = max(bound.cents(contest.orders), closed.bound + reward * contest.orders)
    return chosen, floor, closed.nodes


METHODS: dict[str, Callable[[Contest, int], Answer]] = {
    "greedy": _greedy,
    "ours-priced": _priced,
    "ours": _ours,
    "lp-scip": _solver_alone,
}


def summary(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sum up by method: how many best known values, the gaps, the time."""
    by: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["method"], []).append(row)
    told = []
    for method, mine in by.items():
        gaps = [row["gap"] for row in mine if row["gap"] is not None]
        told.append(
            {
                "method": method,
                "instances": len(mine),
                "all_served": len(gaps),
                "at_best_known": sum(gap <= 0 for gap in gaps),
                "mean_gap": round(sum(gaps) / max(1, len(gaps)), 6),
                "worst_gap": round(max(gaps, default=0.0), 6),
                "time_s": round(sum(row["time_s"] for row in mine), 3),
                "cpu_s": round(sum(row["cpu_s"] for row in mine), 3),
                "violations": sum(row["violations"] for row in mine),
                "bound_above_best_known": sum(
                    row["bound"] > row["best_known"] for row in mine
                ),
            }
        )
    return told


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.gap", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", default="-", help="a file, or - for the screen")
    parser.add_argument("--only", default="", help="a part of the instances' names")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    found = list(instances(args.data, args.only))
    # Compiling is not what is measured.
    list(rows_of(found[0], args.seed))
    rows = [row for one in found for row in rows_of(one, args.seed)]
    text = json.dumps({"summary": summary(rows), "rows": rows}, indent=1)
    if args.json == "-":
        sys.stdout.write(text + "\n")
    else:
        Path(args.json).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
