"""Checks a rule against the schema: types, units, words, what it may read."""

from dataclasses import dataclass
from functools import lru_cache

from domain.subject import SubjectKind
from segmentation.language.checker import Checker
from segmentation.language.errors import rule_error
from segmentation.language.nodes import Node, reads, windows
from segmentation.language.parse import parse
from segmentation.schema import Schema
from segmentation.window import Window

_REMEMBERED = 6000


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that passed every check, ready to be compiled and explained.

    ``reads`` names the facts, those of its ``windows`` by their keys;
    ``numbers`` are those of them that are numbers.
    """

    text: str
    tree: Node
    reads: tuple[str, ...]
    windows: tuple[Window, ...] = ()
    numbers: frozenset[str] = frozenset()


# A rule set is checked when it is read and again when it is compiled, and most
# rules of a new version are those of the last one.
@lru_cache(maxsize=_REMEMBERED)
def check(
    text: str,
    schema: Schema,
    on: SubjectKind = SubjectKind.ORDER,
    events: tuple[str, ...] = (),
) -> Rule:
    """Parse and check a rule.

    Parameters
    ----------
    text
        The rule as written.
    schema
        The facts there are.
    on
        What the segment is on: only facts known of that may be read.
    events
        Kinds of event that may be counted besides those Lanewise knows.

    Raises
    ------
    RuleError
        Naming the first mistake; the others are in its ``also``.
    """
    checker = Checker(schema, on, events)
    tree = checker.rule(parse(text))
    if checker.faults:
        raise rule_error(text, checker.faults)
    names = reads(tree)
    numbers = frozenset(name for name in names if checker.is_number(name))
    return Rule(text, tree, names, windows(tree), numbers)
