"""Runs each engine in a process of its own, turn by turn, never two at once."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median, quantiles
from time import perf_counter, perf_counter_ns

from benchmarks.segmenting.corpus import draw
from benchmarks.segmenting.engines import ENGINES, Engine

Masks = list[tuple[int, int]]


@dataclass
class Series:
    """What one engine did, round by round; ``masks`` are its answers."""

    engine: Engine
    prepared_s: float
    masks: Masks
    orders_per_s: list[float] = field(default_factory=list)
    p50_us: list[float] = field(default_factory=list)
    p99_us: list[float] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Return the engine's name and shape."""
        return f"{self.engine.name}, {self.engine.shape}"

    def row(self) -> dict[str, object]:
        """Return the medians over the rounds."""
        return {
            "engine": self.engine.name,
            "family": self.engine.family,
            "shape": self.engine.shape,
            "orders": len(self.masks),
            "orders_per_s": round(median(self.orders_per_s)),
            "p50_us": round(median(self.p50_us), 2),
            "p99_us": round(median(self.p99_us), 2),
            "prepared_s": round(self.prepared_s, 3),
        }


def interleaved(
    engines: Sequence[Engine], orders: int, rules: int, seed: int, rounds: int
) -> list[Series]:
    """Measure the engines in turns, so that a noisy minute hits them alike."""
    workers = [_Worker(engine, orders, rules, seed) for engine in engines]
    try:
        series = [worker.series() for worker in workers]
        for turn in range(rounds):
            for n in _turned(len(workers), turn):
                workers[n].round(series[n])
        return series
    finally:
        for worker in workers:
            worker.stop()


def _turned(count: int, turn: int) -> list[int]:
    """Begin each round with another engine."""
    return [(n + turn) % count for n in range(count)]


class _Worker:
    def __init__(self, engine: Engine, orders: int, rules: int, seed: int) -> None:
        context = get_context("spawn")
        self._engine = engine
        self._pipe, theirs = context.Pipe()
        arguments = (theirs, ENGINES.index(engine), orders, rules, seed)
        self._process = context.Process(target=_work, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def series(self) -> Series:
        return Series(self._engine, *self._pipe.recv())

    def round(self, series: Series) -> None:
        self._pipe.send("round")
        rate, p50, p99 = self._pipe.recv()
        series.orders_per_s.append(rate)
        series.p50_us.append(p50)
        series.p99_us.append(p99)

    def stop(self) -> None:
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()


def _work(pipe: Connection, which: int, orders: int, rules: int, seed: int) -> None:
    engine = ENGINES[which]
    corpus = draw(orders, rules, seed)
    started = perf_counter()
    ready = engine.prepare(corpus)
    prepared_s = perf_counter() - started
    inputs = list(islice(ready.inputs, 0, None, engine.every))
    # The first answers warm the engine up, and are the ones compared.
    masks = [ready.masks(ready.call(one)) for one in inputs]
    gc.collect()
    gc.freeze()
    pipe.send((prepared_s, masks))
    while True:
        try:
            pipe.recv()
        except EOFError:
            return
        pipe.send(_round(ready.call, inputs))


def _round(call: object, inputs: Sequence[object]) -> tuple[float, float, float]:
    """Return inputs per second, and the percentiles of one by one, in µs."""
    assert callable(call)
    started = perf_counter()
    for one in inputs:
        call(one)
    rate = len(inputs) / (perf_counter() - started)
    took = []
    for one in inputs:
        before = perf_counter_ns()
        call(one)
        took.append(perf_counter_ns() - before)
    return rate, median(took) / 1e3, quantiles(took, n=100)[98] / 1e3
