"""Forgets facts whose source has been silent for too long."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from segmentation.fact_table import SCHEMA
from segmentation.known import Facts, Look


def fresh(look: Look, heard_at: Mapping[str, datetime]) -> Look:
    """Tell facts as long as their sources were heard of lately enough.

    A source that nothing is noted of is taken to be as old as what is asked:
    somebody just handed over what it says. The instant a source becomes too
    old is a step of its facts.
    """
    ends = [
        (heard_at[source] + limit, names)
        for (source, limit), names in _limits().items()
        if source in heard_at
    ]
    if not ends:
        return look

    def tell(now: datetime) -> Facts:
        told = look(now)
        values, drifts = dict(told.values), dict(told.drifts)
        steps = dict(told.steps)
        for end, names in ends:
            for name in names:
                if now >= end:
                    values.pop(name, None)
                    drifts.pop(name, None)
                    steps.pop(name, None)
                elif name in values or name in steps:
                    steps[name] = min(steps.get(name, end), end)
        return Facts(values, drifts, steps)

    return tell


@lru_cache(maxsize=1)
def _limits() -> dict[tuple[str, timedelta], tuple[str, ...]]:
    limits: dict[tuple[str, timedelta], tuple[str, ...]] = {}
    for spec in SCHEMA:
        if spec.fresh_for is not None:
            key = (spec.source.value, spec.fresh_for)
            limits[key] = (*limits.get(key, ()), spec.name)
    return limits
