"""Measure windows on real baskets: events with exact ends against recomputing.

``python -m benchmarks.windows --json -`` prints JSON. Twelve window rules are
followed over a year of households' baskets. What is true is found by counting;
ours and those who recompute every hour or day are compared with it. Recomputing
is measured on some hours drawn at random and scaled to all of them.
"""

import argparse
import gc
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time

from benchmarks.baskets.episodes import by_counting, by_recomputing, compared, of_log
from benchmarks.baskets.load import baskets
from benchmarks.baskets.questions import DAY_S, HOUR_S, QUESTIONS
from domain.event import BusinessEvent
from domain.history import Entry, History, history_of
from domain.segment import RuleSet, Segment
from domain.subject import SubjectKind
from segmentation.classify import Rules
from segmentation.watch import Watch
from segmentation.windows import tell

CUSTOMER = SubjectKind.CUSTOMER
HOUR = timedelta(hours=1)


def rules() -> Rules:
    """Compile the twelve rules."""
    segments = tuple(
        Segment(id=q.id, title=q.id, on=CUSTOMER, when=q.sentence) for q in QUESTIONS
    )
    return Rules(RuleSet(version="windows", segments=segments))


def watching(
    compiled: Rules, events: Sequence[BusinessEvent], end: datetime
) -> tuple[Watch, float]:
    """Follow the events to the end; return the watch and the CPU seconds."""
    gc.collect()
    # The events were there before: looking for garbage among them is not ours.
    gc.freeze()
    started = process_time()
    watch = Watch(compiled, CUSTOMER)
    for event in events:
        watch.take(event)
    watch.advance(end)
    return watch, process_time() - started


def recomputing(
    compiled: Rules,
    events: Sequence[BusinessEvent],
    hours: Sequence[datetime],
    drawn: int,
    seed: int,
) -> float:
    """Return the CPU seconds of evaluating everybody at every hour.

    The same indexed windows and compiled rules are used; nothing is read from a
    store, and whoever has not bought anything yet is skipped.
    """
    households = _histories(events)
    spent = 0.0
    for now in Random(seed).sample(list(hours), drawn):
        present = [h for h in households if h.entries[0].at <= now]
        started = process_time()
        for history in present:
            facts = tell(compiled.windows, {CUSTOMER: (history,)}, now)
            compiled.evaluate(CUSTOMER, facts)
        spent += process_time() - started
    return spent * len(hours) / drawn


def _histories(events: Sequence[BusinessEvent]) -> list[History]:
    entries: dict[str, list[Entry]] = defaultdict(list)
    for event in events:
        entry = Entry(
            event.occurred_at,
            event.id,
            event.kind,
            event.units,
            event.value_cents,
            event.labels,
        )
        entries[str(event.customer_id)].append(entry)
    return [history_of(mine) for mine in entries.values()]


def measure(households: int, drawn: int, seed: int) -> dict[str, object]:
    """Measure one sample of households over the whole year."""
    events = baskets(households or None, seed)
    begin = events[0].occurred_at.replace(minute=0, second=0)
    end = events[-1].occurred_at + timedelta(seconds=1)
    compiled = rules()
    watch, watched_s = watching(compiled, events, end)
    true = by_counting(events, QUESTIONS, int(end.timestamp()))
    ours = compared(true, of_log(watch.log, end))
    hours = [begin + n * HOUR for n in range(int((end - begin) / HOUR) + 1)]
    naive_s = recomputing(compiled, events, hours, min(drawn, len(hours)), seed)
    midnight = begin.astimezone(UTC).replace(hour=0)
    begin_s = int(midnight.timestamp())
    return {
        "households": len({event.customer_id for event in events}),
        "seed": seed,
        "events": len(events),
        "rules": len(QUESTIONS),
        "episodes": ours.episodes,
        "window_events_per_s": round(len(events) / watched_s),
        "ours": ours.row(),
        "recomputed_hourly": by_recomputing(true, HOUR_S, begin_s).row(),
        "recomputed_daily": by_recomputing(true, DAY_S, begin_s).row(),
        "watched_cpu_s": round(watched_s, 2),
        "hourly_cpu_s": round(naive_s, 1),
        "ratio_to_hourly_recompute": round(naive_s / watched_s, 1),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", default="-", help="a file, or - for the screen")
    parser.add_argument("--households", type=int, default=300, help="0: all of them")
    parser.add_argument("--hours", type=int, default=24, help="measured recomputes")
    parser.add_argument("--seed", type=int, default=0)
    said = parser.parse_args(arguments)
    found = measure(said.households, said.hours, said.seed)
    text = json.dumps(found, indent=2) + "\n"
    if said.json == "-":
        sys.stdout.write(text)
    else:
        Path(said.json).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
