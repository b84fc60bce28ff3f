"""Rules as a person would write them in Python, from the text and nothing else.

Independent of the rule language's own parser: Python's ``ast`` reads the text,
and what Python says differently is put into its words. Two shapes: one straight
function for all rules, the fastest Python we know of, and one lambda per rule.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.segmenting.corpus import WINDOWS
from domain.segment import Fact
from segmentation.fact_table import SCHEMA

Facts = Mapping[str, Fact]
_KEYS = {text: window.key for text, window in WINDOWS.items()}
_PASSING: dict[type[ast.cmpop], Callable[[tuple[str, ...], int], tuple[str, ...]]] = {
    ast.Lt: lambda words, rank: words[:rank],
    ast.LtE: lambda words, rank: words[: rank + 1],
    ast.Gt: lambda words, rank: words[rank + 1 :],
    ast.GtE: lambda words, rank: words[rank:],
}


class _Person(ast.NodeTransformer):
    """Says in plain Python what the rule language says shorter."""

    def __init__(self, spell: Callable[[str], ast.expr]) -> None:
        self._spell = spell

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._spell(node.id)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        key = _KEYS.get(ast.unparse(node).replace("'", '"'))
        if key is not None:
            return self._spell(key)
        args = [self.visit(arg) for arg in node.args]
        if node.func.id == "startswith":
            method = ast.Attribute(args[0], "startswith", ast.Load())
            return ast.Call(method, args[1:], [])
        name = {"count": "len"}.get(node.func.id, node.func.id)
        return ast.Call(ast.Name(name, ast.Load()), args, [])

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Turn ranks into the set of words that pass, and lists into sets."""
        op, right = node.ops[0], node.comparators[0]
        words = _ranks(node.left)
        if words and type(op) in _PASSING:
            assert isinstance(right, ast.Constant)
            passing = _PASSING[type(op)](words, words.index(right.value))
            listed: list[ast.expr] = [ast.Constant(word) for word in passing]
            return ast.Compare(self.visit(node.left), [ast.In()], [_set(listed)])
        if isinstance(right, ast.List):
            return ast.Compare(self.visit(node.left), [op], [_set(right.elts)])
        return self.generic_visit(node)  # type: ignore[return-value]


def _ranks(node: ast.expr) -> tuple[str, ...]:
    spec = SCHEMA.get(node.id) if isinstance(node, ast.Name) else None
    return spec.values if spec is not None and spec.ordered else ()


def _set(items: list[ast.expr]) -> ast.expr:
    # Python keeps a set that is only looked into as a constant.
    return ast.Set(items) if len(items) > 1 else ast.Tuple(items, ast.Load())


def _said(rule: str, spell: Callable[[str], ast.expr]) -> str:
    tree = ast.parse(rule, mode="eval").body
    return ast.unparse(ast.fix_missing_locations(_Person(spell).visit(tree)))


def fused(rules: Sequence[str]) -> Callable[[Facts], int]:
    """Return one function: every fact read once, then one line per rule."""
    names: dict[str, str] = {}

    def spell(key: str) -> ast.expr:
        name = names.setdefault(key, key if key.isidentifier() else f"w{len(names)}")
        return ast.Name(name, ast.Load())

    lines = [f"if {_said(r, spell)}: m |= {1 << n}" for n, r in enumerate(rules)]
    unpacked = [f"{name} = F[{key!r}]" for key, name in names.items()]
    body = "\n    ".join([*unpacked, "m = 0", *lines, "return m"])
    space: dict[str, Any] = {}
    exec(f"def decide(F):\n    {body}", space)
    decide: Callable[[Facts], int] = space["decide"]
    return decide


def lambdas(rules: Sequence[str]) -> list[Callable[[Facts], bool]]:
    """Return one function per rule, reading the facts it needs."""

    def spell(key: str) -> ast.expr:
        return ast.Subscript(ast.Name("F", ast.Load()), ast.Constant(key), ast.Load())

    return [eval(f"lambda F: {_said(rule, spell)}") for rule in rules]
