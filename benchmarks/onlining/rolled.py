"""What looking again before cutoffs brings, a row for each way to live a day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from benchmarks.onlining.rolling import AT_ONCE, Ended, a_day, clairvoyant, lived
from benchmarks.waving.network import SUPPLIER
from benchmarks.waving.wave import other_orders
from domain.plan import Plan
from domain.quantities import OrderId
from optimizer.plan import plan
from optimizer.problem import Problem
from verification.sharing import shared_wrongs

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
    return {
        "method": "clairvoyant",
        "served": known.served,
        "parcels": known.parcels,
        "back_ordered_lines": known.back_ordered,
        "total_cents": known.cents,
        "extra_shipments": known.parcels - known.served,
        "time_s": perf_counter() - started,
    }


def _told(day: Problem, ended: Ended) -> Row:
    plans: Mapping[OrderId, Plan] = ended.plans
    parcels = [parcel for one in plans.values() for parcel in one.parcels]
    pairs = [(t, plans[t.order.id]) for t in day.tasks if t.order.id in plans]
    return {
        "served": len(plans),
        "parcels": len(parcels),
        "back_ordered_lines": sum(len(p.lines) for p in parcels if p.fc == SUPPLIER),
        "total_cents": sum(sum(one.cost.values()) for one in plans.values()),
        "extra_shipments": len(parcels) - len(plans),
        "moved": ended.moved,
        "looks": ended.looks,
        "violations": len(list(shared_wrongs(day, pairs))),
    }


def _part(value: float, whole: float) -> float | None:
    return round(value / whole, 4) if whole else None
