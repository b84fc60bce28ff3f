"""Measure the joint choice on seeded waves, beside what others do.

``python -m benchmarks.waves --orders 100,1000,10000 --regimes ample,normal,peak
--seeds 5`` prints a row per method; docs/benchmarks.md says what the keys mean.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.waving.methods import Asked, Run, runs_on
from benchmarks.waving.network import BACK_ORDER_CENTS, SUPPLIER
from benchmarks.waving.wave import REGIMES, a_wave
from domain.plan import Plan
from optimizer.plan import plan
from optimizer.problem import Problem, Result
from verification.verifier import verify

Row = dict[str, object]

# What is told of an answer; null of a method that had none.
OF_ANSWERS = (
    *("served", "back_ordered_lines", "cost_cents", "gap_to_bound"),
    *("gap_to_optimum", "cost_vs_textbook", "rung", "violations"),
)


class Table:
    """The rows so far. A file is written anew with every run that has ended.

    On standard output a wave is told when all have decided it: what its methods
    are measured by, the best of them found.
    """

    def __init__(self, told: str) -> None:
        self._file = None if told == "-" else Path(told)
        self._rows: list[Row] = []
        self._told = 0
        if self._file is None:
            sys.stdout.write('{"rows": [')

    def so_far(self, wave: Sequence[Row]) -> None:
        if self._file is not None:
            rows = [*self._rows, *wave]
            self._file.write_text(json.dumps({"rows": rows}, indent=1) + "\n")

    def keep(self, wave: Sequence[Row]) -> None:
        self._rows += wave
        self.so_far(())
        for row in wave if self._file is None else ():
            sys.stdout.write(f"{',' if self._told else ''}\n{json.dumps(row)}")
            self._told += 1
        sys.stdout.flush()

    def close(self) -> None:
        if self._file is None:
            sys.stdout.write("\n]}\n")


def cents_of(problem: Problem, result: Result) -> int:
    """Return what a wave costs, with a penalty for lines nobody sends."""
    answered = {a.order_id for a in result.answers if isinstance(a, Plan)}
    unserved = sum(
        len(task.lines) for task in problem.tasks if task.order.id not in answered
    )
    return result.record.cost_cents + BACK_ORDER_CENTS * unserved


def back_ordered(result: Result) -> int:
    """Return the lines that were left to the supplier."""
    return sum(
        len(parcel.lines)
        for answer in result.answers
        if isinstance(answer, Plan)
        for parcel in answer.parcels
        if parcel.fc == SUPPLIER
    )


def rows_of(problem: Problem, runs: Sequence[Run], wrongs: Sequence[int]) -> list[Row]:
    """Measure runs on one wave by each other."""
    results = {run.method: run.result for run in runs if run.result is not None}
    cents = {name: cents_of(problem, result) for name, result in results.items()}
    served = max((r.record.served for r in results.values()), default=0)
    least = min(
        (cents[name] for name, r in results.items() if r.record.served == served),
        default=0,
    )
    # A bound above a plan that somebody has is no bound.
    bound = max((r.bound_cents for r in runs if r.bound_cents <= least), default=0)
    times = {run.method: run for run in runs}
    rows = []
    for run, wrong in zip(runs, wrongs, strict=True):
        row: Row = dict.fromkeys(OF_ANSWERS)
        row |= {"method": run.method, "time_s": round(run.time_s, 4)}
        if run.result is not None:
            record, cost = run.result.record, cents[run.method]
            whole = record.served == served and bound > 0
            gap = round((cost - bound) / bound, 6) if whole else None
            row |= {
                "served": record.served,
                "back_ordered_lines": back_ordered(run.result),
                "cost_cents": record.cost_cents,
                "gap_to_bound": gap,
                "gap_to_optimum": gap if bound == least else None,
                "cost_vs_textbook": _over(cost, cents.get("textbook")),
                "rung": str(record.rung) if run.method.startswith("ours") else None,
                "violations": wrong,
            }
        master = times.get("master")
        rows.append(
            row
            | {
                "wall_ratio_to_master": _over(
                    master.time_s if master else None, run.time_s
                ),
                "master_reached_1_percent": master.reached if master else None,
                "bound_cents": run.bound_cents or None,
                "bound_refuted": run.bound_cents > least,
                "reached": run.reached,
            }
        )
    return rows


def _over(a: float | None, b: float | None) -> float | None:
    return round(a / b, 5) if a and b else None


def waves(args: argparse.Namespace) -> Iterator[tuple[int, str, int]]:
    for orders in args.orders:
        for regime in args.regimes.split(","):
            for seed in range(args.seeds):
                yield orders, regime, seed


def measure(wave: tuple[int, str, int], args: argparse.Namespace, table: Table) -> None:
    """Let every method decide one wave, and tell the rows."""
    orders, regime, seed = wave
    problem = a_wave(orders, regime, seed)
    asked = Asked(
        methods=frozenset(args.methods.split(",")) if args.methods else None,
        turnover=tuple(args.turnover),
        polish=args.polish,
        master_s=args.master_seconds,
        direct_s=args.direct_seconds,
        seed=seed,
    )
    runs: list[Run] = []
    wrongs: list[int] = []
    named = {"orders": orders, "regime": regime, "seed": seed}
    rows: list[Row] = []
    for run in runs_on(problem, asked):
        runs.append(run)
        wrongs.append(len(verify(problem, run.result)) if run.result else 0)
        rows = [named | row for row in rows_of(problem, runs, wrongs)]
        table.so_far(rows)
    table.keep(rows)


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=numbers, default=[100, 1_000])
    parser.add_argument("--regimes", default=",".join(REGIMES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--methods", default="")
    parser.add_argument("--turnover", type=numbers, default=[5, 50, 100])
    parser.add_argument("--polish", type=float, default=20.0)
    parser.add_argument("--master-seconds", type=float, default=120.0)
    parser.add_argument("--direct-seconds", type=float, default=120.0)
    parser.add_argument("--json", default="-")
    args = parser.parse_args(argv)
    plan(a_wave(20, "normal", 99))
    table = Table(args.json)
    for wave in waves(args):
        measure(wave, args, table)
    table.close()


if __name__ == "__main__":
    main()
