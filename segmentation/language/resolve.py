"""Fills in what a rule leaves open: ranks of ordered choices, windows of calls."""

from collections.abc import Mapping
from dataclasses import replace

from segmentation.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Step,
)
from segmentation.schema import Schema
from segmentation.window import Window

ORDERINGS = ("<", "<=", ">", ">=")


def resolved(node: Node, schema: Schema, windows: Mapping[Call, Window]) -> Node:
    """Return a checked tree with ranks filled in and window calls as facts."""
    return _Resolving(schema, windows).of(node)


class _Resolving:
    def __init__(self, schema: Schema, windows: Mapping[Call, Window]) -> None:
        self._schema = schema
        self._windows = windows

    def of(self, node: Node) -> Node:
        match node:
            case And(parts=parts):
                return And(tuple(self.of(part) for part in parts), node.at)
            case Or(parts=parts):
                return Or(tuple(self.of(part) for part in parts), node.at)
            case Not(operand=operand):
                return Not(self.of(operand), node.at)
            case Comparison():
                return self._comparison(node)
            case Call() if self._windows:
                return self._call(node)
            case Negative(operand=operand) if self._windows:
                return Negative(self.of(operand), node.at)
            case Arithmetic(left=left, right=right) if self._windows:
                return Arithmetic(node.op, self.of(left), self.of(right), node.at)
            case _:
                return node

    def _call(self, node: Call) -> Node:
        window = self._windows.get(node)
        if window is not None:
            return Name(window.key, node.at, window)
        return replace(node, args=tuple(self.of(arg) for arg in node.args))

    def _comparison(self, node: Comparison) -> Node:
        left = self.of(node.left)
        before, steps = left, []
        for step in node.steps:
            right = self.of(step.right)
            steps.append(Step(step.op, right, self._ranks(before, step.op, right)))
            before = right
        return Comparison(left, tuple(steps), node.at)

    def _ranks(self, left: Node, op: str, right: Node) -> tuple[str, ...]:
        if op not in ORDERINGS:
            return ()
        for side in (left, right):
            spec = self._schema.get(side.id) if isinstance(side, Name) else None
            if spec is not None and spec.ordered:
                return spec.values
        return ()
