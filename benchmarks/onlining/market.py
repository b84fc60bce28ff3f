"""Jasin and Sinha's market as Ma drew it: cities order, centers hold some items.

References
----------
.. [1] Jasin, S., and A. Sinha (2015). An LP-Based Correlated Rounding Scheme for
       Multi-Item Ecommerce Order Fulfillment. *Operations Research* 63(6): 1336-1351.
.. [2] Ma, W. (2023). Order-Optimal Correlated Rounding for Fulfilling Multi-Item
       E-Commerce Orders. *M&SOM* 25(4): 1324-1337.
"""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.waving.places import cities

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

FIXED, PER_UNIT, PER_MILE = 8.759, 0.423, 0.000541
EARTH_MILES = 6371.0 / 1.61
# How many deviations of demand are stocked on top of what is expected.
SAFETY = 0.5


@dataclass(frozen=True)
class Size:
    """How large a market is: ``kinds`` are the kinds of orders per number of items."""

    items: int
    most_items: int
    kinds: int
    arrivals: int
    carried: float
    cities: str
    centers: str

    def with_arrivals(self, arrivals: int) -> "Size":
        return replace(self, arrivals=arrivals)


SIZES = {
    "small": Size(
        20, 5, 5, 10_000, 0.75, "cities_warmup.csv", "fulfillment_centers_warmup.csv"
    ),
    "large": Size(100, 10, 10, 100_000, 0.5, "cities.csv", "fulfillment_centers.csv"),
}
# Centers for where the published places are not at hand.
OWN_CENTERS = ("Philadelphia", "Indianapolis", "Riverside", "Dallas", "Atlanta")


@dataclass(frozen=True)
class Places:
    """Cities with their people, and centers: latitude and longitude in degrees."""

    cities: Floats
    people: Floats
    centers: Floats
    source: str


@dataclass(frozen=True)
class Market:
    """What may be ordered, from where, and what there is of it.

    The last center is the one that always has everything, at twice the price.
    ``items`` holds the items of each kind of order, −1 where it has no more.
    ``chance`` is that of a kind from a city among all arrivals; what they lack to
    one is arrivals that order nothing. Money is in dollars.
    """

    items: Ints
    chance: Floats
    unit: Floats
    stock: Ints
    arrivals: int
    nearest: Ints

    @property
    def kinds(self) -> int:
        return len(self.items)

    @property
    def cities(self) -> int:
        return int(self.unit.shape[1])

    @property
    def centers(self) -> int:
        """How many there are, without the one that always has everything."""
        return len(self.stock)

    @property
    def fixed(self) -> Floats:
        """What opening a center for an order costs."""
        found = np.full(self.centers + 1, FIXED)
        found[-1] *= 2
        return found

    def arrivals_of(self, seed: int) -> Ints:
        """Draw who comes: kind times cities plus city, −1 who orders nothing."""
        dice = np.random.default_rng((seed, 7))
        flat = self.chance.ravel()
        each = np.append(flat, max(0.0, 1.0 - flat.sum()))
        drawn = dice.choice(len(each), self.arrivals, p=each / each.sum())
        return np.where(drawn < len(flat), drawn, -1).astype(np.int64)


def places_of(size: Size, data: Path | None) -> Places:
    """Read the published places, or take our own where they are not at hand."""
    if data is None or not (data / size.cities).is_file():
        towns = cities()
        chosen = towns[: 10 if size.most_items <= 5 else len(towns)]
        at = {town.name: (town.latitude, town.longitude) for town in towns}
        return Places(
            cities=np.array([(t.latitude, t.longitude) for t in chosen]),
            people=np.array([float(t.thousands) for t in chosen]),
            centers=np.array([at[name] for name in OWN_CENTERS]),
            source="own",
        )
    rows = _rows(data / size.cities)
    return Places(
        cities=np.array([(float(r[2]), float(r[3])) for r in rows]),
        people=np.array([float(r[4]) for r in rows]),
        centers=np.array(
            [(float(r[2]), float(r[3])) for r in _rows(data / size.centers)]
        ),
        source="published",
    )


def a_market(size: Size, places: Places, seed: int) -> Market:
    """Draw a market; equal arguments draw equal ones."""
    dice = np.random.default_rng(seed)
    miles = _miles(places.centers, places.cities)
    kinds = [
        dice.permutation(size.items)[:count]
        for count in range(1, size.most_items + 1)
        for _ in range(size.kinds)
    ]
    nothing, by_count = dice.random(), dice.random(size.most_items)
    of_count = by_count / (nothing + by_count.sum())
    within = dice.random((size.most_items, size.kinds))
    within /= within.sum(axis=1, keepdims=True)
    chance = np.outer(
        (of_count[:, None] * within).ravel(), places.people / places.people.sum()
    )
    carried = dice.random((len(miles), size.items)) < size.carried
    nearest = _nearest(miles, carried)
    rate = np.zeros(carried.shape)
    for items, from_city in zip(kinds, chance, strict=True):
        for item in items:
            held = nearest[item] < len(miles)
            np.add.at(rate[:, item], nearest[item][held], from_city[held])
    spread = np.sqrt(size.arrivals * rate * np.maximum(0, 1 - rate))
    unit = PER_UNIT + PER_MILE * miles
    table = np.full((len(kinds), size.most_items), -1, dtype=np.int64)
    for row, items in zip(table, kinds, strict=True):
        row[: len(items)] = items
    return Market(
        items=table,
        chance=chance,
        unit=np.vstack([unit, np.full((1, unit.shape[1]), 2 * unit.max())]),
        stock=np.round(size.arrivals * rate + SAFETY * spread).astype(np.int64),
        arrivals=size.arrivals,
        nearest=nearest,
    )


def _nearest(miles: Floats, carried: np.ndarray[Any, np.dtype[np.bool_]]) -> Ints:
    """Return, by item and city, the nearest center that carries it; else the last."""
    far = np.where(carried.T[:, :, None], miles[None], np.inf)
    found = far.argmin(axis=1)
    return np.where(np.isfinite(far.min(axis=1)), found, len(miles)).astype(np.int64)


def _miles(ones: Floats, others: Floats) -> Floats:
    """Return great-circle distances, as the published code measures them."""
    a, b = np.radians(ones)[:, None], np.radians(others)[None]
    half = np.sin((b - a) / 2) ** 2
    bend = half[..., 0] + np.cos(a[..., 0]) * np.cos(b[..., 0]) * half[..., 1]
    return np.asarray(2 * EARTH_MILES * np.arcsin(np.sqrt(bend)))


def _rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig") as opened:
        return list(csv.reader(opened))
