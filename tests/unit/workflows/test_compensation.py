"""Undoing in order, and steps that a cancellation does not break."""

import asyncio

import pytest

from workflows.compensation import Compensations, undisturbed


def writing(done: list[str], word: str):  # type: ignore[no-untyped-def]
    async def undo() -> None:
        done.append(word)

    return undo


async def test_the_newest_is_undone_first_and_each_once() -> None:
    done: list[str] = []
    compensations = Compensations()
    for word in ("holds", "reservation", "label"):
        compensations.add(writing(done, word))

    await compensations.undo()
    await compensations.undo()

    assert done == ["label", "reservation", "holds"]


async def test_what_is_forgotten_is_not_undone() -> None:
    done: list[str] = []
    compensations = Compensations()
    compensations.add(writing(done, "label"))

    compensations.forget()
    await compensations.undo()

    assert done == []


async def test_an_undo_that_fails_does_not_run_twice_and_keeps_the_older_ones() -> None:
    done: list[str] = []
    compensations = Compensations()

    async def fail() -> None:
        done.append("tried")
        raise ValueError("no")

    compensations.add(writing(done, "holds"))
    compensations.add(fail)

    with pytest.raises(ValueError, match="no"):
        await compensations.undo()
    await compensations.undo()

    assert done == ["tried", "holds"]


async def test_a_step_goes_on_through_a_cancellation_which_is_told() -> None:
    told: list[str] = []
    booked = asyncio.Event()

    async def book() -> str:
        await booked.wait()
        return "LABEL-1"

    running = asyncio.create_task(undisturbed(book(), lambda: told.append("cancel")))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.sleep(0)
    booked.set()

    assert await running == "LABEL-1"
    assert told == ["cancel"]


async def test_an_error_of_the_step_is_raised_as_it_is() -> None:
    async def fail() -> None:
        raise ValueError("bug")

    with pytest.raises(ValueError, match="bug"):
        await undisturbed(fail(), lambda: None)
