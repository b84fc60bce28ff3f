"""Says checked rules in the languages of other engines.

What another engine has no word for is made easy for it beforehand, unmeasured:
ordered choices become their ranks, numbers become floats, lists become lists,
and facts are renamed to plain words. Only facts that some rule reads are told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from domain.segment import Fact
from segmentation.language.nodes import (
    And,
    Arithmetic,
    Call,
    Choices,
    Comparison,
    Literal,
    Name,
    Negative,
    Node,
    Not,
    Or,
)
from segmentation.schema import Schema

_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Words:
    """The names and ranks under which facts are told to another engine."""

    names: Mapping[str, str]
    ranks: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, schema: Schema, reads: Iterable[str]) -> "Words":
        keys = sorted(set(reads))
        names = {
            key: key if key.isidentifier() else f"window_{n}"
            for n, key in enumerate(keys)
        }
        ranks = {
            spec.name: {word: float(rank) for rank, word in enumerate(spec.values)}
            for spec in schema
            if spec.ordered
        }
        return cls(names, ranks)

    def facts(self, known: Mapping[str, Fact]) -> dict[str, Any]:
        """Return an order's facts as another engine likes them best."""
        return {name: self._fact(key, known[key]) for key, name in self.names.items()}

    def _fact(self, key: str, value: Fact) -> Any:
        if isinstance(value, tuple):
            return list(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        return self.ranks[key][str(value)] if key in self.ranks else value

    def literal(self, other: Node, literal: Literal) -> Any:
        """Return a literal as it is compared with the other side."""
        value = literal.value
        if isinstance(other, Name) and other.id in self.ranks:
            return self.ranks[other.id][str(value)]
        return value if isinstance(value, bool | str) else float(value)


def json_logic(node: Node, words: Words) -> Any:
    """Say a rule in JSONLogic."""

    def side(part: Node, other: Node) -> Any:
        if isinstance(part, Literal):
            return words.literal(other, part)
        if isinstance(part, Choices):
            return [words.literal(other, item) for item in part.items]
        return said(part)

    def link(left: Node, op: str, right: Node) -> Any:
        pair = [side(left, right), side(right, left)]
        return {"!": [{"in": pair}]} if op == "not in" else {op: pair}

    def said(node: Node) -> Any:
        match node:
            case Name(id=key):
                return {"var": words.names[key]}
            case Literal():
                return words.literal(node, node)
            case And(parts=parts) | Or(parts=parts):
                joint = "and" if isinstance(node, And) else "or"
                return {joint: [said(part) for part in parts]}
            case Not(operand=operand):
                return {"!": [said(operand)]}
            case Negative(operand=operand):
                return {"-": [said(operand)]}
            case Arithmetic(op=op, left=left, right=right):
                return {op: [said(left), said(right)]}
            case Call(function=function, args=args):
                name = {"count": "length", "startswith": "starts_with"}
                return {name.get(function, function): [said(arg) for arg in args]}
            case Comparison():
                pairs = [link(*pair) for pair in _pairs(node)]
                return pairs[0] if len(pairs) == 1 else {"and": pairs}
            case Choices():
                raise ValueError(node)
        assert_never(node)

    return said(node)


def _pairs(node: Comparison) -> Iterable[tuple[Node, str, Node]]:
    left = node.left
    for step in node.steps:
        yield left, step.op, step.right
        left = step.right


@dataclass(frozen=True)
class Dialect:
    """How a language with infix operators spells what they do not share."""

    both: str
    either: str
    no: str
    number: Callable[[float], str]
    startswith: str
    count: str
    least: str
    greatest: str
    absolute: str

    def say(self, node: Node, words: Words) -> str:
        """Say a rule in this language, everything in brackets."""
        match node:
            case Name(id=key):
                return words.names[key]
            case Literal():
                return self._literal(words.literal(node, node))
            case And(parts=parts) | Or(parts=parts):
                joint = self.both if isinstance(node, And) else self.either
                return f"({f' {joint} '.join(self.say(p, words) for p in parts)})"
            case Not(operand=operand):
                return f"({self.no}({self.say(operand, words)}))"
            case Negative(operand=operand):
                return f"(-{self.say(operand, words)})"
            case Arithmetic(op=op, left=left, right=right):
                return f"({self.say(left, words)} {op} {self.say(right, words)})"
            case Call(function=function, args=args):
                return self._call(function, [self.say(arg, words) for arg in args])
            case Comparison():
                links = [self._link(*pair, words) for pair in _pairs(node)]
                return f"({f' {self.both} '.join(links)})"
            case Choices():
                raise ValueError(node)
        assert_never(node)

    def _link(self, left: Node, op: str, right: Node, words: Words) -> str:
        a, b = self._side(left, right, words), self._side(right, left, words)
        if op == "not in":
            return f"({self.no}({a} in {b}))"
        return f"{a} {op} {b}"

    def _side(self, part: Node, other: Node, words: Words) -> str:
        if isinstance(part, Literal):
            return self._literal(words.literal(other, part))
        if isinstance(part, Choices):
            items = (self._literal(words.literal(other, i)) for i in part.items)
            return f"[{', '.join(items)}]"
        return self.say(part, words)

    def _call(self, function: str, args: Sequence[str]) -> str:
        formats = {
            "startswith": self.startswith,
            "count": self.count,
            "min": self.least,
            "max": self.greatest,
            "abs": self.absolute,
        }
        return formats[function].format(*args)

    def _literal(self, value: bool | float | str) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        return f'"{value}"' if isinstance(value, str) else self.number(value)


def _plain(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


ZEN = Dialect(
    both="and",
    either="or",
    no="not ",
    number=_plain,
    startswith="startsWith({}, {})",
    count="len({})",
    least="min([{}, {}])",
    greatest="max([{}, {}])",
    absolute="abs({})",
)
CEL = Dialect(
    both="&&",
    either="||",
    no="!",
    number=repr,
    startswith="{}.startsWith({})",
    count="double(size({}))",
    least="math.least({}, {})",
    greatest="math.greatest({}, {})",
    absolute="math.abs({})",
)
RULE_ENGINE = Dialect(
    both="and",
    either="or",
    no="not ",
    number=_plain,
    startswith="{}.starts_with({})",
    count="{}.length",
    least="$min([{}, {}])",
    greatest="$max([{}, {}])",
    absolute="$abs({})",
)
