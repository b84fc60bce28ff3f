"""Turns checked rules into Python functions that answer for all of them at once.

One function says which rules surely hold, whatever is known; it is written for
all rules of a version together and answers with a bit mask. Small ones, written
when first needed, say of the rules that read a fact which surely hold and which
surely do not: they tell the unknown from the false where that fact is missing,
and they renew the masks when it changes. What is compiled comes from our own
tree, never from the rule's text.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, cast

from domain.segment import Fact
from segmentation.language.arrange import arranged
from segmentation.language.check import Rule
from segmentation.language.evaluate import holds
from segmentation.language.nodes import Comparison, reads, walk
from segmentation.language.write import (
    NAMESPACE,
    Writer,
    failures,
    guarded,
    may_fail,
)

Facts = Mapping[str, Fact]
_Whole = Callable[[Sequence[Any]], tuple[int, int]]
_Falsity = Callable[[Sequence[Any]], int]
_Part = Callable[[Facts], tuple[int, int]]

# Rules per word of a mask while it is gathered: integers up to there are cheap.
_WORD = 30

# Looking up by hash is quicker than comparing each value with None.
_NONE = frozenset((None,))


class Fused:
    """Rules compiled together; bit n of a mask belongs to rule n.

    ``depends`` says which rules read a fact, so that a change of that fact
    touches only those.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.depends = _dependents(self.rules)
        self._numbers = frozenset(name for rule in rules for name in rule.numbers)
        loose, others = self._names_by_guard()
        self._names = (*loose, *others)
        self._guarded = len(loose)
        self._places = {name: n for n, name in enumerate(self._names)}
        self._absent = [math.nan if n in self._numbers else None for n in self._names]
        variables = {name: f"f{n}" for n, name in enumerate(self._names)}
        self._writer = Writer(variables, self._numbers)
        self._variables = variables
        self._all = (1 << len(self.rules)) - 1
        self._fallible = _fallible(self.rules)
        self._whole = self._compiled_whole()
        self._pick = _picker(self._names)
        self._falsities: dict[int, _Falsity] = {}
        self._parts: dict[int, _Part] = {}
        self._comparisons: dict[str, tuple[tuple[Comparison, int], ...]] = {}

    def verdicts(self, facts: Facts) -> tuple[int, int]:
        """Return the mask of rules that hold and the mask of unknown ones."""
        try:
            values = self._pick(facts)
            if _NONE.isdisjoint(values[: self._guarded]):
                true, failed = self._whole(values)
                if not failed:
                    return true, 0
                false = self._falsity(self._fallible)(values)
                return true, failed & ~(true | false)
        except (KeyError, TypeError):
            pass
        except OverflowError:
            return self.by_tree(facts)
        return self._with_missing(facts)

    def careful(self, facts: Facts) -> tuple[int, int]:
        """Return what ``verdicts`` does, asking of every rule what is missing."""
        try:
            true, false = self._part(self._all)(facts)
        except OverflowError:
            return self.by_tree(facts)
        return true, self._all & ~(true | false)

    def by_tree(self, facts: Facts) -> tuple[int, int]:
        """Return what ``verdicts`` does, by walking every rule's tree."""
        true = unknown = 0
        for n, rule in enumerate(self.rules):
            verdict = holds(rule.tree, facts)
            true |= (verdict is True) << n
            unknown |= (verdict is None) << n
        return true, unknown

    def update(
        self, true: int, unknown: int, facts: Facts, changed: Iterable[str]
    ) -> tuple[int, int]:
        """Return the masks after some facts changed, asking only who reads them.

        Parameters
        ----------
        true, unknown
            The masks before the change.
        facts
            All facts as they are now.
        changed
            The names of those that are not as before; others may be named too.
        """
        try:
            for name in changed:
                reading = self.depends.get(name)
                if reading:
                    now, false = self._part(reading)(facts)
                    true = true & ~reading | now
                    unknown = unknown & ~reading | reading & ~(now | false)
        except OverflowError:
            return self.by_tree(facts)
        return true, unknown

    def comparisons(self, name: str) -> tuple[tuple[Comparison, int], ...]:
        """Return each comparison reading a fact, with the mask of its rules."""
        found = self._comparisons.get(name)
        if found is None:
            found = self._comparisons[name] = tuple(self._reading(name).items())
        return found

    def _reading(self, name: str) -> dict[Comparison, int]:
        found: dict[Comparison, int] = {}
        reading = self.depends.get(name, 0)
        for n, rule in enumerate(self.rules):
            if not reading >> n & 1:
                continue
            for part in walk(rule.tree):
                if isinstance(part, Comparison) and name in reads(part):
                    found[part] = found.get(part, 0) | 1 << n
        return found

    def _with_missing(self, facts: Facts) -> tuple[int, int]:
        get = facts.get
        values = [get(name) for name in self._names]
        missing = []
        for n, value in enumerate(values):
            if value is None:
                values[n] = self._absent[n]
                missing.append(self.depends[self._names[n]])
        try:
            true, unknown = self._whole(values)
            if unknown:
                unknown &= ~self._falsity(self._fallible)(values)
            if sum(map(int.bit_count, missing)) > len(self.rules):
                missing = [self._all]
            for reading in missing:
                unknown |= reading & ~self._falsity(reading)(values)
        except OverflowError:
            return self.by_tree(facts)
        return true, unknown & ~true

    def _falsity(self, rules: int) -> _Falsity:
        found = self._falsities.get(rules)
        if found is None:
            found = self._falsities[rules] = self._compiled_falsity(rules)
        return found

    def _part(self, rules: int) -> _Part:
        part = self._parts.get(rules)
        if part is None:
            part = self._parts[rules] = self._compiled_part(rules)
        return part

    def _names_by_guard(self) -> tuple[list[str], list[str]]:
        """Part the facts that could be None unnoticed from the others."""
        loose: set[str] = set()
        for rule in self.rules:
            loose |= guarded(rule.tree, rule.numbers)
        names = sorted(self.depends)
        return [n for n in names if n in loose], [n for n in names if n not in loose]

    def _compiled_whole(self) -> _Whole:
        """Write the function of all rules: surely true, and perhaps failed ones."""
        surely, lines = self._writer.surely, []
        if self._names:
            lines.append(f"{', '.join(self._variables.values())}, = V")
        words = range(0, len(self.rules), _WORD)
        lines += [f"m{at} = 0" for at in words]
        lines.append("z = 0")
        plain, failing = [], _Failing()
        for n, rule in enumerate(self.rules):
            if self._fallible >> n & 1 and not failing.known(n, rule):
                lines.append(f"if {surely(rule.tree, True)}: {_marked(n)}")
                lines.append(f"elif not {surely(rule.tree, False)}: z |= {1 << n}")
            else:
                plain.append((n, rule.tree))
        lines += arranged(plain, self._writer, _marked)
        lines += failing.lines(self._variables)
        true = " | ".join(f"m{at} << {at}" if at else "m0" for at in words)
        lines.append(f"return {true or '0'}, z")
        return cast("_Whole", _function("V", lines))

    def _compiled_falsity(self, mask: int) -> _Falsity:
        """Write the function of the rules in a mask that surely do not hold."""
        rules = [(n, rule) for n, rule in enumerate(self.rules) if mask >> n & 1]
        names = sorted({name for _, rule in rules for name in rule.reads})
        lines = [f"{self._variables[name]} = V[{self._places[name]}]" for name in names]
        lines.append("z = 0")
        for n, rule in rules:
            lines.append(f"if {self._writer.surely(rule.tree, False)}: z |= {1 << n}")
        return cast("_Falsity", _function("V", [*lines, "return z"]))

    def _compiled_part(self, mask: int) -> _Part:
        """Write the function of the rules in a mask: surely true, surely false."""
        rules = [(n, rule) for n, rule in enumerate(self.rules) if mask >> n & 1]
        names = sorted({name for _, rule in rules for name in rule.reads})
        lines = ["g = F.get"]
        for name in names:
            variable = self._variables[name]
            lines.append(f"{variable} = g({name!r})")
            if name in self._numbers:
                lines.append(f"if {variable} is None: {variable} = nan")
        lines.append("m = z = 0")
        for n, rule in rules:
            lines.append(f"if {self._writer.surely(rule.tree, True)}: m |= {1 << n}")
            false = self._writer.surely(rule.tree, False)
            lines.append(f"elif {false}: z |= {1 << n}")
        return cast("_Part", _function("F", [*lines, "return m, z"]))


class _Failing:
    """Tests of facts that tell when calculations may have failed, with masks."""

    def __init__(self) -> None:
        self._masks: dict[tuple[str, str], int] = {}

    def known(self, number: int, rule: Rule) -> bool:
        """Tell whether it is simply told when a rule fails, and note it."""
        found = failures(rule.tree)
        for one in found or ():
            self._masks[one] = self._masks.get(one, 0) | 1 << number
        return found is not None

    def lines(self, variables: Mapping[str, str]) -> list[str]:
        """Write the tests."""
        return [
            f"if {test.format(variables[name])}: z |= {mask}"
            for (test, name), mask in self._masks.items()
        ]


def fuse(rules: Sequence[Rule]) -> Fused:
    """Compile the rules together."""
    return Fused(rules)


def _function(parameter: str, lines: list[str]) -> Callable[..., Any]:
    body = "\n    ".join(lines)
    namespace = dict(NAMESPACE)
    exec(compile(f"def decide({parameter}):\n    {body}", "<rules>", "exec"), namespace)
    return cast("Callable[..., Any]", namespace["decide"])


def _fallible(rules: Sequence[Rule]) -> int:
    mask = 0
    for n, rule in enumerate(rules):
        mask |= may_fail(rule.tree) << n
    return mask


def _marked(number: int) -> str:
    place = number % _WORD
    return f"m{number - place} |= {1 << place}"


def _picker(names: Sequence[str]) -> Callable[[Facts], Sequence[Any]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda facts: [facts[name] for name in names]


def _dependents(rules: Sequence[Rule]) -> dict[str, int]:
    depends: dict[str, int] = {}
    for n, rule in enumerate(rules):
        for name in rule.reads:
            depends[name] = depends.get(name, 0) | 1 << n
    return depends
