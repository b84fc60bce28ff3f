"""The cartons that one group of goods may go into, with what choosing needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from domain.network import Carton, PackingMethod
from domain.sku import TemperatureBand
from optimizer.space import Ints
from optimizer.styles import Part, suits


class Aim(StrEnum):
    """What a choice of cartons should keep low first."""

    PIECES = "pieces"
    VOLUME = "volume"
    COST = "cost"


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A carton, its room as the kernel wants it, and what rates it.

    ``room`` is inner length, width and height in millimeters and the grams it
    may hold. ``traits`` are all that a price or a limit may depend on; the
    larger, the worse.
    """

    carton: Carton
    room: Ints
    outer_mm3: int
    cost_cents: int
    inner_mm3: int
    load_g: int
    traits: tuple[int, ...]

    @classmethod
    def of(cls, carton: Carton, *, cold: bool) -> "Box":
        """Work out a carton's figures once, for goods that it has to keep cold."""
        inner, outer = carton.inner, carton.outer
        longest_mm = max(outer.length_mm, outer.width_mm, outer.height_mm)
        room = (inner.length_mm, inner.width_mm, inner.height_mm, carton.max_load_g)
        return cls(
            carton=carton,
            room=np.array(room, np.int64),
            outer_mm3=outer.volume_mm3,
            cost_cents=carton.cost_cents,
            inner_mm3=inner.volume_mm3,
            load_g=carton.max_load_g,
            traits=(
                outer.volume_mm3,
                outer.girth_mm,
                longest_mm,
                carton.cost_cents,
                carton.tare_g,
                carton.coolant_cents_per_h,
                # Coolant compares only between cartons that are rated alike.
                *(carton.rated_gap_tenths_c, -carton.rated_gap_tenths_c),
                -(carton.hold_h or 0) if cold else 0,
            ),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Cartons that may take the same goods, ranked by each aim.

    ``rooms`` has a row per carton: inner sides in millimeters, the shortest
    first, and the grams it may hold; ``figures`` another: outer volume, cents,
    inner volume, these grams. ``order`` is the rank by volume; ``most_mm3`` and
    ``most_g`` are what any one carton holds. ``beaten[i]`` are the cartons that
    are no worse than carton i in any trait.
    """

    boxes: tuple[Box, ...]
    rooms: Ints
    figures: Ints
    order: Ints
    ranks: dict[Aim, tuple[int, ...]]
    beaten: tuple[frozenset[int], ...]
    most_mm3: int
    most_g: int

    @classmethod
    def of(cls, cartons: Iterable[Carton], *, cold: bool = False) -> "Family":
        """Rank cartons by volume and by cost; the lower id breaks ties."""
        boxes = tuple(Box.of(carton, cold=cold) for carton in cartons)
        volumes = [(b.outer_mm3, b.cost_cents, b.carton.id) for b in boxes]
        costs = [(b.cost_cents, b.outer_mm3, b.carton.id) for b in boxes]
        by_volume = tuple(sorted(range(len(boxes)), key=volumes.__getitem__))
        by_cost = tuple(sorted(range(len(boxes)), key=costs.__getitem__))
        ranks = {Aim.PIECES: by_volume, Aim.VOLUME: by_volume, Aim.COST: by_cost}
        rooms = np.array([(*sorted(b.room[:3]), b.load_g) for b in boxes], np.int64)
        figures = [(b.outer_mm3, b.cost_cents, b.inner_mm3, b.load_g) for b in boxes]
        traits = np.array([b.traits for b in boxes], np.int64).reshape(-1, 9)
        beaten = tuple(
            frozenset(np.flatnonzero((traits <= own).all(axis=1)).tolist())
            for own in traits
        )
        return cls(
            boxes=boxes,
            rooms=rooms.reshape(-1, 4),
            figures=np.array(figures, np.int64).reshape(-1, 4),
            order=np.array(by_volume, np.int64),
            ranks=ranks,
            beaten=beaten,
            most_mm3=max((b.inner_mm3 for b in boxes), default=0),
            most_g=max((b.load_g for b in boxes), default=0),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Suite:
    """All cartons at hand; what is worked out about them is kept.

    Equal cartons are one suite, so that it may be told apart by identity.
    """

    cartons: tuple[Carton, ...]
    families: dict[tuple[PackingMethod, TemperatureBand], Family]

    def family(self, part: Part) -> Family:
        """Return the cartons that suit a part."""
        kind = part.method, part.band
        if kind not in self.families:
            fit = (carton for carton in self.cartons if suits(carton, part))
            cold = part.band is not TemperatureBand.AMBIENT
            self.families[kind] = Family.of(fit, cold=cold)
        return self.families[kind]


@lru_cache(maxsize=1_000)
def suite_of(cartons: tuple[Carton, ...]) -> Suite:
    """Return the suite of these cartons, in this order."""
    return Suite(cartons, {})
