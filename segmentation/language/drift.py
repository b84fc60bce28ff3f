"""Finds comparisons whose instant of change could not be solved for."""

from segmentation.language.errors import Fault
from segmentation.language.nodes import Arithmetic, Name, Node, walk
from segmentation.schema import Schema


def nonlinear(node: Node, schema: Schema) -> list[Fault]:
    """Return a fault for each product or quotient of two facts that run with the clock.

    With one such fact, the instant at which a comparison turns is known to the
    second.
    """
    faults = []
    for part in walk(node):
        if not isinstance(part, Arithmetic) or part.op not in "*/":
            continue
        if _drifts(part.left, schema) and _drifts(part.right, schema):
            what = "product" if part.op == "*" else "quotient"
            said = f"a {what} of two times that both run with the clock"
            faults.append(Fault(said, part.at, "compare each with a number"))
    return faults


def _drifts(node: Node, schema: Schema) -> bool:
    return any(_runs(part, schema) for part in walk(node) if isinstance(part, Name))


def _runs(name: Name, schema: Schema) -> bool:
    if name.window is not None:
        return name.window.function == "days_since"
    spec = schema.get(name.id)
    return spec is not None and bool(spec.runs)
