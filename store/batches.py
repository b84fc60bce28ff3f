"""Events of a batch, sorted into what counts, what is too old, what cannot be."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from domain.event import BusinessEvent
from domain.history import KEPT_HOWEVER_OLD, RETENTION
from domain.quantities import Instant
from domain.subject import Subject


class Key(NamedTuple):
    """What an event is kept under: whom it concerns, and its id."""

    subject: Subject
    event_id: str


class Content(NamedTuple):
    """What is kept of an event; the least of several contents wins."""

    occurred_at: Instant
    digest: str
    kind: str
    units: int | None
    value_cents: int | None
    order_id: str | None
    labels: str


@dataclass
class Batch:
    """Events as they will be kept.

    ``contents`` are the digests under each id, ``came`` how many events there
    were of them, ``old`` those that are past counting.
    """

    rows: dict[Key, Content] = field(default_factory=dict)
    contents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    came: int = 0
    old: set[str] = field(default_factory=set)
    refused: list[tuple[str, str]] = field(default_factory=list)


def sort(events: Iterable[BusinessEvent], now: Instant, skew: timedelta) -> Batch:
    """Sort events; of several contents under one key the least one is left."""
    batch = Batch()
    for event in events:
        if event.occurred_at > now + skew:
            batch.refused.append((event.id, _too_early(event, now, skew)))
            continue
        if event.occurred_at <= now - RETENTION:
            batch.old.add(event.id)
            batch.refused.append((event.id, _too_old(event)))
        else:
            batch.came += 1
        content = _content(event)
        batch.contents[event.id].add(content.digest)
        for subject in event.subjects:
            key = Key(subject, event.id)
            batch.rows[key] = min(batch.rows.get(key, content), content)
    return batch


def _content(event: BusinessEvent) -> Content:
    labels = json.dumps(event.labels, sort_keys=True, ensure_ascii=False)
    return Content(
        event.occurred_at,
        event.digest(),
        event.kind,
        event.units,
        event.value_cents,
        event.order_id,
        labels,
    )


def _too_early(event: BusinessEvent, now: Instant, skew: timedelta) -> str:
    ahead_s = (event.occurred_at - now).total_seconds()
    return (
        f"occurred_at: {event.occurred_at:%Y-%m-%dT%H:%M:%SZ} is {ahead_s:,.0f} s in "
        f"the future; at most {skew.total_seconds():.0f} s are put down to clocks"
    )


def _too_old(event: BusinessEvent) -> str:
    return (
        f"occurred_at: {event.occurred_at:%Y-%m-%dT%H:%M:%SZ} is {RETENTION.days} "
        f"days ago or more: no window counts it; the {KEPT_HOWEVER_OLD} newest of "
        f"these, and when the first and the last happened, stay known"
    )
