"""Compares answers cell by cell: an order and a rule are one cell."""

from collections.abc import Sequence

from benchmarks.segmenting.corpus import Corpus
from benchmarks.segmenting.engines import FULL, INCREMENTAL, THREE_VALUED, rule_set
from benchmarks.segmenting.measure import Masks, Series
from segmentation.classify import Rules
from segmentation.language.evaluate import holds

# Walking the tree is slow; this many cells of missing facts are judged by it.
WALKED_CELLS = 200_000


def disagreements(series: Sequence[Series], corpus: Corpus) -> dict[str, int]:
    """Count, by engine and shape, the cells answered otherwise than by us.

    Answers where facts are missing are judged by walking the rules' trees,
    renewed ones by answering anew.
    """
    rules = len(corpus.rules)
    expected = {
        THREE_VALUED: lambda: _walked(corpus),
        INCREMENTAL: lambda: _anew(corpus),
    }
    ours = next(one.masks for one in series if one.engine is FULL)
    found = {}
    for one in series:
        right = expected.get(one.engine, lambda: ours)()
        found[one.key] = differing(one.masks, right[:: one.engine.stride(rules)])
    return found


def differing(some: Masks, others: Masks) -> int:
    """Count the cells in which two lists of answers differ."""
    cells = 0
    # The walked ones are fewer.
    for (true, unknown), (as_true, as_unknown) in zip(some, others, strict=False):
        cells += ((true ^ as_true) | (unknown ^ as_unknown)).bit_count()
    return cells


def _walked(corpus: Corpus) -> Masks:
    rules = Rules(rule_set(corpus.rules)).fused.rules
    masks = []
    for facts in corpus.partial[: max(1, WALKED_CELLS // len(rules))]:
        verdicts = [holds(rule.tree, facts) for rule in rules]
        true = sum((verdict is True) << n for n, verdict in enumerate(verdicts))
        unknown = sum((verdict is None) << n for n, verdict in enumerate(verdicts))
        masks.append((true, unknown))
    return masks


def _anew(corpus: Corpus) -> Masks:
    fused = Rules(rule_set(corpus.rules)).fused
    news = zip(corpus.known, corpus.news, strict=True)
    return [fused.verdicts({**facts, name: value}) for facts, (name, value) in news]
