"""The tree of a rule: conditions over values, each knowing where it stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from segmentation.window import Window

Scalar = bool | int | float | str

# Where a node begins in the rule's text; not part of what a rule is.
At = int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, True or False as written."""

    value: Scalar
    at: At = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Choices:
    """A list of literals, to be tested with ``in``."""

    items: tuple[Literal, ...]
    at: At = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, read by name.

    A checked window call is one too: it reads the fact its ``window`` makes.
    """

    id: str
    at: At = field(default=0, compare=False)
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with its sign turned."""

    operand: "Node"
    at: At = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers joined by one of + - * /."""

    op: str
    left: "Node"
    right: "Node"
    at: At = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Named:
    """An argument given by name; ``at`` is where the name stands."""

    name: str
    value: Literal
    at: At = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One of the language's own functions applied to arguments."""

    function: str
    args: tuple["Node", ...]
    at: At = field(default=0, compare=False)
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a comparison chain.

    ``ranks`` are the words of an ordered choice from least to most, filled in
    by the checker where the words are compared by rank.
    """

    op: str
    right: "Node"
    ranks: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A chain such as ``1 < lines <= 5``; every link must hold."""

    left: "Node"
    steps: tuple[Step, ...]
    at: At = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    operand: "Node"
    at: At = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """Conditions joined by ``and``."""

    parts: tuple["Node", ...]
    at: At = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Conditions joined by ``or``."""

    parts: tuple["Node", ...]
    at: At = field(default=0, compare=False)


Node = (
    Literal
    | Choices
    | Name
    | Negative
    | Arithmetic
    | Call
    | Comparison
    | Not
    | And
    | Or
)


# By type, for walking is most of the work of checking and compiling.
_CHILDREN: dict[type, Callable[[Any], tuple[Node, ...]]] = {
    Choices: lambda node: node.items,
    Negative: lambda node: (node.operand,),
    Not: lambda node: (node.operand,),
    Arithmetic: lambda node: (node.left, node.right),
    Call: lambda node: node.args,
    Comparison: lambda node: (node.left, *[step.right for step in node.steps]),
    And: lambda node: node.parts,
    Or: lambda node: node.parts,
}


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside this one, from left to right."""
    inside = _CHILDREN.get(type(node))
    return inside(node) if inside else ()


def walk(node: Node) -> Iterator[Node]:
    """Visit the node and everything in it, from left to right."""
    ahead = [node]
    while ahead:
        visited = ahead.pop()
        yield visited
        inside = _CHILDREN.get(type(visited))
        if inside is not None:
            ahead.extend(reversed(inside(visited)))


def reads(node: Node) -> tuple[str, ...]:
    """Return the names of the facts a node reads, sorted, each once."""
    return tuple(sorted({n.id for n in walk(node) if isinstance(n, Name)}))


def windows(node: Node) -> tuple[Window, ...]:
    """Return the windows a checked node reads, sorted, each once."""
    names = (n for n in walk(node) if isinstance(n, Name))
    return tuple(sorted({n.window for n in names if n.window is not None}))
