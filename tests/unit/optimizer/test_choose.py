"""The joint choice on its own: bare options with costs and what they take."""

from collections.abc import Sequence
from itertools import count, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.plan import Rung
from domain.quantities import FcId, SkuId
from optimizer.choose import Choice, choose
from optimizer.options import Option
from optimizer.problem import Effort
from optimizer.resources import Kind, Resource, Supply
from tests.builders import MONDAY, a_center, a_network, a_problem, a_sku

SKUS = tuple(SkuId(f"SKU-{n}") for n in range(4))
EAST = FcId("EAST")
DAY = Resource(Kind.FC_LINES, EAST, day=MONDAY.date())


def units(sku: int) -> Resource:
    return Resource(Kind.STOCK, EAST, sku=SKUS[sku])


def option(cents: int, uses: dict[Resource, int]) -> Option:
    return Option(ways=(), total_cents=cents, uses=uses)


def supply(stock: Sequence[int], lines: int = 99, more: int = 0) -> Supply:
    center = a_center(
        capacity_lines=lines, over_capacity_lines=more, over_capacity_cents_per_line=7
    )
    return Supply(
        a_problem(
            network=a_network(centers=(center,)),
            skus=tuple(a_sku(id=sku) for sku in SKUS),
            stock={(EAST, sku): n for sku, n in zip(SKUS, stock, strict=False)},
        )
    )


def served(choice: Choice) -> int:
    return sum(n >= 0 for n in choice.chosen)


def test_two_orders_for_one_unit_and_a_detour() -> None:
    scarce, plenty = units(0), units(1)
    first = (option(100, {scarce: 1}), option(110, {plenty: 1}))
    second = (option(100, {scarce: 1}), option(300, {plenty: 1}))

    choice = choose([first, second], [True, True], supply((1, 9)), Effort())

    assert choice.chosen == (1, 0)
    assert choice.cents == choice.bound_cents == 210
    assert choice.rung is Rung.EXACT


def test_a_program_with_a_fractional_answer_is_closed() -> None:
    # Three orders, each wanting a pair of three things: half of each would fit.
    pairs = ({0, 1}, {1, 2}, {0, 2})
    options = [(option(10, {units(n): 1 for n in sorted(pair)}),) for pair in pairs]

    choice = choose(options, [True] * 3, supply((1, 1, 1)), Effort())

    assert (served(choice), choice.served_bound) == (1, 1)
    assert choice.rung is Rung.EXACT


@st.composite
def contests(
    draw: st.DrawFn,
) -> tuple[list[tuple[Option, ...]], list[bool], Supply, list[int], int, int]:
    stock = [draw(st.integers(0, 4)) for _ in SKUS]
    lines, more = draw(st.integers(0, 4)), draw(st.integers(0, 2))
    options = []
    for _ in range(draw(st.integers(1, 5))):
        mine = [
            option(
                draw(st.integers(1, 500)),
                {
                    units(draw(st.integers(0, 3))): draw(st.integers(1, 3)),
                    units(draw(st.integers(0, 3))): draw(st.integers(1, 3)),
                    DAY: draw(st.integers(1, 2)),
                },
            )
            for _ in range(draw(st.integers(0, 3)))
        ]
        options.append(tuple(sorted(mine, key=lambda o: o.total_cents)))
    allowed = [draw(st.booleans()) for _ in options]
    return options, allowed, supply(stock, lines, more), stock, lines, more


def cents_of(
    chosen: Sequence[Option | None],
    allowed: Sequence[bool],
    stock: Sequence[int],
    lines: int,
    more: int,
) -> int | None:
    """Return the cost of a choice, None where it takes more than there is."""
    cents = work = strict = 0
    taken = [0] * len(SKUS)
    for took, may in zip(chosen, allowed, strict=True):
        if took is None:
            continue
        cents += took.total_cents
        work += took.uses[DAY]
        strict += 0 if may else took.uses[DAY]
        for n in range(len(SKUS)):
            taken[n] += took.uses.get(units(n), 0)
    over = max(0, work - lines)
    enough = all(t <= s for t, s in zip(taken, stock, strict=True))
    if not enough or over > more or strict > lines:
        return None
    return cents + 7 * over


@settings(max_examples=150, deadline=None)
@given(contests(), st.sampled_from((0.0, 0.01, 5.0)))
def test_the_choice_is_possible_and_with_enough_work_the_best(
    contest: tuple[list[tuple[Option, ...]], list[bool], Supply, list[int], int, int],
    work: float,
) -> None:
    options, allowed, there_is, stock, lines, more = contest
    each = [(None, *mine) for mine in options]
    best = max(
        (sum(o is not None for o in chosen), -cents)
        for chosen in product(*each)
        if (cents := cents_of(chosen, allowed, stock, lines, more)) is not None
    )

    choice = choose(options, allowed, there_is, Effort(solver_work=work))

    took = [
        mine[n] if n >= 0 else None
        for mine, n in zip(options, choice.chosen, strict=True)
    ]
    assert cents_of(took, allowed, stock, lines, more) == choice.cents
    assert served(choice) <= best[0] <= choice.served_bound
    if choice.rung in (Rung.EXACT, Rung.DIRECT):
        assert (served(choice), -choice.cents) == best
        assert choice.bound_cents == choice.cents
    if work == 5.0:
        assert choice.rung in (Rung.EXACT, Rung.DIRECT)


def a_crowd(orders: int, seed: int) -> list[tuple[Option, ...]]:
    chance = Random(seed)
    return [
        tuple(
            sorted(
                (
                    option(
                        chance.randint(100, 900),
                        {units(sku): chance.randint(1, 3), DAY: 1},
                    )
                    for sku in range(4)
                ),
                key=lambda o: o.total_cents,
            )
        )
        for _ in range(orders)
    ]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_crowd_is_served_with_a_proven_gap_of_nothing(seed: int) -> None:
    options = a_crowd(60, seed)
    there_is = supply((20, 25, 30, 30), lines=50, more=5)

    choice = choose(options, [True] * 60, there_is, Effort(seed=seed))

    assert choice.rung is Rung.EXACT
    assert choice.cents == choice.bound_cents
    again = choose(options, [True] * 60, there_is, Effort(seed=seed))
    assert again == choice


def test_more_work_never_makes_the_choice_worse() -> None:
    options = a_crowd(40, 3)
    there_is = supply((12, 14, 16, 16), lines=32, more=4)

    def judged(work: float) -> tuple[int, int]:
        choice = choose(options, [True] * 40, there_is, Effort(solver_work=work))
        return served(choice), -choice.cents

    greedy, priced, exact = (judged(work) for work in (0.0, 0.01, 20.0))

    assert greedy <= priced <= exact


@pytest.mark.parametrize("stop", range(6))
def test_a_choice_cut_short_is_still_possible(stop: int) -> None:
    options = a_crowd(40, 3)
    stock, lines = (12, 14, 16, 16), 32
    asked = count()
    effort = Effort(should_stop=lambda: next(asked) >= stop)

    choice = choose(options, [True] * 40, supply(stock, lines), effort)

    took = [
        mine[n] if n >= 0 else None
        for mine, n in zip(options, choice.chosen, strict=True)
    ]
    assert cents_of(took, [True] * 40, stock, lines, 0) == choice.cents
    assert served(choice) > 20
