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
from segmentation.language.check import Rule
from segmentation.language.evaluate import holds
from segmentation.language.nodes import Comparison, reads, walk
from segmentation.language.write import NAMESPACE, Writer, may_fail

Facts = Mapping[str, Fact]
_Whole = Callable[[Sequence[Any]], int]
_Part = Callable[[Facts], tuple[int, int]]

# Rules per word of a mask while it is gathered: integers up to there are cheap.
_WORD = 30


class Fused:
    """Rules compiled together; bit n of a mask belongs to rule n.

    ``depends`` says which rules read a fact, so that a change of that fact
    touches only those.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._names = sorted({name for rule in rules for name in rule.reads})
        numbers = frozenset(name for rule in rules for name in rule.numbers)
        self._absent = [math.nan if n in numbers else None for n in self._names]
        self._variables = {name: f"f{n}" for n, name in enumerate(self._names)}
        self._writer = Writer(self._variables, numbers)
        self._numbers = numbers
        self.depends = _dependents(self.rules)
        self._all = (1 << len(self.rules)) - 1
        self._fallible = _mask(n for n, r in enumerate(self.rules) if may_fail(r.tree))
        self._whole = self._compiled_whole()
        self._parts: dict[int, _Part] = {}
        self._pick = _picker(self._names)
        self._comparisons: dict[str, tuple[tuple[Comparison, int], ...]] = {}

    def verdicts(self, facts: Facts) -> tuple[int, int]:
        """Return the mask of rules that hold and the mask of unknown ones."""
        try:
            values = self._pick(facts)
        except KeyError:
            values = (None,)
        try:
            if None in values:
                return self._with_missing(facts)
            true = self._whole(values)
            open_ = self._fallible & ~true
            return true, self._unknown(facts, open_) if open_ else 0
        except OverflowError:
            return self.by_tree(facts)

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
        open_ = self._fallible
        missing = []
        for n, value in enumerate(values):
            if value is None:
                values[n] = self._absent[n]
                missing.append(self.depends[self._names[n]])
        true = self._whole(values)
        for reading in missing:
            open_ |= reading
        open_ &= ~true
        if not open_:
            return true, 0
        asked = sum(reading.bit_count() for reading in missing)
        if asked > len(self.rules):
            return true, self._unknown(facts, self._all) & open_
        unknown = self._unknown(facts, self._fallible) if self._fallible else 0
        for reading in missing:
            unknown |= self._unknown(facts, reading)
        return true, unknown & open_

    def _unknown(self, facts: Facts, rules: int) -> int:
        true, false = self._part(rules)(facts)
        return rules & ~(true | false)

    def _part(self, rules: int) -> _Part:
        part = self._parts.get(rules)
        if part is None:
            part = self._parts[rules] = self._compiled_part(rules)
        return part

    def _compiled_whole(self) -> _Whole:
        lines = []
        if self._names:
            lines.append(f"{', '.join(self._variables.values())}, = V")
        words = range(0, len(self.rules), _WORD)
        lines += [f"m{at} = 0" for at in words]
        for n, rule in enumerate(self.rules):
            word = n - n % _WORD
            lines.append(
                f"if {self._writer.surely(rule.tree, True)}: m{word} |= {1 << n - word}"
            )
        lines.append(f"return {' | '.join(f'm{at} << {at}' for at in words) or '0'}")
        return cast("_Whole", _function("V", lines))

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


def fuse(rules: Sequence[Rule]) -> Fused:
    """Compile the rules together."""
    return Fused(rules)


def _function(parameter: str, lines: list[str]) -> Callable[..., Any]:
    body = "\n    ".join(lines)
    namespace = dict(NAMESPACE)
    exec(compile(f"def decide({parameter}):\n    {body}", "<rules>", "exec"), namespace)
    return cast("Callable[..., Any]", namespace["decide"])


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


def _mask(numbers: Iterable[int]) -> int:
    mask = 0
    for n in numbers:
        mask |= 1 << n
    return mask
