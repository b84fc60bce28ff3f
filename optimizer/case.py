"""One order's choice set against its other options, among what others leave."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from domain.plan import Way as ShortWay
from optimizer.ladder import Standing
from optimizer.options import Option
from optimizer.pricing import Cents
from optimizer.resources import Kind, Resource
from optimizer.room import added, room_of
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

    @cached_property
    def runners_up(self) -> list[Option]:
        """Other good ways that differ in center, service or packing, best first."""
        choices = self.standing.choices
        if choices is None or choices.reasons is None:
            return []
        return choices.reasons.others(self.chosen)

    @cached_property
    def having(self) -> frozenset[int]:
        """The centers (by position) that could send everything."""
        choices = self.standing.choices
        if choices is None or choices.reasons is None:
            return frozenset()
        return choices.reasons.having

    @property
    def total_cents(self) -> int:
        """What the chosen option costs, with its share of work beyond capacity."""
        return sum(self.terms)

    @cached_property
    def now_cents(self) -> int:
        """What the chosen option adds to what the others cost."""
        cents = self.cents(self.chosen)
        return self.total_cents if cents is None else cents

    @cached_property
    def _rooms(self) -> dict[Resource, tuple[int, int, int, int]]:
        """What there is of each thing looked at, and what others take of it."""
        return {}

    def _room(
        self, resource: Resource, extra: Resource | None = None
    ) -> tuple[int, int, int, int]:
        """Return what there is, what beyond it, the cents of that, what is taken."""
        found = self._rooms.get(resource) if resource != extra else None
        if found is None:
            supply = self.shared.supply
            allowed = self.standing.limits.over_capacity_allowed
            room = room_of(resource, supply, allowed=allowed, extra=extra)
            found = (*room, self.others.get(resource, 0))
            if resource != extra:
                self._rooms[resource] = found
        return found

    def added_cents(
        self, option: Option, extra: Resource | None = None
    ) -> tuple[int, int] | None:
        """Return what beyond-capacity work and what vehicles an option adds.

        None if it does not fit. ``extra`` is a resource to count one more of than
        there is.
        """
        supply, cents = self.shared.supply, [0, 0]
        for resource, amount in option.uses.items():
            free, more, each, before = self._room(resource, extra)
            if before + amount > free + more:
                return None
            steps = added(before - free, amount, supply.step(resource))
            cents[resource.kind is Kind.VEHICLE_G] += steps * each
        return cents[0], cents[1]

    def cents(self, option: Option, extra: Resource | None = None) -> int | None:
        """Return what an option costs beside the others; None if it does not fit."""
        added = self.added_cents(option, extra)
        return None if added is None else option.total_cents + sum(added)

    def missing(self, option: Option) -> dict[Resource, int]:
        """Return how much an option lacks of each resource."""
        lacks: dict[Resource, int] = {}
        for resource, amount in option.uses.items():
            free, more, _, before = self._room(resource)
            over = before + amount - free - more
            if over > 0:
                lacks[resource] = over
        return lacks


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
