"""What holds for every rule and all facts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.segment import Fact
from segmentation.language.check import Rule, check
from segmentation.language.compile import fuse
from segmentation.language.evaluate import holds
from segmentation.language.explain import Verdict, verdict, why
from segmentation.language.nodes import Node
from segmentation.language.parse import parse
from segmentation.language.render import render
from tests.unit.segmentation.sentences import SMALL, facts, rules

MANY = settings(max_examples=120, deadline=None)


def _checked(tree: Node) -> Rule:
    return check(render(tree), SMALL)


@MANY
@given(rules())
def test_a_rule_written_out_reads_back_as_the_same_rule(tree: Node) -> None:
    text = render(tree)

    assert parse(text) == tree
    assert render(parse(text)) == text


@MANY
@given(st.lists(rules(), min_size=1, max_size=4), facts())
def test_compiled_rules_agree_with_the_tree_cell_by_cell(
    trees: list[Node], known: dict[str, Fact]
) -> None:
    checked = [_checked(tree) for tree in trees]
    fused = fuse(checked)
    expected = [holds(rule.tree, known) for rule in checked]

    for true, unknown in (fused.verdicts(known), fused.careful(known)):
        for n, outcome in enumerate(expected):
            assert (true >> n & 1, unknown >> n & 1) == (
                outcome is True,
                outcome is None,
            )


@MANY
@given(rules(), facts())
def test_a_fact_that_is_none_is_as_good_as_missing(
    tree: Node, known: dict[str, Fact]
) -> None:
    fused = fuse([_checked(tree)])
    padded = {name: known.get(name) for name in fused.depends}

    assert fused.verdicts(padded) == fused.verdicts(known)


@MANY
@given(rules(), facts(), facts())
def test_learning_a_missing_fact_never_turns_a_verdict_around(
    tree: Node, known: dict[str, Fact], more: dict[str, Fact]
) -> None:
    # Asking whether a fact is known is the one thing that learning may change.
    if "known(" in render(tree):
        return
    before = holds(_checked(tree).tree, known)

    after = holds(_checked(tree).tree, {**more, **known})

    assert before is None or after is before


@MANY
@given(rules(), facts())
def test_the_explanation_tree_comes_to_the_same_verdict(
    tree: Node, known: dict[str, Fact]
) -> None:
    rule = _checked(tree)
    found = verdict(rule.tree, known)

    assert found.value is holds(rule.tree, known)
    assert _consistent(found)
    assert why(rule.tree, known, SMALL)


def _consistent(found: Verdict) -> bool:
    """Tell whether every `and`, `or` and `not` follows from its parts."""
    parts = [part.value for part in found.parts]
    if not all(_consistent(part) for part in found.parts):
        return False
    if len(parts) == 1:
        return found.value is (None if parts[0] is None else not parts[0])
    if not parts or found.value is None:
        return None in parts or not parts
    return found.value in parts


@MANY
@given(rules())
def test_a_rule_reads_the_facts_it_says_it_reads(tree: Node) -> None:
    fused = fuse([_checked(tree)])

    assert set(fused.depends) == set(fused.rules[0].reads)
    assert all(mask == 1 for mask in fused.depends.values())
