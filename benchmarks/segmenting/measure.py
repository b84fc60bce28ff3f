"""Runs each engine in a process of its own, turn by turn, never two at once."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median, quantiles
from time import perf_counter, perf_counter_ns
from typing import Any

from benchmarks.segmenting.corpus import Corpus
from benchmarks.segmenting.engines import ENGINES, Engine

Masks = list[tuple[int, int]]


@dataclass(frozen=True)
class Series:
    """What one engine did in all rounds; ``masks`` are its answers.

    ``best_us`` has, per order, the least of the rounds: what an order costs by
    itself, not what else the machine did. ``orders_per_s`` and ``p99_us`` are
    the rounds as they went.
    """

    engine: Engine
    prepared_s: float
    masks: Masks
    orders_per_s: list[float]
    p99_us: list[float]
    best_us: list[float]

    @property
    def key(self) -> str:
        """Return the engine's name and shape."""
        return f"{self.engine.name}, {self.engine.shape}"

    @property
    def rate(self) -> float:
        """Return orders per second, each at its least time."""
        return len(self.best_us) / sum(self.best_us) * 1e6

    @property
    def p99(self) -> float:
        """Return the µs within which 99 of 100 orders were answered."""
        return _p99(self.best_us)

    def row(self) -> dict[str, object]:
        """Return the figures as the report shows them."""
        return {
            "engine": self.engine.name,
            "family": self.engine.family,
            "shape": self.engine.shape,
            "orders": len(self.masks),
            "orders_per_s": round(self.rate),
            "orders_per_s_as_run": round(median(self.orders_per_s)),
            "p50_us": round(median(self.best_us), 2),
            "p99_us": round(self.p99, 2),
            "p99_us_as_run": round(median(self.p99_us), 2),
            "prepared_s": round(self.prepared_s, 3),
        }


class Field:
    """The engines, each in its process, with the same orders before it."""

    def __init__(self, engines: Sequence[Engine], orders: int, seed: int) -> None:
        self._engines = engines
        self._pipes = [_started(engine, orders, seed) for engine in engines]

    def run(self, rules: int, rounds: int) -> list[Series]:
        """Measure in turns, so that a noisy minute hits all engines alike."""
        for pipe in self._pipes:
            pipe.send(("prepare", rules))
        prepared = [pipe.recv() for pipe in self._pipes]
        for turn in range(rounds):
            for n in range(len(self._pipes)):
                # Each round begins with another engine.
                self._ask((n + turn) % len(self._pipes), ("round", None))
        return [
            Series(engine, *prepared[n], *self._ask(n, ("tell", None)))
            for n, engine in enumerate(self._engines)
        ]

    def _ask(self, n: int, said: tuple[str, int | None]) -> Any:
        self._pipes[n].send(said)
        return self._pipes[n].recv()

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.close()


@contextmanager
def field(engines: Sequence[Engine], orders: int, seed: int) -> Iterator[Field]:
    """Start the engines' processes; they end with the block."""
    started = Field(engines, orders, seed)
    try:
        yield started
    finally:
        started.close()


def _started(engine: Engine, orders: int, seed: int) -> Connection:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (theirs, ENGINES.index(engine), orders, seed)
    context.Process(target=_work, args=arguments, daemon=True).start()
    theirs.close()
    return ours


def _work(pipe: Connection, which: int, orders: int, seed: int) -> None:
    """Do as told until nobody is there to tell."""
    bench = _Bench(ENGINES[which], orders, seed)
    while True:
        try:
            word, rules = pipe.recv()
        except EOFError:
            return
        match word:
            case "prepare":
                pipe.send(bench.prepare(rules))
            case "round":
                bench.round()
                pipe.send(None)
            case "tell":
                pipe.send((bench.rates, bench.p99s_us, bench.best_us))


class _Bench:
    def __init__(self, engine: Engine, orders: int, seed: int) -> None:
        self._engine, self._orders, self._seed = engine, orders, seed
        self._corpus = Corpus(orders, 0, seed)

    def prepare(self, rules: int) -> tuple[float, Masks]:
        """Compile the rules and answer once: to warm up, and to be compared."""
        corpus = self._corpus = self._corpus.with_rules(rules)
        started = perf_counter()
        ready = self._engine.prepare(corpus)
        prepared_s = perf_counter() - started
        self._call: Callable[[Any], Any] = ready.call
        self._inputs = list(ready.inputs)[:: self._engine.stride(rules)]
        self.rates: list[float] = []
        self.p99s_us: list[float] = []
        self.best_us = [float("inf")] * len(self._inputs)
        masks = [ready.masks(self._call(one)) for one in self._inputs]
        gc.collect()
        gc.freeze()
        return prepared_s, masks

    def round(self) -> None:
        """Go over all orders twice: at a stretch, and by the clock one by one."""
        call, inputs = self._call, self._inputs
        started = perf_counter()
        for one in inputs:
            call(one)
        self.rates.append(len(inputs) / (perf_counter() - started))
        took = []
        for one in inputs:
            before = perf_counter_ns()
            call(one)
            took.append((perf_counter_ns() - before) / 1e3)
        self.p99s_us.append(_p99(took))
        self.best_us = list(map(min, self.best_us, took))


def _p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100)[98] if len(values) > 1 else values[0]
