"""Measure classifying orders: ours beside hand-written Python and libraries.

``python -m benchmarks.segmentation --json -`` prints JSON; docs/benchmarks.md
says what each key means. Bounded by work and seed, not by time.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.segmenting.agreement import disagreements
from benchmarks.segmenting.corpus import draw
from benchmarks.segmenting.engines import (
    FULL,
    HAND_FUSED,
    LIBRARY,
    Engine,
    chosen,
    rule_set,
)
from benchmarks.segmenting.measure import Series, interleaved
from domain.segment import RuleSet
from segmentation.classify import Rules
from segmentation.ruleset import dump, load

RELOADED_RULES = 1_000
RELOADS = 5

BySize = dict[int, list[Series]]


def measure(
    orders: int, sizes: Sequence[int], seed: int, engines: str, rounds: int
) -> dict[str, object]:
    """Measure every engine on the first so many rules of one corpus."""
    wanted = chosen(engines)
    present = [engine for engine in wanted if not engine.missing()]
    by_size = {n: interleaved(present, orders, n, seed, rounds) for n in sizes}
    wrong = {n: disagreements(by_size[n], draw(orders, n, seed)) for n in sizes}
    return {
        **_summary(by_size),
        **reloading(seed),
        "disagreements": sum(sum(found.values()) for found in wrong.values()),
        "rules": {str(n): _rows(by_size[n], wrong[n]) for n in sizes},
        "absent": {e.name: e.missing() for e in wanted if e.missing()},
        "orders": orders,
        "seed": seed,
        "rounds": rounds,
        "machine": _machine(),
    }


def _summary(by_size: BySize) -> dict[str, object]:
    """Return the figures with a target; None where their rules were not run."""
    least = by_size[min(by_size)]
    hundred, thousand = by_size.get(100), by_size.get(1_000)
    libraries = [one for one in least if one.engine.family == LIBRARY]
    fastest = max(libraries, key=lambda one: median(one.orders_per_s), default=None)
    return {
        "ratio_to_hand_fused": _ratio(least, HAND_FUSED),
        "ratio_to_fastest_library": fastest and _ratio(least, fastest.engine),
        "fastest_library": fastest and fastest.key,
        "p99_us_1000_rules": thousand and _p99_us(thousand, FULL),
        "hand_fused_p99_us_100_rules": hundred and _p99_us(hundred, HAND_FUSED),
        "p99_1000_rules_to_hand_fused_100": thousand
        and hundred
        and round(_p99_us(thousand, FULL) / _p99_us(hundred, HAND_FUSED), 2),
    }


def _of(series: Sequence[Series], engine: Engine) -> Series:
    return next(one for one in series if one.engine is engine)


def _ratio(series: Sequence[Series], other: Engine) -> float:
    """Return how many times the other's speed ours is: the median of the rounds."""
    pairs = zip(
        _of(series, FULL).orders_per_s, _of(series, other).orders_per_s, strict=True
    )
    return round(median(ours / theirs for ours, theirs in pairs), 3)


def _p99_us(series: Sequence[Series], engine: Engine) -> float:
    return round(median(_of(series, engine).p99_us), 2)


def _rows(series: Sequence[Series], wrong: dict[str, int]) -> list[dict[str, object]]:
    return [{**one.row(), "disagreements": wrong[one.key]} for one in series]


def reloading(seed: int) -> dict[str, object]:
    """Measure taking up a version of 1,000 rules, until its first answer.

    From a file's text every check is made; what is stored was checked before.
    """
    corpus = draw(1, RELOADED_RULES, seed)
    text = dump(rule_set(corpus.rules))
    stored = rule_set(corpus.rules).model_dump_json()

    def ready(source: Callable[[], RuleSet]) -> float:
        took = []
        for _ in range(RELOADS):
            started = perf_counter()
            Rules(source()).fused.verdicts(corpus.known[0])
            took.append(perf_counter() - started)
        return round(median(took), 3)

    return {
        "reload_1000_rules_s": ready(lambda: load(text)),
        "reload_1000_stored_rules_s": ready(
            lambda: RuleSet.model_validate_json(stored)
        ),
    }


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "cores": os.cpu_count(),
    }


def _sizes(said: str) -> tuple[int, ...]:
    return tuple(sorted({int(size) for size in said.split(",")}))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", default="-", help="a file, or - for the screen")
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--rules", type=_sizes, default=(100, 1_000))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engines", choices=("all", "ours"), default="all")
    parser.add_argument("--rounds", type=int, default=5)
    said = parser.parse_args(arguments)
    found = measure(said.orders, said.rules, said.seed, said.engines, said.rounds)
    text = json.dumps(found, indent=2) + "\n"
    if said.json == "-":
        sys.stdout.write(text)
    else:
        Path(said.json).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
