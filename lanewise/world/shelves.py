"""Goods on a simulated warehouse's shelves: what its system says and what is true."""

from dataclasses import dataclass


@dataclass
class Shelf:
    """One SKU: the system's count, the true count, and what is spoken for.

    ``reserved`` units are set aside and not yet picked; ``picked`` units wait
    at the dock and are still on hand. ``loaded`` is the first system count,
    ``lost`` what counting again took off it, ``changed`` what came in or went
    missing by plan, ``shipped`` what left.
    """

    system: int
    true: int
    loaded: int
    reserved: int = 0
    picked: int = 0
    shipped: int = 0
    lost: int = 0
    changed: int = 0

    @property
    def free(self) -> int:
        return max(0, self.system - self.picked - self.reserved)

    def reserve(self, units: int) -> int:
        """Set aside as many as are free, and say how many."""
        reserved = min(units, self.free)
        self.reserved += reserved
        return reserved

    def unreserve(self, units: int) -> None:
        """Give back what was set aside."""
        self.reserved -= units

    def pick(self, units: int) -> int:
        """Take reserved units to the dock, as many as are truly there."""
        found = min(units, max(0, self.true - self.picked))
        self.reserved -= units
        self.picked += found
        if found < units:
            self.recount()
        return found

    def put_back(self, units: int) -> None:
        """Return picked units to the shelf."""
        self.picked -= units

    def ship(self, units: int) -> None:
        """Let picked units leave the building."""
        self.picked -= units
        self.system -= units
        self.true -= units
        self.shipped += units

    def change(self, units: int) -> None:
        """Receive goods, or find some missing (never those already picked)."""
        units = max(units, self.picked - self.true)
        self.true += units
        self.system = max(self.picked, self.system + units)
        self.changed = self.system - self.loaded + self.lost + self.shipped

    def recount(self) -> None:
        """Make the system say what is true."""
        self.lost += self.system - self.true
        self.system = self.true
