"""Says in sentences which comparisons decided a rule, with the values of both sides."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.segment import Fact
from segmentation.language.evaluate import holds, links, value
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
    walk,
)
from segmentation.language.render import render
from segmentation.language.tally import UNITS, counted, title
from segmentation.schema import FactSpec, FactType, Schema

BEYOND_SAYING = 1e15

_SAID = {
    ("<", True): "less than",
    ("<", False): "not less than",
    ("<=", True): "at most",
    ("<=", False): "not at most",
    (">", True): "more than",
    (">", False): "not more than",
    (">=", True): "at least",
    (">=", False): "not at least",
    ("==", True): "equal to",
    ("==", False): "not equal to",
    ("!=", True): "other than",
    ("!=", False): "not other than",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A node of a rule with what it came to, and its parts."""

    text: str
    value: bool | None
    parts: tuple["Verdict", ...] = ()


def verdict(node: Node, facts: Mapping[str, Fact]) -> Verdict:
    """Return the whole tree of a condition with every part's verdict."""
    parts: tuple[Node, ...] = ()
    if isinstance(node, And | Or):
        parts = node.parts
    elif isinstance(node, Not):
        parts = (node.operand,)
    inner = tuple(verdict(part, facts) for part in parts)
    return Verdict(render(node), holds(node, facts), inner)


def why(node: Node, facts: Mapping[str, Fact], schema: Schema) -> tuple[str, ...]:
    """Return sentences naming what made a condition true, false or unknown.

    Of conditions joined by ``and``, all are named when it is true, only the
    failing ones when it is false; with ``or`` the other way round. An unknown
    condition names the facts that are missing.
    """
    outcome = holds(node, facts)
    if outcome is None:
        return _missing(node, facts, schema)
    sentences = _reasons(node, outcome, facts, schema)
    return tuple(dict.fromkeys(sentences))


def _reasons(
    node: Node, outcome: bool, facts: Mapping[str, Fact], schema: Schema
) -> list[str]:
    match node:
        case Not(operand=operand):
            return _reasons(operand, not outcome, facts, schema)
        case And(parts=parts) | Or(parts=parts):
            deciding = [part for part in parts if holds(part, facts) is outcome]
            return [
                sentence
                for part in deciding
                for sentence in _reasons(part, outcome, facts, schema)
            ]
        case Comparison():
            return [
                _link(left, step, outcome, facts, schema)
                for left, step, _, pair in links(node, facts)
                if pair is outcome
            ]
        case _:
            return [_plain(node, outcome, facts, schema)]


def _missing(node: Node, facts: Mapping[str, Fact], schema: Schema) -> tuple[str, ...]:
    undecided = sorted(_undecided(node, facts), key=lambda name: name.id)
    absent = [name for name in undecided if facts.get(name.id) is None]
    if not absent:
        return (f"{render(node)} has no value",)
    return tuple(f"{_title(schema, name)} is not known" for name in absent)


def _undecided(node: Node, facts: Mapping[str, Fact]) -> set[Name]:
    """Return the facts read by the parts that are unknown."""
    if isinstance(node, And | Or | Not):
        parts = node.parts if isinstance(node, And | Or) else (node.operand,)
        open_parts = [part for part in parts if holds(part, facts) is None]
        return {name for part in open_parts for name in _undecided(part, facts)}
    return {part for part in walk(node) if isinstance(part, Name)}


def _plain(node: Node, outcome: bool, facts: Mapping[str, Fact], schema: Schema) -> str:
    no = "" if outcome else "not "
    match node:
        case Name():
            return f"{_title(schema, node)} is {str(outcome).lower()}"
        case Literal():
            return f"the rule says {render(node)}"
        case Call(function="known", args=(Name() as name,)):
            return f"{_title(schema, name)} is {no}known"
        case Call(args=(Name() as name, prefix)):
            said = shown(facts.get(name.id), schema.get(name.id))
            does = "begins" if outcome else "does not begin"
            return f"{_title(schema, name)} is {said} and {does} with {render(prefix)}"
        case _:
            return f"{render(node)} is {str(outcome).lower()}"


def _link(
    left: Node,
    step: Step,
    outcome: bool,
    facts: Mapping[str, Fact],
    schema: Schema,
) -> str:
    unit = _unit(left, schema) or _unit(step.right, schema)
    if step.op in ("in", "not in"):
        return _in(left, step, outcome, facts, schema)
    if isinstance(left, Literal) and not isinstance(step.right, Literal):
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        step, left = Step(turned.get(step.op, step.op), left), step.right
    said = _SAID[step.op, outcome]
    if said == "equal to":
        said = ""
    right = _side(step.right, facts, schema, unit)
    if not said and isinstance(step.right, Literal):
        return f"{_side(left, facts, schema, unit)}"
    joint = f", {said} " if said else ", like "
    counts = isinstance(left, Name) and left.window and isinstance(step.right, Literal)
    needed = " needed" if counts and outcome else ""
    return f"{_side(left, facts, schema, unit)}{joint}{right}{needed}"


def _side(node: Node, facts: Mapping[str, Fact], schema: Schema, unit: str) -> str:
    if isinstance(node, Literal):
        return _shown(node.value, unit)
    if not isinstance(node, Name):
        return f"{render(node)} is {_shown(value(node, facts), '')}"
    said = _shown(facts.get(node.id), _unit(node, schema))
    if node.window is not None:
        return counted(node.window, said)
    return f"{_title(schema, node)} is {said}"


def _in(
    left: Node, step: Step, outcome: bool, facts: Mapping[str, Fact], schema: Schema
) -> str:
    inside = outcome is (step.op == "in")
    if isinstance(step.right, Choices):
        words = ", ".join(
            _shown(item.value, _unit(left, schema)) for item in step.right.items
        )
        said = _side(left, facts, schema, "")
        return f"{said}, {'one of' if inside else 'none of'} {words}"
    listed = _side(step.right, facts, schema, "")
    what = _shown(value(left, facts), "")
    return f"{listed}, {'with' if inside else 'without'} {what}"


def _unit(node: Node, schema: Schema) -> str:
    if not isinstance(node, Name):
        return ""
    if node.window is not None:
        return UNITS.get(node.window.function, "")
    return _unit_of(schema.get(node.id))


def _unit_of(spec: FactSpec | None) -> str:
    return spec.unit if spec and spec.type is FactType.NUMBER else ""


def _title(schema: Schema, name: Name) -> str:
    if name.window is not None:
        return title(name.window)
    spec = schema.get(name.id)
    return spec.title if spec else name.id


def shown(fact: Fact, spec: FactSpec | None) -> str:
    """Write a value as a person would: money in dollars, numbers with their unit."""
    return _shown(fact, _unit_of(spec))


def _shown(fact: Fact, unit: str) -> str:
    if isinstance(fact, bool):
        return str(fact).lower()
    if isinstance(fact, tuple):
        return ", ".join(fact) if fact else "nothing"
    if isinstance(fact, int | float):
        return _number(fact, unit)
    return "unknown" if fact is None else fact


def _number(number: int | float, unit: str) -> str:
    if not abs(number) < BEYOND_SAYING:
        return "beyond all measure"
    if unit == "cents":
        return f"${number / 100:,.2f}"
    rounded = round(number, 2)
    text = f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:,}"
    return f"{text} {unit}" if unit else text
