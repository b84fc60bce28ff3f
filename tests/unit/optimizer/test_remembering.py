"""What is remembered between problems, by many threads."""

from concurrent.futures import ThreadPoolExecutor

from optimizer.remembering import Remembered


def test_the_oldest_answer_goes_when_there_are_too_many() -> None:
    known: Remembered[str, int] = Remembered(2)

    for n, key in enumerate("abc"):
        known.keep(key, n)

    assert [known.get(key) for key in "abc"] == [None, 1, 2]


def test_an_answer_kept_again_is_the_latest() -> None:
    known: Remembered[str, int] = Remembered(2)

    for n, key in enumerate("abac"):
        known.keep(key, n)

    assert [known.get(key) for key in "abc"] == [2, None, 3]


def test_threads_that_remember_at_once_keep_within_the_limit() -> None:
    known: Remembered[int, int] = Remembered(8)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: known.keep(n % 50, n), range(5_000)))

    assert answers == list(range(5_000))
    assert len(known) == 8
