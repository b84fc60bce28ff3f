"""What must hold of every feed of alerts."""

from collections.abc import Iterable

from conformance import mischief, wire
from conformance.bench import HazardsBench, given
from conformance.losses import MOST_STEPS
from conformance.running import Check, NotTried, Section, ensure, reads
from connectors.alerts import Reading
from connectors.ports import HazardFeed
from domain.errors import ConnectorError


async def every_poll_lists_the_whole_set(bench: HazardsBench) -> None:
    """Two polls, and one of an adapter made anew, list the same ids, each once."""
    async with bench.adapter() as (feed, _):
        first, second = await feed.poll(), await feed.poll()
    async with bench.adapter() as (feed, _):
        anew = await feed.poll()
    ids = [hazard.id for hazard in first.hazards]
    if not ids:
        msg = "no alert is in force just now"
        raise NotTried(msg)
    ensure(first.complete, f"the list is incomplete: {first.problems}")
    ensure(len(set(ids)) == len(ids), "two alerts share an id")
    for reading in (second, anew):
        ensure(_ids(reading) == set(ids), f"the next poll lists {_ids(reading)}")


async def a_new_alert_comes_and_a_withdrawn_one_goes(bench: HazardsBench) -> None:
    """An alert announced is in the next poll, and withdrawn it is in none.

    Both polls are complete: so the desk takes it back.
    """
    announce = given(bench.announce, "way to announce")
    withdraw = given(bench.withdraw, "way to withdraw")
    name = bench.key("new")
    async with bench.adapter() as (feed, _):
        before = await feed.poll()
        await announce(name)
        during = await feed.poll()
        await withdraw(name)
        after = await feed.poll()
    ensure(len(_ids(during)) == len(_ids(before)) + 1, "the new alert is not listed")
    ensure(_ids(after) == _ids(before), "the withdrawn alert is still listed")
    ensure(during.complete and after.complete, "a whole list is called incomplete")


async def a_poll_that_fails_withdraws_nothing(bench: HazardsBench) -> None:
    """However a poll is spoilt, at whatever request, it withdraws no alert.

    It raises a ConnectorError, or says that it is incomplete, or names what
    it could not read; and the poll after it lists everything again.
    """
    async with bench.adapter() as (feed, spoilt):
        before = await feed.poll()
        requests = len(spoilt.requests)
        if not requests:
            msg = "nothing went over HTTP: no poll can be made to fail"
            raise NotTried(msg)
    for trick in (
        *(mischief.unsent, mischief.busy, mischief.slow, mischief.broken),
        *(mischief.truncated, mischief.garbled),
    ):
        for nth in range(1, min(requests, MOST_STEPS) + 1):
            async with bench.adapter() as (feed, spoilt):
                spoilt.on(nth, trick)
                gone = _withdrawn(before, await _polled(feed))
                what = f"when answer {nth} is {trick.__name__}"
                ensure(not gone, f"{what}, it withdraws {_few(gone)}")
                spoilt.calm()
                again = await feed.poll()
                ensure(_ids(again) == _ids(before), f"{what}, the next poll is short")


async def no_alert_vanishes_without_a_word(bench: HazardsBench) -> None:
    """With a field null, missing or odd, an alert stays, or something is said of it.

    An error, a list that is incomplete, or a word in ``problems``,
    ``unreadable`` or ``left_out``.
    """
    async with bench.adapter() as (feed, spoilt):
        before = await feed.poll()

        async def poll() -> object:
            return await feed.poll()

        async for what, outcome in wire.oddly_answered(poll, spoilt):
            if isinstance(outcome, Reading) and what.in_an_item:
                gone = _withdrawn(before, outcome)
                said = outcome.problems or outcome.left_out or _renamed(before, outcome)
                ensure(said or not gone, f"{what}: {_few(gone)} is gone in silence")


async def one_broken_alert_keeps_no_other_back(bench: HazardsBench) -> None:
    """An alert nobody can read is a problem of its own; the others are listed."""
    break_one = given(bench.break_one, "way to break an alert")
    withdraw = given(bench.withdraw, "way to withdraw")
    name = bench.key("broken")
    async with bench.adapter() as (feed, _):
        before = await feed.poll()
        await break_one(name)
        during = await feed.poll()
        await withdraw(name)
    ensure(_ids(during) >= _ids(before), "the others are gone")
    said = during.problems or during.unreadable or not during.complete
    ensure(said, "nothing is said of the one that cannot be read")


CHECKS: tuple[Check[HazardsBench], ...] = (
    *reads(Section.HAZARDS, every_poll_lists_the_whole_set),
    *wire.CHECKS,
    *reads(
        Section.HAZARDS,
        a_poll_that_fails_withdraws_nothing,
        no_alert_vanishes_without_a_word,
        a_new_alert_comes_and_a_withdrawn_one_goes,
        one_broken_alert_keeps_no_other_back,
    ),
)


async def _polled(feed: HazardFeed) -> Reading | None:
    try:
        return await feed.poll()
    except ConnectorError:
        return None


def _withdrawn(before: Reading, now: Reading | None) -> set[str]:
    """Return the alerts that a reading would take back, as the desk reckons."""
    if now is None or not now.complete:
        return set()
    lost = set(now.unreadable)
    kept = {id for id in _ids(before) if id in lost or id.partition("#")[0] in lost}
    return _ids(before) - _ids(now) - kept


def _renamed(before: Reading, now: Reading) -> bool:
    """Tell whether as many alerts are listed as before: an id may be what is odd."""
    return len(now.hazards) >= len(before.hazards)


def _ids(reading: Reading) -> set[str]:
    return {hazard.id for hazard in reading.hazards}


def _few(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids)[:3])
