"""The values one thing in a rule may still have, narrowed step by step."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf

from segmentation.language.nodes import Scalar

OPPOSITE = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
    "in": "not in",
    "not in": "in",
}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Range:
    """A set of values: those between two bounds, or the listed ones, less some.

    ``only`` None means all values between the bounds. An open bound is not
    itself a value.
    """

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False
    only: frozenset[Scalar] | None = None
    without: frozenset[Scalar] = frozenset()

    @property
    def empty(self) -> bool:
        """Tell whether no value is left."""
        if self.only is not None:
            return not any(self.holds(value) for value in self.only)
        if self.low == self.high:
            return self.low_open or self.high_open or self.low in self.without
        return self.low > self.high

    def narrowed(self, op: str, limit: Scalar) -> "Range":
        """Return the values that also stand in this relation to a limit."""
        match op:
            case "==":
                return self.among((limit,))
            case "!=":
                return replace(self, without=self.without | {limit})
            case "<" | "<=":
                return self._below(float(limit), is_open=op == "<")
            case _:
                return self._above(float(limit), is_open=op == ">")

    def among(self, values: Iterable[Scalar]) -> "Range":
        """Return the values that are also among the listed ones."""
        listed = frozenset(values)
        return replace(self, only=listed if self.only is None else self.only & listed)

    def but(self, values: Iterable[Scalar]) -> "Range":
        """Return the values that are none of the listed ones."""
        return replace(self, without=self.without | frozenset(values))

    def met(self, other: "Range") -> "Range":
        """Return the values in both ranges."""
        both = self._above(other.low, is_open=other.low_open)
        both = both._below(other.high, is_open=other.high_open)
        both = both if other.only is None else both.among(other.only)
        return both.but(other.without)

    def apart(self, other: "Range") -> bool:
        """Tell whether no value is in both."""
        if self.only is not None or other.only is not None:
            listed = self.only if self.only is not None else other.only
            return not any(self.holds(v) and other.holds(v) for v in listed or ())
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, shut = min(
            (self.high, not self.high_open), (other.high, not other.high_open)
        )
        if low == high:
            without = self.without | other.without
            return low_open or not shut or low in without
        return low > high

    def _below(self, limit: float, *, is_open: bool) -> "Range":
        if (limit, not is_open) < (self.high, not self.high_open):
            return replace(self, high=limit, high_open=is_open)
        return self

    def _above(self, limit: float, *, is_open: bool) -> "Range":
        if (limit, is_open) > (self.low, self.low_open):
            return replace(self, low=limit, low_open=is_open)
        return self

    def holds(self, value: Scalar) -> bool:
        """Tell whether a value is in the set."""
        if value in self.without or (self.only is not None and value not in self.only):
            return False
        if isinstance(value, str):
            return True
        above = value > self.low or (value == self.low and not self.low_open)
        below = value < self.high or (value == self.high and not self.high_open)
        return above and below


ANY = Range()
TRUTH = Range(only=frozenset({True, False}))
