"""Online decisions: what each policy pays over what no policy can beat.

``python -m benchmarks.online --network small --json -`` compares policies on Jasin
and Sinha's market as Ma drew it; ``--rolling`` lives through a day of a wave, with
and without looking again before cutoffs. docs/benchmarks.md says what keys mean.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.onlining.dlp import Relaxed, relax
from benchmarks.onlining.forecast import Forecast
from benchmarks.onlining.market import SIZES, Market, Places, a_market, places_of
from benchmarks.onlining.policies import POLICIES, Day, Policy
from benchmarks.onlining.rolled import rolled
from benchmarks.onlining.through import differing, ours_by_plan

DATA = Path("../shared/data/ma2023")
Row = dict[str, Any]


def compared(args: argparse.Namespace) -> dict[str, Any]:
    """Run every policy on every sequence of every market."""
    size = SIZES[args.network]
    places = places_of(size, args.data)
    if args.arrivals:
        size = size.with_arrivals(args.arrivals)
    markets = [a_market(size, places, seed) for seed in range(args.seeds)]
    runs = [run for n, market in enumerate(markets) for run in _runs(market, n, args)]
    return {
        "rows": [_mean(policy, runs, args) for policy in _policies_of(runs)],
        "runs": runs,
        "network": args.network,
        "places": places.source,
        "solves": args.solves,
        "plans_asked": args.asked,
        "plans_differing": _differing(markets[0], args) if args.asked else None,
    }


def _differing(market: Market, args: argparse.Namespace) -> int:
    """Ask ``plan()`` now and then on the way of the first sequence."""
    prices = Forecast(market).prices(market.arrivals, market.stock).dollars
    nothing = Relaxed(0.0, np.zeros((0, 0, 0, 0)), prices)
    day = Day(market, nothing, prices, market.arrivals_of(0), 0, args.solves)
    return differing(day, args.asked)


def _runs(market: Market, seed: int, args: argparse.Namespace) -> Iterator[Row]:
    started = perf_counter()
    relaxed = relax(market, large=args.network == "large")
    dlp_s = perf_counter() - started
    started = perf_counter()
    priced = Forecast(market).prices(market.arrivals, market.stock)
    prices_s = perf_counter() - started
    for sequence in range(args.sequences):
        arrivals = market.arrivals_of(1_000 * seed + sequence)
        day = Day(market, relaxed, priced.dollars, arrivals, sequence, args.solves)
        for policy, serve in _policies(seed, sequence, args):
            started = perf_counter()
            dollars = serve(day)
            took = perf_counter() - started
            yield {
                "network": args.network,
                "seed": seed,
                "sequence": sequence,
                "policy": policy,
                "orders": int((arrivals >= 0).sum()),
                "dollars": round(dollars, 2),
                "ratio_to_dlp": round(dollars / relaxed.dollars, 5),
                "ratio_to_bound": round(dollars / priced.bound, 5),
                "bound_to_dlp": round(priced.bound / relaxed.dollars, 5),
                "time_s": round(took, 3),
                "dlp_s": round(dlp_s, 2),
                "prices_s": round(prices_s, 2),
            }


def _policies(
    seed: int, sequence: int, args: argparse.Namespace
) -> Iterator[tuple[str, Policy]]:
    yield from POLICIES.items()
    if seed == 0 and sequence < args.by_plan:
        yield "ours-by-plan", ours_by_plan


def _policies_of(runs: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(run["policy"] for run in runs))


def _mean(policy: str, runs: Sequence[Row], args: argparse.Namespace) -> Row:
    mine = [run for run in runs if run["policy"] == policy]
    told: Row = {"policy": policy, "network": args.network, "runs": len(mine)}
    for key in ("ratio_to_dlp", "ratio_to_bound", "bound_to_dlp", "orders", "time_s"):
        values = [run[key] for run in mine]
        told[key] = round(float(np.mean(values)), 5)
    told["worst_ratio_to_dlp"] = max(
        (run["ratio_to_dlp"] for run in mine), default=None
    )
    told["seed"] = sorted({run["seed"] for run in mine})
    return told


def warm(places: Places) -> None:
    """Compile what is measured."""
    size = SIZES["small"].with_arrivals(20)
    market = a_market(size, places, 99)
    day = Day(
        market,
        relax(market),
        Forecast(market).prices(market.arrivals, market.stock).dollars,
        market.arrivals_of(99),
        99,
        2,
    )
    for serve in POLICIES.values():
        serve(day)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=tuple(SIZES), default="small")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, help="markets; small 5, large 1")
    parser.add_argument("--sequences", type=int, help="per market; small 5, large 1")
    parser.add_argument("--solves", type=int, default=20)
    parser.add_argument("--arrivals", type=int, default=0, help="as published")
    parser.add_argument("--by-plan", type=int, default=0, help="sequences")
    parser.add_argument("--asked", type=int, help="of plan(); small 300, large 0")
    parser.add_argument("--rolling", action="store_true")
    parser.add_argument("--orders", type=int, default=150, help="of a rolling day")
    parser.add_argument("--regimes", default="normal,peak")
    parser.add_argument("--json", default="-", help="a file, or - for the screen")
    args = parser.parse_args(arguments)
    small = args.network == "small"
    for name, usual in (
        ("seeds", 1 if args.rolling or not small else 5),
        ("sequences", 5 if small else 1),
        ("asked", 300 if small else 0),
    ):
        if getattr(args, name) is None:
            setattr(args, name, usual)
    if args.rolling:
        found = {"rows": list(rolled(args.orders, args.regimes.split(","), args.seeds))}
    else:
        warm(places_of(SIZES["small"], args.data))
        found = compared(args)
    text = json.dumps(found, indent=1) + "\n"
    if args.json == "-":
        sys.stdout.write(text)
    else:
        Path(args.json).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
