"""One order's choice set against its other options, among what others leave."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from domain.plan import Way as ShortWay
from optimizer.ladder import Standing
from optimizer.options import Option
from optimizer.pricing import Cents
from optimizer.resources import Resource
from optimizer.room import beyond_cents, missing
from optimizer.shared import Shared


class Others(Mapping[Resource, int]):
    """What everybody takes, less what one order does; nothing is copied."""

    def __init__(self, taken: Mapping[Resource, int], own: Mapping[Resource, int]):
        self._taken = taken
        self._own = own

    def __getitem__(self, resource: Resource) -> int:
        return self._taken[resource] - self._own.get(resource, 0)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._taken)

    def __len__(self) -> int:
        return len(self._taken)


@dataclass(frozen=True)
class Case:
    """The option an order got, its cents by term, and what the batch takes in all."""

    shared: Shared
    standing: Standing
    chosen: Option
    terms: Cents
    taken: Mapping[Resource, int]

    @cached_property
    def others(self) -> "Others":
        """What the batch's other orders take."""
        return Others(self.taken, self.chosen.uses)

    @cached_property
    def cheaper(self) -> tuple[Option, ...]:
        """The options that would have cost less, had there been room for them."""
        found = []
        for option in self.standing.options:
            if option.total_cents >= self.now_cents:
                break
            found.append(option)
        return tuple(found)

    @property
    def total_cents(self) -> int:
        """What the chosen option costs, with its share of work beyond capacity."""
        return sum(self.terms)

    @cached_property
    def now_cents(self) -> int:
        """What the chosen option adds to what the others cost."""
        cents = self.cents(self.chosen)
        return self.total_cents if cents is None else cents

    @property
    def _allowed(self) -> bool:
        return self.standing.limits.over_capacity_allowed

    def added_cents(self, option: Option, extra: Resource | None = None) -> int | None:
        """Return what beyond-capacity work an option adds; None if it does not fit.

        ``extra`` is a resource to count one more of than there is.
        """
        return beyond_cents(
            option,
            self.shared.supply,
            self.others,
            allowed=self._allowed,
            extra=extra,
        )

    def cents(self, option: Option, extra: Resource | None = None) -> int | None:
        """Return what an option costs beside the others; None if it does not fit."""
        added = self.added_cents(option, extra)
        return None if added is None else option.total_cents + added

    def missing(self, option: Option) -> dict[Resource, int]:
        """Return how much an option lacks of each resource."""
        return missing(option, self.shared.supply, self.others, allowed=self._allowed)


def short_ways(option: Option) -> tuple[ShortWay, ...]:
    """Return an option's parcels in short."""
    return tuple(
        ShortWay.model_construct(
            fc=way.lane.center.id,
            service=way.lane.service.id,
            method=way.packing.method,
        )
        for way in option.ways
    )
