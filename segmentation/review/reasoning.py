"""What can be said of rules by themselves: never true, always true, implied.

A rule is taken apart into the cases in which it holds; each case says, for
every thing it compares, which values are left. A case with no value left for
something cannot come about. What the method cannot see (sums against sums,
rules with more than ``MAX_CASES`` cases) counts as possible: it never claims
too much.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from segmentation.language.nodes import (
    And,
    Call,
    Choices,
    Comparison,
    Literal,
    Name,
    Node,
    Not,
    Or,
    Step,
    children,
    reads,
)
from segmentation.language.render import render
from segmentation.review.ranges import ANY, OPPOSITE, TRUTH, TURNED, Range

MAX_CASES = 128

# What is left of each thing compared; a thing is named by its text.
Case = Mapping[str, Range]
Bounds = Callable[[Name], Range]


class _TooMany(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases in which a condition is true, and in which it is false.

    None stands for more cases than are looked at.
    """

    true: tuple[Case, ...] | None
    false: tuple[Case, ...] | None

    @property
    def never(self) -> bool:
        """Tell whether the condition surely never holds."""
        return self.true == ()

    @property
    def always(self) -> bool:
        """Tell whether it surely holds wherever its facts are known."""
        return self.false == ()

    def implies(self, other: "Cases") -> bool:
        """Tell whether the other surely is not false wherever this one is true."""
        return _apart(self.true, other.false)

    def excludes(self, other: "Cases") -> bool:
        """Tell whether surely both never hold at once."""
        return _apart(self.true, other.true)


def cases(node: Node, bounds: Bounds = lambda fact: ANY) -> Cases:
    """Return when a condition is true and when it is false.

    Parameters
    ----------
    node
        A checked condition.
    bounds
        Which values a fact may have at all.
    """
    found = (_within(node, wanted=wanted, bounds=bounds) for wanted in (True, False))
    return Cases(*found)


def settled(
    node: Node, bounds: Bounds = lambda fact: ANY
) -> Iterator[tuple[Node, bool]]:
    """Yield the outermost parts of a condition that surely never (always) hold."""
    for part in children(node) if isinstance(node, And | Or | Not) else ():
        found = cases(part, bounds)
        if found.never or found.always:
            yield part, found.always
        else:
            yield from settled(part, bounds)


def _within(node: Node, *, wanted: bool, bounds: Bounds) -> tuple[Case, ...] | None:
    try:
        return tuple(_cases(node, wanted, bounds))
    except _TooMany:
        return None


def _cases(node: Node, wanted: bool, bounds: Bounds) -> list[Case]:
    match node:
        case Not(operand=operand):
            return _cases(operand, not wanted, bounds)
        case And(parts=parts) | Or(parts=parts):
            each = (_cases(part, wanted, bounds) for part in parts)
            return _both(each) if isinstance(node, And) is wanted else _either(each)
        case Comparison():
            each = (_pair(left, step, wanted, bounds) for left, step in _pairs(node))
            return _both(each) if wanted else _either(each)
        case Literal(value=value):
            return [{}] if bool(value) is wanted else []
        case Call(function="known"):
            return [{render(node): TRUTH.among((wanted,))}]
        case _:
            return _known(node, render(node), TRUTH.among((wanted,)))


def _pairs(node: Comparison) -> Iterator[tuple[Node, Step]]:
    left = node.left
    for step in node.steps:
        yield left, step
        left = step.right


def _pair(left: Node, step: Step, wanted: bool, bounds: Bounds) -> list[Case]:
    op = step.op if wanted else OPPOSITE[step.op]
    right = step.right
    if isinstance(left, Literal) and isinstance(right, Name | Choices):
        if op in TURNED:
            left, right, op = right, left, TURNED[op]
        elif isinstance(right, Name):
            # A word in a list of words: each word is there or not by itself.
            said = f"{render(left)} in {right.id}"
            return _known(right, said, TRUTH.among((op == "in",)))
    if isinstance(right, Choices):
        return _among(left, op, right, bounds)
    if isinstance(right, Literal):
        return _against(left, op, right, step.ranks, bounds)
    if isinstance(left, Literal):
        return _against(right, TURNED[op], left, step.ranks, bounds)
    return _between(left, op, right)


def _among(left: Node, op: str, right: Choices, bounds: Bounds) -> list[Case]:
    listed = [item.value for item in right.items]
    if isinstance(left, Literal):
        return [{}] if (left.value in listed) is (op == "in") else []
    possible = _possible(left, bounds)
    rest = possible.among(listed) if op == "in" else possible.but(listed)
    return _known(left, render(left), rest)


def _against(
    left: Node, op: str, right: Literal, ranks: tuple[str, ...], bounds: Bounds
) -> list[Case]:
    if isinstance(left, Literal):
        lone = ANY.among((left.value,))
        return [] if lone.narrowed(op, right.value).empty else [{}]
    possible = _possible(left, bounds)
    if not ranks:
        return _known(left, render(left), possible.narrowed(op, right.value))
    limit = ranks.index(str(right.value))
    passing = ANY.among(range(len(ranks))).narrowed(op, limit)
    words = (word for n, word in enumerate(ranks) if passing.holds(n))
    return _known(left, render(left), possible.among(words))


def _between(left: Node, op: str, right: Node) -> list[Case]:
    """Look at the difference of two expressions, in the order of their texts."""
    a, b = render(left), render(right)
    if a == b:
        return [{}] if op in ("==", "<=", ">=") else []
    if a > b:
        a, b, op = b, a, TURNED[op]
    case = {f"{a} - ({b})": ANY.narrowed(op, 0)}
    return _known(left, "", ANY, _known(right, "", ANY, [case]))


def _possible(node: Node, bounds: Bounds) -> Range:
    return bounds(node) if isinstance(node, Name) else ANY


def _known(
    node: Node, thing: str, left: Range, so_far: list[Case] | None = None
) -> list[Case]:
    """Say what is left of a thing; its facts must be known for that."""
    if left.empty:
        return []
    known = {f"known({name})": TRUTH.among((True,)) for name in reads(node)}
    case = {**known, **({thing: left} if thing else {})}
    return _both([so_far if so_far is not None else [{}], [case]])


def _either(each: Iterable[list[Case]]) -> list[Case]:
    found = [case for part in each for case in part]
    if len(found) > MAX_CASES:
        raise _TooMany
    return found


def _both(each: Iterable[list[Case]]) -> list[Case]:
    found: list[Case] = [{}]
    for part in each:
        met = (_met(one, other) for one in found for other in part)
        found = [case for case in met if case is not None]
        if len(found) > MAX_CASES:
            raise _TooMany
    return found


def _met(one: Case, other: Case) -> Case | None:
    """Return the case in which both hold, None where there is none."""
    joint = dict(one)
    for thing, left in other.items():
        before = joint.get(thing)
        joint[thing] = left if before is None else before.met(left)
        if joint[thing].empty:
            return None
    return joint


def _apart(one: tuple[Case, ...] | None, other: tuple[Case, ...] | None) -> bool:
    if one is None or other is None:
        return False
    return all(_clash(a, b) for a in one for b in other)


def _clash(one: Case, other: Case) -> bool:
    """Tell whether no value is left of something both cases speak of."""
    return any(left.apart(one[thing]) for thing, left in other.items() if thing in one)
