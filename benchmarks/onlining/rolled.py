"""What looking again before cutoffs brings, a row for each way to live a day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from benchmarks.onlining.rolling import AT_ONCE, Ended, a_day, clairvoyant, lived
from benchmarks.waving.wave import other_orders
from domain.plan import Plan
from domain.quantities import OrderId
from optimizer.plan import plan
from optimizer.problem import Problem
from verification.sharing import shared_wrongs

# What an order costs that nobody serves, per line, so that ways compare.
UNSERVED_CENTS_PER_LINE = 4_500
Row = dict[str, Any]


def rolled(orders: int, regimes: Sequence[str], seeds: int) -> Iterator[Row]:
    """Live every day in every way."""
    for regime in regimes:
        for seed in range(seeds):
            yield from _rows(orders, regime, seed)


def _rows(orders: int, regime: str, seed: int) -> Iterator[Row]:
    day = a_day(orders, regime, seed)
    yesterday = replace(day, tasks=other_orders(day, seed + 1_000))
    prices = plan(yesterday, AT_ONCE).prices
    rows = [_known(day)]
    for method, again, under in (
        ("decide-once", False, None),
        ("decide-once-under-prices", False, prices),
        ("reoptimized", True, None),
        ("reoptimized-under-prices", True, prices),
    ):
        started = perf_counter()
        ended = lived(day, again=again, prices=under)
        took_s = perf_counter() - started
        rows.append({"method": method, **_told(day, ended), "time_s": took_s})
    best, once = rows[0], rows[1]
    for row in rows:
        of_possible = {
            f"{key}_of_possible": _part(once[key] - row[key], once[key] - best[key])
            for key in ("extra_shipments", "total_cents")
        }
        yield {
            "orders": orders,
            "regime": regime,
            "seed": seed,
            **row,
            "time_s": round(row["time_s"], 2),
            "extra_shipments_removed": _part(
                once["extra_shipments"] - row["extra_shipments"],
                once["extra_shipments"],
            ),
            "cost_saved": _part(
                once["total_cents"] - row["total_cents"], once["total_cents"]
            ),
            **of_possible,
        }


def _known(day: Problem) -> Row:
    started = perf_counter()
    known = clairvoyant(day)
    row = {"served": known.served, "parcels": known.parcels}
    unserved = [task for task in day.tasks if task.order.id not in known.orders]
    return {
        "method": "clairvoyant",
        **_sums(row, known.cents, unserved, day),
        "time_s": perf_counter() - started,
    }


def _told(day: Problem, ended: Ended) -> Row:
    plans: Mapping[OrderId, Plan] = ended.plans
    cents = sum(sum(one.cost.values()) for one in plans.values())
    row = {
        "served": len(plans),
        "parcels": sum(len(one.parcels) for one in plans.values()),
    }
    unserved = [task for task in day.tasks if task.order.id not in plans]
    pairs = [
        (task, plans[task.order.id]) for task in day.tasks if task.order.id in plans
    ]
    return {
        **_sums(row, cents, unserved, day),
        "moved": ended.moved,
        "looks": ended.looks,
        "violations": len(list(shared_wrongs(day, pairs))),
    }


def _sums(row: Row, cents: int, unserved: Sequence[Any], day: Problem) -> Row:
    """Add up; a line nobody sends today is sent by itself some other day."""
    lines = sum(len(task.lines) for task in unserved)
    return {
        **row,
        "total_cents": cents + UNSERVED_CENTS_PER_LINE * lines,
        "extra_shipments": row["parcels"] + lines - len(day.tasks),
    }


def _part(value: float, whole: float) -> float | None:
    return round(value / whole, 4) if whole else None
