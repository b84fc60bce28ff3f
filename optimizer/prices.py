"""What scarce things are worth, by resource.

A price is the opportunity cost of one more unit taken: what the other orders
together would save if it were left to them. Prices keep from wave to wave, so a
warm start needs few steps, and a single order can be decided under them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from optimizer.resources import Resource, Uses

_NONE: Mapping[Resource, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Prices:
    """Millicents for one more unit of each scarce resource; absent: nothing.

    ``strict_millicents`` come on top for orders that may not use what a center
    can do beyond its capacity.
    """

    millicents: Mapping[Resource, int] = field(default_factory=lambda: _NONE)
    strict_millicents: Mapping[Resource, int] = field(default_factory=lambda: _NONE)

    def __bool__(self) -> bool:
        return bool(self.millicents or self.strict_millicents)

    def of(self, resource: Resource, *, beyond_allowed: bool = True) -> int:
        """Return the price of one unit for an order, in millicents."""
        price = self.millicents.get(resource, 0)
        if not beyond_allowed:
            price += self.strict_millicents.get(resource, 0)
        return price

    def of_uses(self, uses: Uses, *, beyond_allowed: bool = True) -> int:
        """Return what everything an option takes is worth, in millicents."""
        return sum(
            amount * self.of(resource, beyond_allowed=beyond_allowed)
            for resource, amount in uses.items()
        )
