"""Every way to evaluate a rule must come to the same verdict, cell by cell."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.segment import Fact
from segmentation.language.check import check
from segmentation.language.compile import Fused, fuse
from segmentation.language.explain import verdict
from segmentation.language.nodes import Node
from segmentation.language.render import render
from tests.unit.segmentation.sentences import SMALL, facts, rules

Known = dict[str, Fact]


def fused(trees: Sequence[Node]) -> Fused:
    return fuse([check(render(tree), SMALL) for tree in trees])


def explained(compiled: Fused, known: Known) -> tuple[int, int]:
    found = [verdict(rule.tree, known).value for rule in compiled.rules]
    true = sum(1 << n for n, value in enumerate(found) if value is True)
    return true, sum(1 << n for n, value in enumerate(found) if value is None)


def changed(before: Known, after: Known) -> list[str]:
    names = sorted(before.keys() | after.keys())
    return [name for name in names if before.get(name) != after.get(name)]


@settings(max_examples=250, deadline=None)
@given(st.lists(rules(), min_size=1, max_size=40), facts(), facts())
def test_all_ways_to_evaluate_agree(
    trees: list[Node], before: Known, after: Known
) -> None:
    compiled = fused(trees)
    expected = compiled.by_tree(after)

    masks = compiled.verdicts(before)
    ways = {
        "at once": compiled.verdicts(after),
        "carefully": compiled.careful(after),
        "by what changed": compiled.update(*masks, after, changed(before, after)),
        "by explaining": explained(compiled, after),
    }

    assert ways == dict.fromkeys(ways, expected)


@settings(max_examples=60, deadline=None)
@given(st.lists(rules(), min_size=1, max_size=8), st.lists(facts(), max_size=6))
def test_masks_renewed_change_by_change_stay_right(
    trees: list[Node], history: list[Known]
) -> None:
    compiled, known = fused(trees), dict[str, Fact]()
    masks = compiled.verdicts(known)

    for now in history:
        for name in changed(known, now):
            known = {**known, name: now.get(name)}
            masks = compiled.update(*masks, known, [name])

    assert masks == compiled.by_tree(known)


@settings(max_examples=60, deadline=None)
@given(st.lists(rules(), min_size=1, max_size=6))
def test_rules_say_which_windows_they_read(trees: list[Node]) -> None:
    for rule in fused(trees).rules:
        counted = {name for name in rule.reads if " " in name}

        assert {window.key for window in rule.windows} == counted
