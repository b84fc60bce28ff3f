"""What must hold of every business clock."""

from datetime import timedelta

from conformance import wire
from conformance.bench import ClockBench
from conformance.running import Check, Section, ensure, reads


async def the_time_is_told_in_utc(bench: ClockBench) -> None:
    """An instant is told with its offset, and the offset is that of UTC."""
    async with bench.adapter() as (clock, _):
        now = await clock.now()
        ensure(now.tzinfo is not None, f"{now} has no offset")
        ensure(now.utcoffset() == timedelta(0), f"{now} is not in UTC")


async def the_time_does_not_run_backwards(bench: ClockBench) -> None:
    """Of two answers the later one is not the earlier instant."""
    async with bench.adapter() as (clock, _):
        first, second = await clock.now(), await clock.now()
        ensure(second >= first, f"after {first} it tells {second}")


CHECKS: tuple[Check[ClockBench], ...] = (
    *reads(Section.CLOCKS, the_time_is_told_in_utc, the_time_does_not_run_backwards),
    *wire.CHECKS,
)
