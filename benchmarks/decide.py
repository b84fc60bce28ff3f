"""Measure deciding one order alone, and where the time of a whole wave goes.

``python -m benchmarks.decide --orders 300 --seed 0`` prints JSON.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from statistics import median, quantiles
from time import perf_counter

from benchmarks.waving.wave import a_wave
from optimizer.choose import choose
from optimizer.options import Choices, find_options
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Task
from optimizer.shared import Shared

AT_ONCE = Effort(solver_work=0.01)


def each_ms(problem: Problem, decide: Callable[[Task], object]) -> list[float]:
    """Time every order of the wave on its own."""
    took = []
    for task in problem.tasks:
        started = perf_counter()
        decide(task)
        took.append((perf_counter() - started) * 1000)
    return took


def spread(name: str, took: list[float]) -> dict[str, float]:
    return {
        f"{name}_p50_ms": round(median(took), 3),
        f"{name}_p99_ms": round(quantiles(took, n=100)[98], 3),
    }


def measure(orders: int, regime: str, seed: int) -> dict[str, object]:
    """Measure one wave: the kernel, the whole answer with reasons, the shares."""
    problem = a_wave(orders, regime, seed)
    shared = Shared.of(problem)

    def options(task: Task) -> Choices:
        return find_options(shared, task, task.policy.limits, 64, 5)

    def kernel(task: Task) -> None:
        mine = options(task).options
        allowed = (task.policy.limits.over_capacity_allowed,)
        choose((mine,), allowed, shared.supply, AT_ONCE)

    first = each_ms(problem, kernel)
    again = each_ms(problem, kernel)
    found = each_ms(problem, options)
    whole = each_ms(problem, lambda task: plan(replace(problem, tasks=(task,))))
    started = perf_counter()
    result = plan(problem, replace(AT_ONCE, alternatives=0))
    wave_s = perf_counter() - started
    return {
        "orders": orders,
        "regime": regime,
        "seed": seed,
        **spread("kernel_new_goods", first),
        **spread("kernel", again),
        **spread("options", found),
        **spread("plan_with_reasons", whole),
        "wave_s": round(wave_s, 3),
        "options_share_of_wave": round(sum(found) / 1000 / wave_s, 3),
        "wave": result.record.model_dump(mode="json"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--regime", default="normal")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    plan(a_wave(20, arguments.regime, arguments.seed + 99), AT_ONCE)
    result = measure(arguments.orders, arguments.regime, arguments.seed)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
