"""Checks a rule against the schema: types, units, words, what it may read."""

from dataclasses import dataclass, replace

from segmentation.language.errors import Fault, rule_error
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
    Step,
    reads,
)
from segmentation.language.parse import parse
from segmentation.language.units import Unit, common, product, spelled, unit_of
from segmentation.schema import FactSpec, FactType, Schema, nearest

FUNCTIONS = ("min", "max", "abs", "startswith", "known", "count")

_ORDERINGS = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: its type, unit, and the words a choice may take."""

    type: FactType | None
    unit: Unit = None
    values: tuple[str, ...] = ()
    ordered: bool = False
    of: str = ""

    def __str__(self) -> str:
        names = {
            FactType.BOOLEAN: "a condition",
            FactType.NUMBER: "a number",
            FactType.TEXT: "a text",
            FactType.CHOICE: "a choice",
            FactType.WORDS: "a list of texts",
        }
        return names[self.type] if self.type else "something wrong"


# What a mistake has already been reported about; it agrees with everything.
_WRONG = Kind(None)
_TRUTH = Kind(FactType.BOOLEAN)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that passed every check, ready to be compiled and explained."""

    text: str
    tree: Node
    reads: tuple[str, ...]


def check(text: str, schema: Schema) -> Rule:
    """Parse and check a rule.

    Raises
    ------
    RuleError
        Naming the first mistake; the others are in its ``also``.
    """
    checker = _Checker(schema)
    tree = checker.rule(parse(text))
    if checker.faults:
        raise rule_error(text, checker.faults)
    return Rule(text, tree, reads(tree))


class _Checker:
    """Walks a tree once, collecting mistakes; fills in ranks of choices."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.faults: list[Fault] = []

    def rule(self, node: Node) -> Node:
        kind = self._condition(node, "a rule")
        return _ranked(node, self._schema) if kind is not _WRONG else node

    def _wrong(self, message: str, node: Node, hint: str = "") -> Kind:
        self.faults.append(Fault(message, node.at, hint))
        return _WRONG

    def _condition(self, node: Node, where: str) -> Kind:
        kind = self._kind(node)
        if kind.type in (None, FactType.BOOLEAN):
            return kind
        hint = "compare it with something"
        if isinstance(node, Name) and kind.type is FactType.NUMBER:
            hint = f"write '{node.id} > 0'"
        return self._wrong(f"{where} needs a condition, this is {kind}", node, hint)

    def _kind(self, node: Node) -> Kind:
        match node:
            case And(parts=parts) | Or(parts=parts):
                joint = "'and'" if isinstance(node, And) else "'or'"
                for part in parts:
                    self._condition(part, joint)
                return _TRUTH
            case Not(operand=operand):
                self._condition(operand, "'not'")
                return _TRUTH
            case Comparison():
                return self._comparison(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Negative(operand=operand):
                return self._number(operand, "'-'")
            case Call():
                return self._call(node)
            case Name():
                return self._name(node)
            case Literal():
                return _kind_of(node)
            case Choices():
                return self._wrong("a list can only stand after 'in'", node)

    def _name(self, node: Name) -> Kind:
        spec = self._schema.get(node.id)
        if spec is None:
            return self._unknown_name(node)
        if not spec.readable:
            said = f"fact {node.id!r} is personal and has no purpose granted"
            return self._wrong(said, node, "rules may not read it")
        return _kind_of_fact(spec)

    def _unknown_name(self, node: Name) -> Kind:
        if node.id in FUNCTIONS:
            said = f"{node.id!r} is a function"
            return self._wrong(said, node, f"write '{node.id}(...)'")
        near = self._schema.nearest(node.id)
        hint = f"did you mean {near!r}?" if near else "see docs/segments.md"
        return self._wrong(f"unknown fact {node.id!r}", node, hint)

    def _number(self, node: Node, where: str) -> Kind:
        kind = self._kind(node)
        if kind.type in (None, FactType.NUMBER):
            return kind
        return self._wrong(f"{where} needs a number, this is {kind}", node)

    def _arithmetic(self, node: Arithmetic) -> Kind:
        left = self._number(node.left, f"'{node.op}'")
        right = self._number(node.right, f"'{node.op}'")
        if _WRONG in (left, right):
            return _WRONG
        if node.op == "/" and isinstance(node.right, Literal) and not node.right.value:
            return self._wrong("division by zero", node.right)
        if node.op in "*/":
            sign = 1 if node.op == "*" else -1
            return Kind(FactType.NUMBER, product(left.unit, right.unit, sign))
        return self._same_unit(node, left, right, f"'{node.op}'")

    def _same_unit(self, node: Node, left: Kind, right: Kind, where: str) -> Kind:
        agree, unit = common(left.unit, right.unit)
        if agree:
            return Kind(FactType.NUMBER, unit)
        units = f"{spelled(left.unit)} and {spelled(right.unit)}"
        return self._wrong(f"{where} mixes units: {units}", node)

    def _call(self, node: Call) -> Kind:
        match node.function:
            case "known":
                return self._known(node)
            case "min" | "max":
                return self._extreme(node)
            case "abs" if len(node.args) == 1:
                return self._number(node.args[0], "'abs'")
            case "count" if len(node.args) == 1:
                return self._count(node)
            case "startswith" if len(node.args) == 2:
                return self._startswith(node)
            case "abs" | "count":
                return self._wrong(f"{node.function!r} takes one argument", node)
            case "startswith":
                said = "'startswith' takes a fact and a text"
                return self._wrong(said, node)
        near = nearest(node.function, FUNCTIONS)
        hint = f"did you mean {near!r}?" if near else f"there are {_listed(FUNCTIONS)}"
        return self._wrong(f"unknown function {node.function!r}", node, hint)

    def _known(self, node: Call) -> Kind:
        if len(node.args) != 1 or not isinstance(node.args[0], Name):
            return self._wrong("'known' takes the name of one fact", node)
        return _TRUTH if self._name(node.args[0]) is not _WRONG else _WRONG

    def _extreme(self, node: Call) -> Kind:
        if len(node.args) < 2:
            return self._wrong(f"{node.function!r} takes two or more numbers", node)
        kinds = [self._number(arg, f"'{node.function}'") for arg in node.args]
        if _WRONG in kinds:
            return _WRONG
        whole = kinds[0]
        for kind in kinds[1:]:
            whole = self._same_unit(node, whole, kind, f"'{node.function}'")
            if whole is _WRONG:
                break
        return whole

    def _count(self, node: Call) -> Kind:
        kind = self._kind(node.args[0])
        if kind.type is FactType.WORDS:
            return Kind(FactType.NUMBER, ())
        if kind is _WRONG:
            return _WRONG
        return self._wrong(f"'count' needs a list, this is {kind}", node.args[0])

    def _startswith(self, node: Call) -> Kind:
        fact, prefix = node.args
        kind = self._kind(fact)
        if kind is _WRONG:
            return _WRONG
        if not isinstance(fact, Name) or kind.type is not FactType.TEXT:
            return self._wrong("'startswith' needs a text fact first", fact)
        if not isinstance(prefix, Literal) or not isinstance(prefix.value, str):
            return self._wrong("'startswith' needs a written text second", prefix)
        return _TRUTH

    def _comparison(self, node: Comparison) -> Kind:
        tests = [step for step in node.steps if "in" in step.op]
        if tests and len(node.steps) > 1:
            return self._wrong("'in' cannot be part of a chain", node, "use 'and'")
        left = node.left
        for step in node.steps:
            if "in" in step.op:
                self._membership(left, step.right)
            else:
                self._pair(left, step.op, step.right)
            left = step.right
        if not reads(node):
            self._wrong("the comparison reads no fact", node)
        return _TRUTH

    def _value(self, node: Node) -> Kind:
        asks = isinstance(node, Call) and node.function in ("known", "startswith")
        if asks or isinstance(node, And | Or | Not | Comparison):
            hint = "join conditions with 'and' and 'or'"
            return self._wrong("a condition cannot be compared", node, hint)
        return self._kind(node)

    def _membership(self, left: Node, right: Node) -> None:
        kind = self._value(left)
        if isinstance(right, Choices):
            for item in right.items:
                self._comparable(kind, "==", _kind_of(item), item, item)
            return
        listed = self._kind(right)
        if _WRONG in (kind, listed):
            return
        if listed.type is not FactType.WORDS:
            self._wrong(f"'in' needs a list, this is {listed}", right)
        elif kind.type not in (FactType.TEXT, FactType.CHOICE):
            self._wrong(f"a list of texts never holds {kind}", left)
        elif isinstance(left, Literal):
            self._one_of(listed, left)

    def _pair(self, left: Node, op: str, right: Node) -> None:
        a, b = self._value(left), self._value(right)
        self._comparable(a, op, b, left, right)
        if isinstance(left, Literal):
            self._one_of(b, left)

    def _comparable(self, a: Kind, op: str, b: Kind, left: Node, right: Node) -> None:
        if _WRONG in (a, b):
            return
        types = {a.type, b.type}
        if types == {FactType.NUMBER}:
            self._same_unit(right, a, b, f"'{op}'")
        elif types <= {FactType.TEXT, FactType.CHOICE}:
            self._texts(a, op, b, left, right)
        elif types == {FactType.BOOLEAN} and op in ("==", "!="):
            return
        else:
            self._wrong(f"cannot compare {a} {op} {b}", right)

    def _texts(self, a: Kind, op: str, b: Kind, left: Node, right: Node) -> None:
        choice = a if a.values else b
        if op in _ORDERINGS:
            literals = isinstance(left, Literal) + isinstance(right, Literal)
            if not choice.ordered:
                self._wrong(f"{choice} has no order for '{op}'", right)
                return
            if literals != 1:
                self._wrong(f"'{op}' needs a choice and one of its words", right)
                return
        if a.values and b.values and not set(a.values) & set(b.values):
            self._wrong(f"{a.of!r} and {b.of!r} share no word", right)
        if isinstance(right, Literal):
            self._one_of(a, right)

    def _one_of(self, kind: Kind, literal: Literal) -> None:
        if not kind.values or not isinstance(literal.value, str):
            return
        if literal.value in kind.values:
            return
        near = nearest(literal.value, kind.values)
        hint = f"did you mean {near!r}?" if near else f"it is {_listed(kind.values)}"
        self._wrong(f"{literal.value!r} is never a value of {kind.of}", literal, hint)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}"


def _kind_of(literal: Literal) -> Kind:
    if isinstance(literal.value, bool):
        return _TRUTH
    return Kind(FactType.TEXT if isinstance(literal.value, str) else FactType.NUMBER)


def _kind_of_fact(spec: FactSpec) -> Kind:
    unit = unit_of(spec.unit) if spec.type is FactType.NUMBER else None
    return Kind(spec.type, unit, spec.values, spec.ordered, spec.name)


def _ranked(node: Node, schema: Schema) -> Node:
    """Return the tree with the ranks of ordered choices filled in."""
    match node:
        case And(parts=parts):
            return replace(node, parts=tuple(_ranked(p, schema) for p in parts))
        case Or(parts=parts):
            return replace(node, parts=tuple(_ranked(p, schema) for p in parts))
        case Not(operand=operand):
            return replace(node, operand=_ranked(operand, schema))
        case Comparison(left=left, steps=steps):
            ranked = []
            for step in steps:
                ranked.append(_ranked_step(left, step, schema))
                left = step.right
            return replace(node, steps=tuple(ranked))
        case _:
            return node


def _ranked_step(left: Node, step: Step, schema: Schema) -> Step:
    if step.op not in _ORDERINGS:
        return step
    for side in (left, step.right):
        spec = schema.get(side.id) if isinstance(side, Name) else None
        if spec is not None and spec.ordered:
            return replace(step, ranks=spec.values)
    return step
