"""One scarce thing that orders compete for."""

from dataclasses import dataclass

from optimizer.resources import Resource


@dataclass(frozen=True, slots=True)
class Row:
    """A scarce resource: its free amount, and what may be had beyond it at a price.

    ``strict`` rows count only the orders that may not use what is beyond. What is
    beyond comes ``step`` at once (a whole vehicle), for ``more_cents`` each time;
    ``more`` is a multiple of it.
    """

    resource: Resource
    strict: bool
    limit: int
    more: int = 0
    more_cents: int = 0
    step: int = 1
