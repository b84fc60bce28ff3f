"""What lanes and goods need of limited things, numbered.

Which days and trucks have a limit depends on the network and on what a problem
declares; it is worked out once for each pattern of limits, not for each problem.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar, overload

import numpy as np

from domain.quantities import CarrierId, FcId, Place, SkuId
from domain.rates import TO
from optimizer.hauls import to_place
from optimizer.parcels import Ints
from optimizer.problem import Problem
from optimizer.resources import Kind, Resource
from optimizer.timetable import LimitedDays, Timetable

Key = TypeVar("Key")
# Runs that end at an order's place are numbered from here on.
_RUNS = 1 << 40


class Classes:
    """What lanes need besides goods, told apart for each center.

    ``klass[c, s, n]`` numbers what the n-th pickup of a service depends on;
    ``needs[c][k]`` are class k's limited resources, ``sorted`` those by kind;
    ``within[c, a, b]`` says whether those of a are among those of b. All these
    ``resources`` have codes:
    ``of_class[c, k]`` are those of what class k of center c needs, −1 where there
    is no more; ``by_lines`` and ``by_grams`` say of each whether it counts lines or
    billable grams. A service's pickups come again for each of its runs of shared
    vehicles; where those go from port to port, to no port yet.
    """

    def __init__(self, table: Timetable, limited: LimitedDays) -> None:
        centers, services, pickups = table.hand_over_us.shape
        runs = 1 + max(map(len, table.runs.values()), default=0)
        self.klass = np.zeros((centers, services, runs * pickups), dtype=np.int64)
        self.needs: list[list[frozenset[Resource]]] = []
        for c, departures in enumerate(table.departures):
            known: dict[frozenset[Resource], int] = {}
            for carrier, n, day, services in departures:
                needs = frozenset(_needs(table.centers[c].id, carrier, day, limited))
                self.klass[c, services, n] = known.setdefault(needs, len(known))
                for s, at, ridden in _ridden(table, c, (carrier, day, services)):
                    with_it = needs | {ridden}
                    column = (1 + at) * pickups + n
                    self.klass[c, s, column] = known.setdefault(with_it, len(known))
            self.needs.append(list(known))
        most = max(1, *map(len, self.needs)) if self.needs else 1
        self.within = np.zeros((len(self.needs), most, most), dtype=np.int64)
        for c, own in enumerate(self.needs):
            for a, one in enumerate(own):
                for b, other in enumerate(own):
                    self.within[c, a, b] = one <= other
        wide = max((len(needs) for own in self.needs for needs in own), default=0)
        shape = (len(self.needs), most, max(3, wide))
        self.of_class = np.full(shape, -1, dtype=np.int64)
        self.by_lines = np.zeros_like(self.of_class)
        self.by_grams = np.zeros_like(self.of_class)
        self.sorted = [
            [sorted(needs, key=lambda r: r.kind) for needs in own] for own in self.needs
        ]
        self.resources = tuple(self._numbered())

    def _numbered(self) -> dict[Resource, int]:
        known: dict[Resource, int] = {}
        for c, own in enumerate(self.sorted):
            for k, needs in enumerate(own):
                for n, resource in enumerate(needs):
                    self.of_class[c, k, n] = known.setdefault(resource, len(known))
                    self.by_lines[c, k, n] = resource.kind is Kind.FC_LINES
                    self.by_grams[c, k, n] = resource.kind is Kind.VEHICLE_G
        return known

    @property
    def most(self) -> int:
        """The most classes any center has."""
        return int(self.within.shape[1])


def classes_of(problem: Problem, table: Timetable) -> Classes:
    """Return the classes of a problem; those of equal limits are remembered."""
    pattern = (
        _stated(problem.fc_lines, table.without_limit.lines),
        _stated(problem.fc_orders, table.without_limit.orders),
        _stated(problem.carrier_parcels, table.without_limit.parcels),
    )
    known: Classes | None = table.classes.get(pattern)
    if known is None:
        declared, stated = table.with_limit, table.without_limit
        limited = LimitedDays(
            declared.lines | _marked(stated.lines, pattern[0]),
            declared.orders | _marked(stated.orders, pattern[1]),
            declared.parcels | _marked(stated.parcels, pattern[2]),
        )
        known = table.classes.keep(pattern, Classes(table, limited))
    return known


def _stated(limits: Mapping[Key, int], keys: Iterable[Key]) -> bytes:
    """Mark the keys that have a limit."""
    return bytes(map(limits.__contains__, keys))


def _marked(keys: Mapping[Key, None], marks: bytes) -> dict[Key, None]:
    return dict.fromkeys(key for key, on in zip(keys, marks, strict=True) if on)


def _ridden(
    table: Timetable, c: int, of: tuple[CarrierId | None, date, list[int]]
) -> Iterator[tuple[int, int, Resource]]:
    """Yield services that share vehicles, the number of each run, and the vehicles."""
    carrier, day, services = of
    for s in services:
        for at, run in enumerate(table.runs.get((c, s), ())):
            fc = table.centers[c].id
            yield s, at, Resource(Kind.VEHICLE_G, fc, carrier=carrier, day=day, run=run)


def _needs(
    fc: FcId, carrier: CarrierId | None, day: date, limited: LimitedDays
) -> Iterator[Resource]:
    if (fc, day) in limited.lines:
        yield Resource(Kind.FC_LINES, fc, day=day)
    if (fc, day) in limited.orders:
        yield Resource(Kind.FC_ORDERS, fc, day=day)
    if carrier is not None and (fc, carrier, day) in limited.parcels:
        yield Resource(Kind.PARCELS, fc, carrier=carrier, day=day)


class Codes:
    """Numbers for everything limited that options take: of classes, then of goods.

    ``of_class``, ``by_lines`` and ``by_grams`` are the classes'.
    """

    def __init__(
        self,
        classes: Classes,
        centers: int,
        stock_of: Callable[[int, SkuId], Resource],
        *,
        counted: bool,
    ) -> None:
        self.of_class, self.by_lines = classes.of_class, classes.by_lines
        self.by_grams = classes.by_grams
        self._open = any(r.run.endswith(TO) for r in classes.resources)
        self.resources = Numbered(classes.resources, centers, stock_of)
        self._counted = counted
        self._of_sku: dict[SkuId, int] = {}

    def to_place(self, codes: Ints, place: Place) -> Ints:
        """Return the codes with those of runs from port to port ending at a place."""
        if not self._open:
            return codes
        met, at = np.unique(codes, return_inverse=True)
        ended = [self.resources.to_place(code, place) for code in met.tolist()]
        return np.array(ended, dtype=np.int64)[at.reshape(-1)]

    def of_sku(self, sku: SkuId) -> int:
        """Return the code of a SKU's units at the first center, the rest follow.

        −1 where units are not counted.
        """
        if not self._counted:
            return -1
        if sku not in self._of_sku:
            self._of_sku[sku] = self.resources.take(sku)
        return self._of_sku[sku]


class Numbered(Sequence[Resource]):
    """Resources by their codes; units of goods are told when they are asked for."""

    def __init__(
        self,
        of_classes: tuple[Resource, ...],
        centers: int,
        stock_of: Callable[[int, SkuId], Resource],
    ) -> None:
        self._of_classes = of_classes
        self._centers = centers
        self._stock_of = stock_of
        self._skus: list[SkuId] = []
        self._ended: dict[Resource, int] = {}
        self._runs: list[Resource] = []

    def to_place(self, code: int, place: Place) -> int:
        """Return the number of what an order to a place takes under a code."""
        if code >= len(self._of_classes):
            return code
        resource = self._of_classes[code]
        ended = to_place(resource, place)
        if ended is resource:
            return code
        if ended not in self._ended:
            self._ended[ended] = _RUNS + len(self._runs)
            self._runs.append(ended)
        return self._ended[ended]

    def take(self, sku: SkuId) -> int:
        """Give numbers to a SKU's units at every center, and return the first."""
        first = len(self)
        self._skus.append(sku)
        return first

    def __len__(self) -> int:
        return len(self._of_classes) + self._centers * len(self._skus)

    @overload
    def __getitem__(self, code: int) -> Resource: ...
    @overload
    def __getitem__(self, code: slice) -> tuple[Resource, ...]: ...
    def __getitem__(self, code: int | slice) -> Resource | tuple[Resource, ...]:
        if isinstance(code, slice):
            return tuple(self[n] for n in range(*code.indices(len(self))))
        if code >= _RUNS:
            return self._runs[code - _RUNS]
        own = code - len(self._of_classes)
        if own < 0:
            return self._of_classes[code]
        sku, center = divmod(own, self._centers)
        return self._stock_of(center, self._skus[sku])
