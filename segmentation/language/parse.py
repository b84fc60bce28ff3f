"""Reads the text of a rule into a tree, by Python's own expression grammar."""

import ast
import re

from segmentation.language.errors import Fault, rule_error
from segmentation.language.lex import MAX_DEPTH, MAX_LIST, MAX_NODES, lex
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
    Step,
)

MAX_NUMBER = 10**15

# The functions that count events; only they take arguments by name.
WINDOW_FUNCTIONS = ("events", "sum_units", "sum_cents", "days_since")
PLAIN_FUNCTIONS = ("min", "max", "abs", "startswith", "known", "count")
FUNCTIONS = (*PLAIN_FUNCTIONS, *WINDOW_FUNCTIONS)

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}

# What people who know other languages write, and what it is called here.
_TYPED = {"=>": ">=", "=<": "<=", "<>": "!=", "===": "=="}
_ELSEWHERE = {
    "like": 'startswith(fact, "…")',
    "between": "1 <= fact <= 3",
    "contains": '"…" in list',
}
_WORD = re.compile(r"[A-Za-z_]+")


class _Refused(Exception):
    def __init__(self, message: str, at: int, hint: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(message, at, hint)


def parse(text: str) -> Node:
    """Read a rule; what it means is the checker's business.

    Line breaks count as spaces. Python's grammar decides what binds tighter.

    Raises
    ------
    RuleError
        When the text is not a sentence of the language, or goes beyond its
        limits of length, depth, nodes, list items or literals.
    """
    faults = lex(text)
    if faults:
        raise rule_error(text, faults)
    flat = text.replace("\r", " ").replace("\n", " ").replace("\t", " ")
    lead = len(flat) - len(flat.lstrip())
    try:
        # Python warns of `1 in 2` and its like only when it compiles them.
        tree = ast.parse(flat.strip(), mode="eval").body
        return _Reader(flat, lead).rule(tree)
    except _Refused as refused:
        raise rule_error(text, [refused.fault]) from None
    except SyntaxError as error:
        raise rule_error(text, [_syntax(flat, lead, error)]) from None
    except (RecursionError, MemoryError, ValueError):
        said = f"nested deeper than {MAX_DEPTH} levels"
        raise rule_error(text, [Fault(said, lead)]) from None


def _syntax(flat: str, lead: int, error: SyntaxError) -> Fault:
    end = len(flat.rstrip())
    # Python says 0 when the text ended too early.
    at = min(lead + error.offset - 1, end) if error.offset else end
    before = flat[:at].rstrip()
    lone = flat[at : at + 2].strip() == "=" or before[-1:] == "="
    hint = "write '==' to compare" if lone and before[-2:] != "==" else ""
    if "never closed" in error.msg:
        return Fault("this bracket is never closed", at)
    if "follows keyword argument" in error.msg:
        return Fault("what to count stands before the named arguments", at)
    hint = _instead(flat, at) or hint
    if at >= end:
        return Fault("the rule ends too early", at, hint)
    return Fault("this cannot stand here", at, hint)


def _instead(flat: str, at: int) -> str:
    """Return how to write here what another language writes at this place."""
    for typed, right in _TYPED.items():
        if typed in flat[max(0, at - len(typed) + 1) : at + len(typed)]:
            return f"write '{right}'"
    word = _WORD.match(flat, at)
    right = _ELSEWHERE.get(word[0].lower(), "") if word else ""
    return f"write {right}" if right else ""


class _Reader:
    """Turns Python's tree into ours, refusing all that is not on the list."""

    def __init__(self, flat: str, lead: int) -> None:
        self._bytes = flat.strip().encode()
        self._lead = lead
        self._ascii = flat.isascii()
        self._nodes = 0

    def _at(self, node: ast.expr | ast.keyword) -> int:
        offset = node.col_offset
        if not self._ascii:
            offset = len(self._bytes[:offset].decode())
        return self._lead + offset

    def rule(self, node: ast.expr) -> Node:
        """Read a whole rule, which is one condition."""
        if isinstance(node, ast.Tuple) and self._bytes[node.col_offset] != ord("("):
            first = node.elts[0].end_col_offset or 0
            at = self._lead + len(self._bytes[:first].decode())
            hint = "join conditions with 'and' or 'or'; a thousand is 1000 or 1_000"
            raise _Refused("a comma stands outside of brackets", at, hint)
        return self.read(node, 1)

    def read(self, node: ast.expr, depth: int) -> Node:
        at = self._at(node)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _Refused(f"more than {MAX_NODES} parts", at, "split the segment")
        if depth > MAX_DEPTH:
            raise _Refused(f"nested deeper than {MAX_DEPTH} levels", at)
        match node:
            case ast.Constant():
                return _literal(node.value, at)
            case ast.Name():
                return Name(node.id, at)
            case ast.BoolOp():
                return self._joined(node, depth, at)
            case ast.UnaryOp():
                return self._unary(node, depth, at)
            case ast.BinOp():
                return self._arithmetic(node, depth, at)
            case ast.Compare():
                return self._comparison(node, depth, at)
            case ast.Call():
                return self._call(node, depth, at)
            case ast.List() | ast.Tuple():
                return self._choices(node, at)
        said = f"{_plain(node)} is not part of the rule language"
        raise _Refused(said, at)

    def _joined(self, node: ast.BoolOp, depth: int, at: int) -> Node:
        kind = And if isinstance(node.op, ast.And) else Or
        parts: list[Node] = []
        for value in node.values:
            part = self.read(value, depth + 1)
            # Brackets around the same joint change nothing.
            parts.extend(part.parts if isinstance(part, kind) else [part])
        return kind(tuple(parts), at)

    def _unary(self, node: ast.UnaryOp, depth: int, at: int) -> Node:
        operand = self.read(node.operand, depth + 1)
        if isinstance(node.op, ast.Not):
            return Not(operand, at)
        if not isinstance(node.op, ast.USub):
            raise _Refused("a sign '+' or '~' has no use here", at)
        if isinstance(operand, Literal) and _is_number(operand):
            return Literal(-operand.value, at)  # type: ignore[operator]
        return Negative(operand, at)

    def _arithmetic(self, node: ast.BinOp, depth: int, at: int) -> Node:
        op = _ARITHMETIC.get(type(node.op))
        if op is None:
            raise _Refused("only + - * / are there to calculate with", at)
        left = self.read(node.left, depth + 1)
        return Arithmetic(op, left, self.read(node.right, depth + 1), at)

    def _comparison(self, node: ast.Compare, depth: int, at: int) -> Node:
        left = self.read(node.left, depth + 1)
        steps = []
        for operator, right in zip(node.ops, node.comparators, strict=True):
            op = _COMPARISONS.get(type(operator))
            if op is None:
                raise _Refused("'is' is not a comparison here", at, "write '=='")
            steps.append(Step(op, self.read(right, depth + 1)))
        return Comparison(left, tuple(steps), at)

    def _call(self, node: ast.Call, depth: int, at: int) -> Node:
        if not isinstance(node.func, ast.Name):
            raise _Refused("only the language's own functions can be called", at)
        function = node.func.id
        args = tuple(self.read(arg, depth + 1) for arg in node.args)
        named = tuple(self._named(keyword) for keyword in node.keywords)
        seen: set[str] = set()
        for one in named:
            if one.name in seen:
                raise _Refused(f"argument {one.name!r} is given twice", one.at)
            seen.add(one.name)
        return Call(function, args, at, named)

    def _named(self, keyword: ast.keyword) -> Named:
        self._nodes += 1
        value = keyword.value
        at = self._at(value)
        if keyword.arg is None or not isinstance(value, ast.Constant):
            raise _Refused("a named argument is a text as written", at)
        return Named(keyword.arg, _literal(value.value, at), self._at(keyword))

    def _choices(self, node: ast.List | ast.Tuple, at: int) -> Node:
        if len(node.elts) > MAX_LIST:
            raise _Refused(f"a list has at most {MAX_LIST} items", at)
        if not node.elts:
            raise _Refused("the list is empty", at, "nothing is ever in it")
        return Choices(tuple(self._item(item) for item in node.elts), at)

    def _item(self, node: ast.expr) -> Literal:
        at = self._at(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._item(node.operand)
            if _is_number(inner):
                return Literal(-inner.value, at)  # type: ignore[operator]
        if not isinstance(node, ast.Constant):
            raise _Refused("a list holds only numbers and texts as written", at)
        return _literal(node.value, at)


def _is_number(literal: Literal) -> bool:
    return not isinstance(literal.value, bool | str)


def _literal(value: object, at: int) -> Literal:
    if isinstance(value, bool | str):
        return Literal(value, at)
    if isinstance(value, int | float):
        if abs(value) > MAX_NUMBER:
            raise _Refused(f"a number is at most {MAX_NUMBER:,}", at)
        return Literal(value, at)
    raise _Refused(f"{value!r} is not a number, a text, True or False", at)


def _plain(node: ast.expr) -> str:
    words = {"Subscript": "[...] after a name", "NamedExpr": "':='", "Starred": "'*'"}
    kind = type(node).__name__
    return words.get(kind, f"a Python {kind.lower()}")
