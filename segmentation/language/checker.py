"""Walks a rule's tree once, finding every mistake of type, unit and word."""

from collections.abc import Iterable

from domain.subject import SubjectKind
from segmentation.language.counted import one_of_kind, window_of
from segmentation.language.drift import nonlinear
from segmentation.language.errors import Fault
from segmentation.language.kinds import TRUTH, WRONG, Kind, kind_of, kind_of_fact
from segmentation.language.nodes import (
    And,
    Arithmetic,
    Call,
    Choices,
    Comparison,
    Literal,
    Name,
    Named,
    Negative,
    Node,
    Not,
    Or,
    walk,
)
from segmentation.language.parse import (
    FUNCTIONS,
    PLAIN_FUNCTIONS,
    WINDOW_FUNCTIONS,
)
from segmentation.language.render import render
from segmentation.language.resolve import ORDERINGS, resolved
from segmentation.language.tally import UNITS
from segmentation.language.units import common, product, spelled, unit_of
from segmentation.schema import FactSpec, FactType, Schema, nearest
from segmentation.window import Window

MAX_HINTS = 3
_ALSO_CALLED = {"len": "count", "size": "count"}


class Checker:
    """Collects a rule's mistakes in ``faults``; fills in what the text leaves open."""

    def __init__(
        self, schema: Schema, on: SubjectKind, events: tuple[str, ...]
    ) -> None:
        self._schema = schema
        self._on = on
        self._events = events
        self._windows: dict[Call, Window] = {}
        self.faults: list[Fault] = []

    def rule(self, node: Node) -> Node:
        """Check a whole rule and return it, complete if nothing is wrong."""
        kind = self._condition(node, "a rule")
        if kind is WRONG or self.faults:
            return node
        tree = resolved(node, self._schema, self._windows)
        self.faults += nonlinear(tree, self._schema)
        return tree

    def is_number(self, name: str) -> bool:
        """Tell whether a fact that is read is a number."""
        spec = self._schema.get(name)
        return spec is None or spec.type is FactType.NUMBER

    def _wrong(self, message: str, node: Node | Named, hint: str = "") -> Kind:
        self.faults.append(Fault(message, node.at, hint))
        return WRONG

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
                return TRUTH
            case Not(operand=operand):
                self._condition(operand, "'not'")
                return TRUTH
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
                return kind_of(node)
            case Choices():
                return self._wrong("a list can only stand after 'in'", node)

    def _name(self, node: Name) -> Kind:
        spec = self._schema.get(node.id)
        if spec is None:
            return self._unknown_name(node)
        if not spec.readable:
            said = f"fact {node.id!r} is personal and has no purpose granted"
            return self._wrong(said, node, "rules may not read it")
        if self._on not in spec.subjects:
            said = f"fact {node.id!r} is not known of {one_of_kind(self._on)}"
            of = " or ".join(one_of_kind(kind) for kind in spec.subjects)
            return self._wrong(said, node, f"it is known of {of}")
        return kind_of_fact(spec)

    def _unknown_name(self, node: Name) -> Kind:
        if node.id in FUNCTIONS:
            said = f"{node.id!r} is a function"
            return self._wrong(said, node, f"write '{node.id}(...)'")
        near = self._near(node.id, self._possible())
        hint = f"did you mean {near!r}?" if near else "see docs/segments.md"
        if any(node.id in spec.values for spec in self._schema):
            hint = f'a text stands in quotes: "{node.id}"'
        return self._wrong(f"unknown fact {node.id[:60]!r}", node, hint)

    def _near(self, word: str, choices: Iterable[str]) -> str:
        """Return what was probably meant; only for the first few mistakes."""
        return nearest(word, choices) if len(self.faults) < MAX_HINTS else ""

    def _possible(self) -> list[str]:
        return [spec.name for spec in self._schema if self._may_read(spec)]

    def _may_read(self, spec: FactSpec) -> bool:
        return spec.readable and self._on in spec.subjects

    def _number(self, node: Node, where: str) -> Kind:
        kind = self._kind(node)
        if kind.type in (None, FactType.NUMBER):
            return kind
        return self._wrong(f"{where} needs a number, this is {kind}", node)

    def _arithmetic(self, node: Arithmetic) -> Kind:
        left = self._number(node.left, f"'{node.op}'")
        right = self._number(node.right, f"'{node.op}'")
        if WRONG in (left, right):
            return WRONG
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
        if node.named and node.function in PLAIN_FUNCTIONS:
            said = f"function {node.function!r} takes no named arguments"
            return self._wrong(said, node.named[0])
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
            case function if function in WINDOW_FUNCTIONS:
                return self._window(node)
            case "abs" | "count":
                return self._wrong(f"{node.function!r} takes one argument", node)
            case "startswith":
                said = "'startswith' takes a fact and a text"
                return self._wrong(said, node)
        near = _ALSO_CALLED.get(node.function) or self._near(node.function, FUNCTIONS)
        hint = f"did you mean {near!r}?" if near else f"there are {_listed(FUNCTIONS)}"
        return self._wrong(f"unknown function {node.function[:60]!r}", node, hint)

    def _window(self, node: Call) -> Kind:
        window = window_of(node, self._on, self._events)
        if isinstance(window, list):
            self.faults += window
            return WRONG
        self._windows[node] = window
        unit = unit_of(UNITS.get(node.function, ""))
        return Kind(FactType.NUMBER, unit)

    def _known(self, node: Call) -> Kind:
        asked = node.args[0] if len(node.args) == 1 else None
        if isinstance(asked, Call) and asked.function in WINDOW_FUNCTIONS:
            return TRUTH if self._window(asked) is not WRONG else WRONG
        if not isinstance(asked, Name):
            return self._wrong("'known' takes the name of one fact", node)
        return TRUTH if self._name(asked) is not WRONG else WRONG

    def _extreme(self, node: Call) -> Kind:
        if len(node.args) < 2:
            return self._wrong(f"{node.function!r} takes two or more numbers", node)
        kinds = [self._number(arg, f"'{node.function}'") for arg in node.args]
        if WRONG in kinds:
            return WRONG
        whole = kinds[0]
        for kind in kinds[1:]:
            whole = self._same_unit(node, whole, kind, f"'{node.function}'")
            if whole is WRONG:
                break
        return whole

    def _count(self, node: Call) -> Kind:
        kind = self._kind(node.args[0])
        if kind.type is FactType.WORDS:
            return Kind(FactType.NUMBER, ())
        if kind is WRONG:
            return WRONG
        return self._wrong(f"'count' needs a list, this is {kind}", node.args[0])

    def _startswith(self, node: Call) -> Kind:
        fact, prefix = node.args
        kind = self._kind(fact)
        if kind is WRONG:
            return WRONG
        if not isinstance(fact, Name) or kind.type is not FactType.TEXT:
            return self._wrong("'startswith' needs a text fact first", fact)
        if not isinstance(prefix, Literal) or not isinstance(prefix.value, str):
            return self._wrong("'startswith' needs a written text second", prefix)
        return TRUTH

    def _comparison(self, node: Comparison) -> Kind:
        tests = [step for step in node.steps if "in" in step.op]
        if tests and len(node.steps) > 1:
            return self._wrong("'in' cannot be part of a chain", node, "use 'and'")
        left = node.left
        before = len(self.faults)
        for step in node.steps:
            if "in" in step.op:
                self._membership(left, step.right)
            else:
                self._pair(left, step.op, step.right)
            left = step.right
        if len(self.faults) == before and not _reads_something(node):
            self._wrong("the comparison reads no fact", node)
        return TRUTH

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
                self._comparable(kind, "==", kind_of(item), item, item)
            return
        listed = self._kind(right)
        if WRONG in (kind, listed):
            return
        if listed.type is not FactType.WORDS:
            hint = f"write [{render(right)}]" if isinstance(right, Literal) else ""
            self._wrong(f"'in' needs a list, this is {listed}", right, hint)
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
        if WRONG in (a, b):
            return
        types = {a.type, b.type}
        if types == {FactType.NUMBER}:
            self._same_unit(right, a, b, f"'{op}'")
        elif types <= {FactType.TEXT, FactType.CHOICE}:
            self._texts(a, op, b, left, right)
        elif types == {FactType.BOOLEAN} and op in ("==", "!="):
            return
        else:
            hint = ""
            if FactType.BOOLEAN in types:
                hint = "a condition stands by itself, or after 'not'"
            elif FactType.WORDS in types:
                hint = "ask whether a word is 'in' the list"
            self._wrong(f"cannot compare {a} {op} {b}", right, hint)

    def _texts(self, a: Kind, op: str, b: Kind, left: Node, right: Node) -> None:
        choice = a if a.values else b
        if op in ORDERINGS:
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
        near = self._near(literal.value, kind.values)
        hint = f"did you mean {near!r}?" if near else f"it is {_listed(kind.values)}"
        self._wrong(f"{literal.value!r} is never a value of {kind.of}", literal, hint)


def _reads_something(node: Node) -> bool:
    return any(
        isinstance(one, Name)
        or (isinstance(one, Call) and one.function in WINDOW_FUNCTIONS)
        for one in walk(node)
    )


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}"
