"""Generated rules and facts: every tree is well typed and in normal form."""

from hypothesis import strategies as st

from domain.segment import Fact
from segmentation.language.nodes import (
    And,
    Arithmetic,
    Call,
    Choices,
    Comparison,
    Literal,
    Name,
    Named,
    Negative,
    Node,
    Not,
    Or,
    Step,
    reads,
)
from segmentation.schema import FactSource, FactSpec, FactType, Schema

LEVELS = ("low", "middle", "high")


def a_fact(name: str, kind: FactType, **more: object) -> FactSpec:
    title = name.replace("_", " ")
    return FactSpec(name, kind, title, "", FactSource.ORDER, **more)  # type: ignore[arg-type]


SMALL = Schema(
    (
        a_fact("wet", FactType.BOOLEAN),
        a_fact("cold", FactType.BOOLEAN),
        a_fact("wait_h", FactType.NUMBER, unit="h"),
        a_fact("left_h", FactType.NUMBER, unit="h"),
        a_fact("pieces", FactType.NUMBER),
        a_fact("level", FactType.CHOICE, values=LEVELS, ordered=True),
        a_fact("town", FactType.TEXT),
        a_fact("tags", FactType.WORDS),
    )
)

VIEWED = "events customer viewed shelf=it's 604800s"
SPENT = "sum_cents sku order_placed 3600s"
IDLE = "days_since customer order_placed"

_words = st.sampled_from(["fog", "ice", "Łódź", "it's"])
_numbers = st.integers(-4, 4) | st.sampled_from([0.5, -1.25, 1e-7, 2.0e12])


def facts() -> st.SearchStrategy[dict[str, Fact]]:
    """Facts of the small schema; any of them may be missing."""
    number = st.integers(-4, 4) | st.sampled_from([0, 0.5, 1e300, 10**400])
    return st.fixed_dictionaries(
        {},
        optional={
            "wet": st.booleans(),
            "cold": st.booleans(),
            "wait_h": number,
            "left_h": number,
            "pieces": number,
            "level": st.sampled_from(LEVELS),
            "town": _words,
            "tags": st.lists(_words, max_size=2).map(tuple),
            VIEWED: st.integers(0, 4),
            SPENT: st.integers(0, 4),
            IDLE: number,
        },
    )


def _hours(depth: int) -> st.SearchStrategy[Node]:
    leaf: st.SearchStrategy[Node] = st.sampled_from([Name("wait_h"), Name("left_h")])
    if depth == 0:
        return leaf
    inner = _hours(depth - 1)
    either = inner | _numbers.map(Literal)
    plain = st.just(Name("pieces")) | _numbers.filter(bool).map(Literal)
    return st.one_of(
        leaf,
        st.builds(Arithmetic, st.sampled_from("+-"), inner, either),
        st.builds(Arithmetic, st.sampled_from("*/"), inner, plain),
        st.builds(Negative, inner),
        st.builds(lambda a: Call("abs", (a,)), inner),
        st.builds(lambda f, a, b: Call(f, (a, b)), _extremes, inner, either),
    )


def _named(**labels: str) -> tuple[Named, ...]:
    return tuple(Named(name, Literal(value)) for name, value in labels.items())


_viewed = Call("events", (Literal("viewed"),), 0, _named(shelf="it's", within="7d"))
_spent = Call("sum_cents", (Literal("order_placed"),), 0, _named(of="sku", within="1h"))
_idle = Call("days_since", (Literal("order_placed"),))
_counted: st.SearchStrategy[Node] = st.sampled_from(
    [
        _viewed,
        _spent,
        _idle,
        Arithmetic("/", _spent, _viewed),
        Call("max", (_idle, Negative(_idle))),
        Call("abs", (Arithmetic("-", Literal(2), _idle),)),
    ]
)
_extremes = st.sampled_from(["min", "max"])
_signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_inside = st.sampled_from(["in", "not in"])


def _comparisons(depth: int) -> st.SearchStrategy[Node]:
    hours = _hours(depth)
    number = hours | _numbers.map(Literal)
    step = st.builds(Step, _signs, number)
    levels = st.builds(
        lambda op, word: Comparison(Name("level"), (Step(op, Literal(word)),)),
        _signs,
        st.sampled_from(LEVELS),
    )
    turned = st.builds(
        lambda op, word: Comparison(Literal(word), (Step(op, Name("level")),)),
        _signs,
        st.sampled_from(LEVELS),
    )
    towns = st.builds(
        lambda op, words: Comparison(
            Name("town"), (Step(op, Choices(tuple(map(Literal, words)))),)
        ),
        _inside,
        st.lists(_words, min_size=1, max_size=3),
    )
    tags = st.builds(
        lambda op, word: Comparison(Literal(word), (Step(op, Name("tags")),)),
        _inside,
        _words,
    )
    chains = st.builds(
        lambda left, steps: Comparison(left, tuple(steps)),
        number,
        st.lists(step, min_size=1, max_size=3),
    ).filter(lambda node: bool(reads(node)))
    windows = st.builds(
        lambda left, op, n: Comparison(left, (Step(op, Literal(n)),)),
        _counted,
        _signs,
        st.integers(0, 3),
    )
    lists = st.builds(
        lambda op, items: Comparison(
            Name("pieces"), (Step(op, Choices(tuple(map(Literal, items)))),)
        ),
        _inside,
        st.lists(_numbers, min_size=1, max_size=4),
    )
    pairs = st.builds(
        lambda op: Comparison(Name("wet"), (Step(op, Name("cold")),)),
        st.sampled_from(["==", "!="]),
    )
    return st.one_of(chains, levels, turned, towns, tags, windows, lists, pairs)


_atoms: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from([Name("wet"), Name("cold"), Literal(True), Literal(False)]),
    st.sampled_from(["wet", "pieces", "town"]).map(lambda n: Call("known", (Name(n),))),
    st.just(Call("known", (_idle,))),
    _words.map(lambda word: Call("startswith", (Name("town"), Literal(word)))),
    st.just(Comparison(Call("count", (Name("tags"),)), (Step(">", Literal(1)),))),
)


def _joined(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return kind(tuple(flat))


def rules() -> st.SearchStrategy[Node]:
    """Trees as the parser makes them."""
    return st.recursive(
        _atoms | _comparisons(2),
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda p: _joined(And, p)),
            st.lists(inner, min_size=2, max_size=3).map(lambda p: _joined(Or, p)),
        ),
        max_leaves=6,
    )
