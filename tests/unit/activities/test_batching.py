"""The batcher: company for those who ask together, an answer for each."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from activities.batching import Batcher

LONG_S = 60.0


class Oracle:
    """Answers numbers with their doubles, and remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def __call__(self, asks: Sequence[int]) -> list[int | Exception]:
        assert self.may_answer.wait(10)
        self.batches.append(tuple(asks))
        return [ValueError(f"no {n}") if n < 0 else 2 * n for n in asks]


async def test_requests_that_arrive_together_are_answered_together_each_its_own() -> (
    None
):
    oracle = Oracle()
    batcher = Batcher(oracle, window_s=LONG_S, most=3)

    answers = await asyncio.gather(*(batcher.ask(n) for n in (5, 1, 3)))

    assert answers == [10, 2, 6]
    assert oracle.batches == [(5, 1, 3)]


async def test_a_batch_holds_no_more_than_the_most() -> None:
    oracle = Oracle()
    batcher = Batcher(oracle, window_s=0.001, most=2)

    answers = await asyncio.gather(*(batcher.ask(n) for n in range(5)))

    assert answers == [0, 2, 4, 6, 8]
    assert [len(batch) for batch in oracle.batches] == [2, 2, 1]


async def test_a_full_batch_does_not_wait_for_the_window() -> None:
    batcher = Batcher(Oracle(), window_s=LONG_S, most=2)

    async with asyncio.timeout(5):
        answers = await asyncio.gather(batcher.ask(1), batcher.ask(2))

    assert tuple(answers) == (2, 4)


async def test_a_lone_request_waits_no_longer_than_the_window() -> None:
    batcher = Batcher(Oracle(), window_s=0.001, most=64)

    async with asyncio.timeout(5):
        assert await batcher.ask(7) == 14


async def test_requests_that_come_during_an_answer_make_the_next_batch() -> None:
    oracle = Oracle()
    oracle.may_answer.clear()
    batcher = Batcher(oracle, window_s=0.001, most=2)

    first = [asyncio.create_task(batcher.ask(n)) for n in (1, 2)]
    await asyncio.sleep(0)
    rest = [asyncio.create_task(batcher.ask(n)) for n in (3, 4)]
    await asyncio.sleep(0)
    oracle.may_answer.set()

    assert await asyncio.gather(*first, *rest) == [2, 4, 6, 8]
    assert oracle.batches == [(1, 2), (3, 4)]


async def test_one_request_that_fails_fails_alone() -> None:
    batcher = Batcher(Oracle(), window_s=LONG_S, most=2)

    good, bad = await asyncio.gather(
        batcher.ask(4), batcher.ask(-1), return_exceptions=True
    )

    assert good == 8
    assert str(bad) == "no -1"


async def test_an_exception_of_the_whole_reaches_every_caller() -> None:
    def fail(asks: Sequence[int]) -> list[int | Exception]:
        raise RuntimeError("solver died")

    batcher = Batcher(fail, window_s=LONG_S, most=2)

    answers = await asyncio.gather(
        batcher.ask(1), batcher.ask(2), return_exceptions=True
    )

    assert [str(answer) for answer in answers] == ["solver died"] * 2


async def test_too_few_answers_are_an_error_for_all_and_not_the_end() -> None:
    answers: list[list[int | Exception]] = [[], [8]]
    batcher: Batcher[int, int] = Batcher(
        lambda _: answers.pop(0), window_s=0.001, most=1
    )

    with pytest.raises(ValueError, match="0 answers to 1 requests"):
        await batcher.ask(1)

    assert await batcher.ask(4) == 8


async def test_a_caller_that_gave_up_spoils_nothing_for_the_others() -> None:
    batcher = Batcher(Oracle(), window_s=LONG_S, most=2)

    quitter = asyncio.create_task(batcher.ask(1))
    await asyncio.sleep(0)
    quitter.cancel()

    assert await batcher.ask(2) == 4


async def test_what_comes_after_a_batch_keeps_nobody_of_it_waiting() -> None:
    oracle, answered, looked_back = Oracle(), threading.Event(), threading.Event()

    def after() -> None:
        # Would never be set if the answer waited for this.
        assert answered.wait(10)
        looked_back.set()

    batcher = Batcher(oracle, window_s=0, most=1, after=after)

    assert await batcher.ask(4) == 8
    answered.set()
    await batcher.settled()

    assert looked_back.is_set()
