"""Measure deciding: one order alone, and a contended batch against arrival order.

``python -m benchmarks.decide --orders 64 --seed 0`` prints JSON.
"""

import argparse
import json
import sys
from dataclasses import replace
from datetime import date
from statistics import median, quantiles
from time import perf_counter

from benchmarks.waves import a_wave
from domain.calendars import day_of
from domain.plan import Plan
from domain.quantities import FcId, SkuId
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Task


def one_by_one_ms(problem: Problem) -> list[float]:
    """Decide every order of the wave alone, on the wave's whole stock."""
    took = []
    for task in problem.tasks:
        alone = replace(problem, tasks=(task,))
        started = perf_counter()
        plan(alone)
        took.append((perf_counter() - started) * 1000)
    return took


def in_arrival_order(problem: Problem) -> tuple[int, int]:
    """Serve orders as they come, each its cheapest: orders served and cents."""
    stock, lines = dict(problem.stock), dict(problem.fc_lines)
    served = cents = 0
    for task in problem.tasks:
        now = replace(problem, tasks=(task,), stock=stock, fc_lines=lines)
        answer = plan(now).answers[0]
        if isinstance(answer, Plan):
            served, cents = served + 1, cents + answer.total_cents
            _take(now, task, answer, stock, lines)
    return served, cents


def _take(
    problem: Problem,
    task: Task,
    answer: Plan,
    stock: dict[tuple[FcId, SkuId], int],
    lines: dict[tuple[FcId, date], int],
) -> None:
    for parcel in answer.parcels:
        center = problem.network.center(parcel.fc)
        for line in parcel.lines:
            stock[parcel.fc, line.sku] -= line.units
        day = day_of(center, parcel.hand_over_at)
        left = lines.get((parcel.fc, day), center.capacity_lines)
        if left is not None:
            lines[parcel.fc, day] = left - len(parcel.lines)


def measure(orders: int, seed: int) -> dict[str, object]:
    """Measure one wave; costs are compared on equal numbers of orders served."""
    problem = a_wave(orders, seed)
    plan(problem, Effort(seed=seed))
    started = perf_counter()
    joint = plan(problem, Effort(seed=seed))
    joint_ms = (perf_counter() - started) * 1000
    served, cents = in_arrival_order(problem)
    alone = one_by_one_ms(problem)
    record = joint.record
    return {
        "orders": orders,
        "seed": seed,
        "one_order_p50_ms": round(median(alone), 2),
        "one_order_p99_ms": round(quantiles(alone, n=100)[98], 2),
        "batch_ms": round(joint_ms, 1),
        "batch": record.model_dump(mode="json"),
        "arrival_order_served": served,
        "arrival_order_cents": cents,
        "cost_ratio": round(record.cost_cents / cents, 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    result = measure(arguments.orders, arguments.seed)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
