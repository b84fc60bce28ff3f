"""Facts at an instant, and how they will change if nothing happens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.segment import Fact


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at an instant; what is not known is absent.

    ``drifts`` are facts that run with the clock: how much they grow in an
    hour. ``steps`` are facts that may take another value by themselves: when
    next. All others stay as they are until somebody brings news.
    """

    values: Mapping[str, Fact] = field(default_factory=dict)
    drifts: Mapping[str, float] = field(default_factory=dict)
    steps: Mapping[str, datetime] = field(default_factory=dict)


# The facts as they will be (or were) at an instant, from what is known now.
Look = Callable[[datetime], Facts]
