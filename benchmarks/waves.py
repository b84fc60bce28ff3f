"""Measure the joint choice on seeded waves, beside what others do.

``python -m benchmarks.waves --orders 100,1000 --regimes ample,normal,peak --seeds 1
--json -`` prints a row per method; docs/benchmarks.md says what the keys mean.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from benchmarks.waving.rivals import RIVALS, routed
from benchmarks.waving.wave import REGIMES, a_wave, other_orders
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Result
from verification.verifier import verify

# What an order costs that nobody serves, per line, so that methods compare.
UNSERVED_CENTS_PER_LINE = 4_500
AT_ONCE, POLISHED = 0.01, 20.0
# Above so many orders, none is polished by a solver.
MOST_POLISHED = 1_000


@dataclass(frozen=True)
class Run:
    """One method on one wave."""

    method: str
    result: Result
    time_s: float


def timed(method: str, decide: Callable[[], Result]) -> Run:
    started = perf_counter()
    result = decide()
    return Run(method, result, perf_counter() - started)


def runs_on(problem: Problem, seed: int, args: argparse.Namespace) -> Iterator[Run]:
    at_once = Effort(seed=seed, solver_work=AT_ONCE, alternatives=args.alternatives)
    cold = timed("ours-cold", lambda: plan(problem, at_once))
    yield cold
    for percent in args.turnover:
        before = _turned_over(problem, seed, percent)
        prices = plan(before, at_once).prices
        warm = replace(at_once, prices=prices)
        yield timed(f"ours-warm-{percent}", lambda warm=warm: plan(problem, warm))
    if args.polish and len(problem.tasks) <= MOST_POLISHED:
        polished = replace(at_once, solver_work=args.polish)
        yield timed("ours-polished", lambda: plan(problem, polished))
    for name, choose in RIVALS.items():
        yield timed(name, lambda choose=choose: routed(problem, choose))


def _turned_over(problem: Problem, seed: int, percent: int) -> Problem:
    """Return the wave before: so many of its orders were others."""
    changed = len(problem.tasks) * percent // 100
    others = other_orders(problem, seed + 1_000)
    tasks = (*others[:changed], *problem.tasks[changed:])
    return replace(problem, tasks=tasks)


def cents_of(problem: Problem, result: Result) -> int:
    """Return what a wave costs, with a penalty for lines nobody sends."""
    answered = {answer.order_id for answer in result.answers if hasattr(answer, "cost")}
    unserved = sum(
        len(task.lines) for task in problem.tasks if task.order.id not in answered
    )
    return result.record.cost_cents + UNSERVED_CENTS_PER_LINE * unserved


def rows_on(
    orders: int, seed: int, args: argparse.Namespace
) -> Iterator[dict[str, object]]:
    problem = a_wave(orders, args.regime, seed)
    runs = list(runs_on(problem, seed, args))
    records = {run.method: run.result.record for run in runs}
    cost = {run.method: cents_of(problem, run.result) for run in runs}
    # The highest bound found for a choice that serves everybody's most.
    ours = [run.result.record for run in runs if run.method.startswith("ours")]
    served = max(record.served for record in ours)
    bound = max(r.bound_cents for r in ours if r.served == served)
    proven = any(r.gap_ppm == 0 and r.served == r.served_bound for r in ours)
    slowest = next((r.time_s for r in runs if r.method == "ours-polished"), None)
    for run in runs:
        record = records[run.method]
        comparable = record.served == served
        gap = (record.cost_cents - bound) / bound if comparable else None
        yield {
            "orders": orders,
            "regime": args.regime,
            "seed": seed,
            "method": run.method,
            "served": record.served,
            "cost_cents": record.cost_cents,
            "gap_to_bound": gap if gap is None else round(gap, 6),
            "gap_to_optimum": round(gap, 6) if proven and gap is not None else None,
            "cost_vs_textbook": round(cost[run.method] / cost["textbook"], 5),
            "wall_ratio_to_master": None
            if slowest is None
            else round(slowest / run.time_s, 2),
            "time_s": round(run.time_s, 4),
            "rung": str(record.rung),
            "violations": len(verify(problem, run.result)) if args.verify else None,
        }


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=numbers, default=[100, 1_000])
    parser.add_argument("--regimes", default=",".join(REGIMES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--turnover", type=numbers, default=[5, 50, 100])
    parser.add_argument("--polish", type=float, default=0.0)
    parser.add_argument("--alternatives", type=int, default=0)
    parser.add_argument("--verify", type=int, default=1)
    parser.add_argument("--json", default="-")
    args = parser.parse_args()
    plan(a_wave(20, "normal", 99), Effort())
    rows = []
    for orders in args.orders:
        for regime in args.regimes.split(","):
            args.regime = regime
            for seed in range(args.seeds):
                rows.extend(rows_on(orders, seed, args))
    text = json.dumps({"rows": rows}, indent=1) + "\n"
    if args.json == "-":
        sys.stdout.write(text)
    else:
        Path(args.json).write_text(text)


if __name__ == "__main__":
    main()
