"""Measure explaining: what each order's reasons cost, and how a deadline is kept.

``python -m benchmarks.explain --orders 200 --deadline-ms 20,200`` prints
JSON: milliseconds of processor time per order of explaining alone (p50, p99) and
of pricing an override, and for each deadline how long the answer took by the
clock and from which rungs.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

from benchmarks.waving.wave import a_wave
from domain.plan import Pin, Plan
from optimizer import plan as planning
from optimizer.explain import explanation
from optimizer.ladder import settle
from optimizer.problem import Effort, Problem
from optimizer.shared import Shared
from optimizer.whatif import what_if


def explaining_ms(problem: Problem, effort: Effort) -> list[float]:
    """Explain every order of a decided wave by itself, and time each."""
    shared = Shared.of(problem)
    settled = settle(shared, effort)
    taken = settled.taken()
    took = []
    for n, option in enumerate(settled.options):
        if option is None:
            continue
        case = planning.case_of(shared, settled, n, {}, taken)
        started = process_time()
        explanation(case, settled.prices, effort.alternatives)
        took.append((process_time() - started) * 1000)
    return took


def override_ms(problem: Problem, effort: Effort) -> list[float]:
    """Price the first runner-up of every order as an operator's wish."""
    took = []
    for task in problem.tasks:
        alone = replace(problem, tasks=(task,))
        answer = planning.plan(alone, effort).answers[0]
        if not isinstance(answer, Plan) or not answer.alternatives:
            continue
        way = answer.alternatives[0].ways[0]
        pin = Pin(fc=way.fc, service=way.service, method=way.method)
        wish = replace(alone, tasks=(replace(task, pin=pin),))
        started = process_time()
        what_if(wish, answer.cost, replace(effort, alternatives=0))
        took.append((process_time() - started) * 1000)
    return took


def under_deadline(problem: Problem, deadline_ms: float) -> dict[str, object]:
    """Stop a run at a deadline; say how long it took and what it answered."""
    started = perf_counter()
    result = planning.plan(
        problem,
        Effort(should_stop=lambda: (perf_counter() - started) * 1000 > deadline_ms),
    )
    took_ms = (perf_counter() - started) * 1000
    rungs = Counter(
        (answer.rung or result.record.rung).value
        if isinstance(answer, Plan)
        else "held"
        for answer in result.answers
    )
    return {
        "orders": len(problem.tasks),
        "deadline_ms": deadline_ms,
        "took_ms": round(took_ms, 1),
        "over_ms": round(took_ms - deadline_ms, 1),
        "enumerated": result.record.enumerated,
        "explained": result.record.explained,
        "rungs": dict(sorted(rungs.items())),
    }


def told(took: list[float]) -> dict[str, float]:
    """Sum up some milliseconds."""
    return {
        "p50": round(median(took), 3),
        "p99": round(quantiles(took, n=100)[98], 3),
        "most": round(max(took), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--regime", default="normal")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--deadline-ms", default="20,200")
    parser.add_argument("--json", default="-", help="a file, or - for the screen")
    arguments = parser.parse_args()
    problem = a_wave(arguments.orders, arguments.regime, arguments.seed)
    effort = Effort(seed=arguments.seed)
    warm = replace(problem, tasks=problem.tasks[:40])
    planning.plan(warm, effort)
    planning.plan(warm, replace(effort, solver_work=0))
    result = {
        "orders": arguments.orders,
        "regime": arguments.regime,
        "seed": arguments.seed,
        "explain_ms": told(explaining_ms(problem, effort)),
        "override_ms": told(override_ms(problem, effort)),
        "deadlines": [
            under_deadline(problem, float(each))
            for each in arguments.deadline_ms.split(",")
        ],
    }
    text = json.dumps(result, indent=2) + "\n"
    if arguments.json == "-":
        sys.stdout.write(text)
    else:
        Path(arguments.json).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
