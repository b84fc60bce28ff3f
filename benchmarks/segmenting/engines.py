"""The engines measured: each takes an order's facts and answers for all rules.

A library is shown in the shapes a careful user would try: all rules as one list
in one expression, and rule by rule over facts converted once per order.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from benchmarks.segmenting import hand, translate
from benchmarks.segmenting.corpus import Corpus
from benchmarks.segmenting.translate import Words
from domain.segment import RuleSet, Segment
from segmentation.classify import Rules
from segmentation.language.nodes import Node

OURS, HAND, LIBRARY = "ours", "hand-written", "library"


@dataclass(frozen=True)
class Ready:
    """An engine with its rules compiled and its inputs laid out.

    ``masks`` reads an answer as a mask of true rules and one of unknown ones.
    """

    call: Callable[[Any], Any]
    inputs: Sequence[Any]
    masks: Callable[[Any], tuple[int, int]]


@dataclass(frozen=True)
class Engine:
    """One engine in one shape.

    A slow one is given only every ``every``-th order, and all but the two with a
    target fewer of them the more rules there are, so that the whole stays
    bounded. ``judged`` engines must answer as we do on orders all known.
    """

    name: str
    family: str
    shape: str
    prepare: Callable[[Corpus], Ready]
    module: str = ""
    every: int = 1
    judged: bool = True
    targeted: bool = False

    def stride(self, rules: int) -> int:
        """Return which part of the orders it is given: one in so many."""
        return self.every if self.targeted else self.every * max(1, rules // 100)

    def missing(self) -> str:
        """Say why it cannot be measured here, empty if it can."""
        if not self.module or find_spec(self.module):
            return ""
        return f"{self.module} is not installed: make bench-setup"


def rule_set(texts: Sequence[str]) -> RuleSet:
    """Return the rules as the rule set of one version."""
    segments = [
        Segment(id=f"s-{n:04}", title=f"Segment {n}", when=text)
        for n, text in enumerate(texts)
    ]
    return RuleSet(version="bench", segments=tuple(segments))


def _only_true(mask: int) -> tuple[int, int]:
    return mask, 0


def _listed(answer: Sequence[object]) -> tuple[int, int]:
    bits = "".join("1" if verdict is True else "0" for verdict in reversed(answer))
    return int(bits, 2), 0


def _full(corpus: Corpus) -> Ready:
    fused = Rules(rule_set(corpus.rules)).fused
    return Ready(fused.verdicts, corpus.known, lambda answer: answer)


def _three_valued(corpus: Corpus) -> Ready:
    fused = Rules(rule_set(corpus.rules)).fused
    return Ready(fused.verdicts, corpus.partial, lambda answer: answer)


def _incremental(corpus: Corpus) -> Ready:
    """Take up one changed fact per order, from the answer before."""
    fused = Rules(rule_set(corpus.rules)).fused
    changes = [
        (*fused.verdicts(facts), {**facts, name: value}, (name,))
        for facts, (name, value) in zip(corpus.known, corpus.news, strict=True)
    ]
    update = fused.update
    return Ready(lambda change: update(*change), changes, lambda answer: answer)


def _hand_fused(corpus: Corpus) -> Ready:
    return Ready(hand.fused(corpus.rules), corpus.known, _only_true)


def _lambdas(corpus: Corpus) -> Ready:
    rules = hand.lambdas(corpus.rules)
    return Ready(lambda F: [rule(F) for rule in rules], corpus.known, _listed)


def _told(corpus: Corpus) -> tuple[list[Node], Words, list[dict[str, Any]]]:
    """Return the rules' trees, and the facts as libraries like them."""
    rules = Rules(rule_set(corpus.rules))
    checked = rules.fused.rules
    words = Words.of(rules.schema, (name for rule in checked for name in rule.reads))
    return (
        [rule.tree for rule in checked],
        words,
        [words.facts(facts) for facts in corpus.known],
    )


def _datalogic_list(corpus: Corpus) -> Ready:
    datalogic = importlib.import_module("datalogic_py")
    trees, words, facts = _told(corpus)
    engine = datalogic.Engine()
    rule = engine.compile([translate.json_logic(tree, words) for tree in trees])
    evaluate = engine.session().evaluate
    return Ready(lambda data: evaluate(rule, data), facts, _listed)


def _datalogic_each(corpus: Corpus) -> Ready:
    datalogic = importlib.import_module("datalogic_py")
    trees, words, facts = _told(corpus)
    engine = datalogic.Engine()
    rules = [engine.compile(translate.json_logic(tree, words)) for tree in trees]
    evaluate, handle = engine.session().evaluate_bool, datalogic.DataHandle

    def each(data: dict[str, Any]) -> list[bool]:
        held = handle(data)
        return [evaluate(rule, held) for rule in rules]

    return Ready(each, facts, _listed)


def _zen_list(corpus: Corpus) -> Ready:
    zen = importlib.import_module("zen")
    trees, words, facts = _told(corpus)
    said = ", ".join(translate.ZEN.say(tree, words) for tree in trees)
    return Ready(zen.compile_expression(f"[{said}]").evaluate, facts, _listed)


def _zen_each(corpus: Corpus) -> Ready:
    zen = importlib.import_module("zen")
    trees, words, facts = _told(corpus)
    rules = [zen.compile_expression(translate.ZEN.say(t, words)) for t in trees]
    return Ready(lambda data: [r.evaluate(data) for r in rules], facts, _listed)


def _cel(facts: dict[str, Any]) -> Any:
    cel = importlib.import_module("cel_expr_python.cel")
    math = importlib.import_module("cel_expr_python.ext.ext_math")
    kinds = {
        bool: cel.Type.BOOL,
        float: cel.Type.DOUBLE,
        str: cel.Type.STRING,
        list: cel.Type.List(cel.Type.STRING),
    }
    variables = {name: kinds[type(value)] for name, value in facts.items()}
    return cel.NewEnv(variables=variables, extensions=[math.ExtMath()])


def _cel_list(corpus: Corpus) -> Ready:
    trees, words, facts = _told(corpus)
    said = ", ".join(translate.CEL.say(tree, words) for tree in trees)
    evaluate = _cel(facts[0]).compile(f"[{said}]").eval
    return Ready(lambda data: evaluate(data=data).plain_value(), facts, _listed)


def _cel_each(corpus: Corpus) -> Ready:
    trees, words, facts = _told(corpus)
    environment = _cel(facts[0])
    rules = [environment.compile(translate.CEL.say(tree, words)) for tree in trees]

    def each(data: dict[str, Any]) -> list[bool]:
        activation = environment.Activation(data)
        return [rule.eval(activation).value() for rule in rules]

    return Ready(each, facts, _listed)


def _rule_engine_list(corpus: Corpus) -> Ready:
    rule_engine = importlib.import_module("rule_engine")
    trees, words, facts = _told(corpus)
    said = ", ".join(translate.RULE_ENGINE.say(tree, words) for tree in trees)
    return Ready(rule_engine.Rule(f"[{said}]").evaluate, facts, _listed)


def _rule_engine_each(corpus: Corpus) -> Ready:
    rule_engine = importlib.import_module("rule_engine")
    trees, words, facts = _told(corpus)
    said = (translate.RULE_ENGINE.say(tree, words) for tree in trees)
    rules = [rule_engine.Rule(text) for text in said]
    return Ready(lambda data: [r.matches(data) for r in rules], facts, _listed)


FULL = Engine("lanewise", OURS, "fused, facts known", _full, targeted=True)
HAND_FUSED = Engine(
    "hand-fused", HAND, "one straight function", _hand_fused, targeted=True
)
THREE_VALUED = Engine(
    "lanewise-three-valued", OURS, "a tenth of the facts missing", _three_valued,
    judged=False,
)  # fmt: skip

INCREMENTAL = Engine(
    "lanewise-incremental", OURS, "one fact changed", _incremental, judged=False
)

_LIST, _EACH = "one list", "rule by rule"
ENGINES = (
    FULL,
    HAND_FUSED,
    THREE_VALUED,
    INCREMENTAL,
    Engine("lambdas", HAND, "one per rule", _lambdas),
    Engine("datalogic-py", LIBRARY, _LIST, _datalogic_list, "datalogic_py"),
    Engine("datalogic-py", LIBRARY, _EACH, _datalogic_each, "datalogic_py", 4),
    Engine("zen-engine", LIBRARY, _LIST, _zen_list, "zen"),
    Engine("zen-engine", LIBRARY, _EACH, _zen_each, "zen", 50),
    Engine("cel-expr-python", LIBRARY, _LIST, _cel_list, "cel_expr_python"),
    Engine("cel-expr-python", LIBRARY, _EACH, _cel_each, "cel_expr_python", 20),
    Engine("rule-engine", LIBRARY, _LIST, _rule_engine_list, "rule_engine", 50),
    Engine("rule-engine", LIBRARY, _EACH, _rule_engine_each, "rule_engine", 50),
)


def chosen(said: str) -> tuple[Engine, ...]:
    """Return the engines to measure: ``all``, or ``ours`` with the hand-written.

    Raises
    ------
    ValueError
        When the word is another.
    """
    if said not in ("all", "ours"):
        msg = f"engines: {said!r}, but it is all or ours"
        raise ValueError(msg)
    return tuple(e for e in ENGINES if said == "all" or e.family != LIBRARY)
