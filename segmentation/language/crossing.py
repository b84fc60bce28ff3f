"""Solves for the moments at which comparisons of drifting facts may turn.

Seen as functions of time, facts that drift are straight lines, and what rules
calculate from them are quotients of polynomials. The two sides of a comparison
meet where the numerator of their difference is zero; a divisor may vanish too,
and ``min``, ``max`` and ``abs`` bend where their arguments meet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from domain.segment import Fact
from segmentation.language.nodes import (
    Arithmetic,
    Call,
    Choices,
    Comparison,
    Literal,
    Name,
    Negative,
    Node,
)

# Later than in 200 years nothing turns; a little before now still counts, for
# facts are rounded and a turn just passed may show a moment late.
LATEST_S = 6_300_000_000.0
EARLIEST_S = -2.0

# Between two bends an expression is judged by its value at this moment.
_SOON_S = 0.5

_Polynomial = tuple[float, ...]


class _Unsolved(Exception):
    """A side that is no number, or has no value."""


@dataclass(frozen=True, slots=True)
class _Course:
    """How a number runs with time: above over below, in seconds from now."""

    above: _Polynomial
    below: _Polynomial = (1.0,)

    def at(self, seconds: float) -> float:
        below = _value(self.below, seconds)
        if below == 0:
            raise _Unsolved
        return _value(self.above, seconds) / below


def crossings(
    comparison: Comparison, facts: Mapping[str, Fact], drifts: Mapping[str, float]
) -> list[float]:
    """Return the moments, in seconds from now, at which a comparison may turn.

    Among them are all at which it does, up to bends: after a bend the later
    ones must be asked for again. Moments up to two seconds ago are told too.

    Parameters
    ----------
    facts
        The facts as they are now.
    drifts
        How much each fact grows in an hour; others stay as they are.
    """
    solver = _Solver(facts, drifts)
    left = comparison.left
    for step in comparison.steps:
        right = step.right
        for one in right.items if isinstance(right, Choices) else (right,):
            solver.meet(left, one)
        left = right
    return solver.found


class _Solver:
    def __init__(self, facts: Mapping[str, Fact], drifts: Mapping[str, float]) -> None:
        self._facts = facts
        self._drifts = drifts
        self.found: list[float] = []

    def meet(self, left: Node, right: Node) -> None:
        try:
            if isinstance(left, Name) and isinstance(right, Literal):
                # Most comparisons are of this form, and quickly solved.
                course, limit = self._fact(left.id), self._course(right)
                self._note((course.above[0] - limit.above[0], *course.above[1:]))
                return
            self._met(self._course(left), self._course(right))
        except (_Unsolved, OverflowError):
            return

    def _met(self, a: _Course, b: _Course) -> None:
        self._note(_minus(_times(a.above, b.below), _times(b.above, a.below)))

    def _note(self, polynomial: _Polynomial) -> None:
        self.found.extend(_zeros(polynomial))

    def _course(self, node: Node) -> _Course:
        match node:
            case Literal(value=bool() | str()):
                raise _Unsolved
            case Literal(value=number):
                return _Course((float(number),))
            case Name(id=name):
                return self._fact(name)
            case Negative(operand=operand):
                return self._turned(self._course(operand))
            case Arithmetic():
                return self._calculated(node)
            case Call(function="abs", args=(inner,)):
                course = self._course(inner)
                self._note(course.above)
                return self._turned(course) if course.at(_SOON_S) < 0 else course
            case Call(function="min" | "max" as function, args=args):
                return self._extreme(function, [self._course(arg) for arg in args])
            case Call(function="count", args=(Name(id=name),)):
                words = self._facts.get(name)
                if isinstance(words, tuple):
                    return _Course((float(len(words)),))
        raise _Unsolved

    def _fact(self, name: str) -> _Course:
        value = self._facts.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _Unsolved
        drift = self._drifts.get(name)
        return _Course((float(value), drift / 3600) if drift else (float(value),))

    def _turned(self, course: _Course) -> _Course:
        return _Course(tuple(-c for c in course.above), course.below)

    def _calculated(self, node: Arithmetic) -> _Course:
        a, b = self._course(node.left), self._course(node.right)
        match node.op:
            case "*":
                return _Course(_times(a.above, b.above), _times(a.below, b.below))
            case "/":
                # Where the divisor vanishes, the quotient has no value.
                self._note(b.above)
                return _Course(_times(a.above, b.below), _times(a.below, b.above))
            case "-":
                b = self._turned(b)
        above = _plus(_times(a.above, b.below), _times(b.above, a.below))
        return _Course(above, _times(a.below, b.below))

    def _extreme(self, function: str, courses: Sequence[_Course]) -> _Course:
        for n, course in enumerate(courses):
            for other in courses[:n]:
                self._met(course, other)
        choose = min if function == "min" else max
        return choose(courses, key=lambda course: course.at(_SOON_S))


def _value(polynomial: _Polynomial, at: float) -> float:
    value = 0.0
    for coefficient in reversed(polynomial):
        value = value * at + coefficient
    return value


def _plus(a: _Polynomial, b: _Polynomial) -> _Polynomial:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    rest = longer[len(shorter) :]
    return tuple(x + y for x, y in zip(longer, shorter, strict=False)) + rest


def _minus(a: _Polynomial, b: _Polynomial) -> _Polynomial:
    return _plus(a, tuple(-c for c in b))


def _times(a: _Polynomial, b: _Polynomial) -> _Polynomial:
    if len(a) == 1 or len(b) == 1:
        scale, other = (a[0], b) if len(a) == 1 else (b[0], a)
        return tuple(scale * c for c in other)
    product = [0.0] * (len(a) + len(b) - 1)
    for n, x in enumerate(a):
        for m, y in enumerate(b):
            product[n + m] += x * y
    return tuple(product)


def _zeros(polynomial: _Polynomial) -> list[float]:
    """Return the real zeros between the earliest and the latest moment, ascending."""
    while len(polynomial) > 1 and polynomial[-1] == 0:
        polynomial = polynomial[:-1]
    if len(polynomial) < 2 or not all(isfinite(c) for c in polynomial):
        return []
    if len(polynomial) == 2:
        zero = -polynomial[0] / polynomial[1]
        return [zero] if EARLIEST_S < zero < LATEST_S else []
    slope = tuple(n * c for n, c in enumerate(polynomial))[1:]
    # Between two turning points it has one zero at most.
    turns = [EARLIEST_S, *_zeros(slope), LATEST_S]
    return list(dict.fromkeys(_isolated(polynomial, turns)))


def _isolated(polynomial: _Polynomial, turns: Sequence[float]) -> Iterator[float]:
    for low, high in pairwise(turns):
        below = _value(polynomial, low)
        if below == 0:
            yield low
        elif (below < 0) is not (_value(polynomial, high) < 0):
            yield _bisected(polynomial, low, high, rising=below < 0)
        elif high < LATEST_S:
            # It may just touch zero where it turns.
            yield high


def _bisected(
    polynomial: _Polynomial, low: float, high: float, *, rising: bool
) -> float:
    for _ in range(90):
        middle = (low + high) / 2
        if (_value(polynomial, middle) < 0) is rising:
            low = middle
        else:
            high = middle
    return high
