"""Measure deciding one order alone, and where the time of a whole wave goes.

``python -m benchmarks.decide --orders 300 --seed 0`` prints JSON;
docs/benchmarks.md says what the keys mean.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.deciding.activity import filled, one_by_one
from benchmarks.waving.wave import REGIMES, a_wave
from optimizer.choose import choose
from optimizer.options import Choices, find_options
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Task
from optimizer.shared import Shared

AT_ONCE = Effort(solver_work=0.01)
KEPT, SPARE = AT_ONCE.options_per_order, AT_ONCE.alternatives


def each_ms(problem: Problem, decide: Callable[[Task], object]) -> list[float]:
    """Time every order of the wave on its own."""
    took = []
    for task in problem.tasks:
        started = perf_counter()
        decide(task)
        took.append((perf_counter() - started) * 1000)
    return took


def least_ms(
    problem: Problem, decide: Callable[[Task], object], rounds: int
) -> list[float]:
    """Return each order's least time: what it costs, not what disturbed it."""
    taken = [each_ms(problem, decide) for _ in range(rounds)]
    return [min(times) for times in zip(*taken, strict=True)]


def spread(name: str, took: list[float]) -> dict[str, float]:
    return {
        f"{name}_p50_ms": round(median(took), 3),
        f"{name}_p99_ms": round(quantiles(took, n=100)[98], 3),
    }


def kernel(problem: Problem, rounds: int) -> dict[str, object]:
    """Measure enumerating and choosing, without explanations."""
    shared = Shared.of(problem)

    def options(task: Task) -> Choices:
        return find_options(shared, task, task.policy.limits, KEPT, SPARE)

    def decide(task: Task) -> None:
        mine = options(task).options
        allowed = (task.policy.limits.over_capacity_allowed,)
        choose((mine,), allowed, shared.supply, AT_ONCE)

    first = each_ms(problem, decide)
    again = least_ms(problem, decide, rounds)
    found = least_ms(problem, options, rounds)
    whole = least_ms(
        problem, lambda task: plan(replace(problem, tasks=(task,))), rounds
    )
    started = perf_counter()
    result = plan(problem, replace(AT_ONCE, alternatives=0))
    wave_s = perf_counter() - started
    return {
        **spread("kernel_new_goods", first),
        **spread("kernel", again),
        **spread("options", found),
        **spread("plan_with_reasons", whole),
        "options_share_of_kernel": round(sum(found) / sum(again), 3),
        "options_share_of_wave": round(sum(found) / 1000 / wave_s, 3),
        "wave_s": round(wave_s, 3),
        "wave": result.record.model_dump(mode="json"),
    }


def activity(problem: Problem, rounds: int) -> dict[str, object]:
    """Measure the activity: snapshot, plan, holds and record in a transaction."""
    with TemporaryDirectory() as folder:
        store = filled(problem, Path(folder) / "lanewise.db")
        try:
            timings = asyncio.run(one_by_one(problem, store, rounds))
        finally:
            store.close()
    batch = timings.spent_ms["batch"]
    snapshot, holds = timings.spent_ms["snapshot"], timings.spent_ms["holds"]
    return {
        **spread("activity", timings.order_ms),
        **spread("activity_cpu", timings.order_cpu_ms),
        "activity_shares": {
            "snapshot": round(snapshot / batch, 3),
            "plan": round((batch - snapshot - holds) / batch, 3),
            "holds": round(holds / batch, 3),
        },
    }


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--regime", default="normal", choices=list(REGIMES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", default="-")
    args = parser.parse_args(argv)
    plan(a_wave(20, args.regime, args.seed + 99), AT_ONCE)
    problem = a_wave(args.orders, args.regime, args.seed)
    result = {
        "orders": args.orders,
        "regime": args.regime,
        "seed": args.seed,
        "rounds": args.rounds,
        **kernel(problem, args.rounds),
        **activity(problem, args.rounds),
    }
    text = json.dumps(result, indent=2) + "\n"
    if args.json == "-":
        sys.stdout.write(text)
    else:
        Path(args.json).write_text(text)


if __name__ == "__main__":
    main()
