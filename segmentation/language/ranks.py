"""Fills in, where words of an ordered choice are compared, their ranks."""

from dataclasses import replace

from segmentation.language.nodes import And, Comparison, Name, Node, Not, Or, Step
from segmentation.schema import Schema

ORDERINGS = ("<", "<=", ">", ">=")


def ranked(node: Node, schema: Schema) -> Node:
    """Return the tree with the ranks of ordered choices filled in."""
    match node:
        case And(parts=parts):
            return replace(node, parts=tuple(ranked(p, schema) for p in parts))
        case Or(parts=parts):
            return replace(node, parts=tuple(ranked(p, schema) for p in parts))
        case Not(operand=operand):
            return replace(node, operand=ranked(operand, schema))
        case Comparison(left=left, steps=steps):
            lefts = (left, *(step.right for step in steps))
            pairs = zip(lefts, steps, strict=False)
            found = tuple(_ranked_step(side, step, schema) for side, step in pairs)
            return replace(node, steps=found)
        case _:
            return node


def _ranked_step(left: Node, step: Step, schema: Schema) -> Step:
    if step.op not in ORDERINGS:
        return step
    for side in (left, step.right):
        spec = schema.get(side.id) if isinstance(side, Name) else None
        if spec is not None and spec.ordered:
            return replace(step, ranks=spec.values)
    return step
