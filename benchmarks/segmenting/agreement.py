"""Compares answers cell by cell: an order and a rule are one cell."""

from collections.abc import Sequence

from benchmarks.segmenting.corpus import Corpus
from benchmarks.segmenting.engines import FULL, THREE_VALUED, rule_set
from benchmarks.segmenting.measure import Masks, Series
from segmentation.classify import Rules
from segmentation.language.evaluate import holds

# Walking the tree is slow; this many cells of missing facts are judged by it.
WALKED_CELLS = 200_000


def disagreements(series: Sequence[Series], corpus: Corpus) -> dict[str, int]:
    """Count, by engine and shape, the cells answered otherwise than by us.

    The three-valued function is judged by walking the rules' trees.
    """
    ours = next(one.masks for one in series if one.engine is FULL)
    found = {
        one.key: _differing(one.masks, ours[:: one.engine.every])
        for one in series
        if one.engine.judged
    }
    for one in series:
        if one.engine is THREE_VALUED:
            walked = _walked(corpus)
            found[one.key] = _differing(one.masks[: len(walked)], walked)
    return found


def _differing(some: Masks, others: Masks) -> int:
    cells = 0
    for (true, unknown), (as_true, as_unknown) in zip(some, others, strict=True):
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
