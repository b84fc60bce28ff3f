"""Keeps customers, SKUs and lanes in their segments, for as long as there are any.

- it looks at whoever has news or is due, until nobody is left
- it tells open orders what changed
- it sleeps until the next membership changes by itself, or somebody brings news
- once a day it finds anew where the classes of the population begin

Everything it knows is in the store: it may end at any instant and begin again.
"""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.keeping import Keeping, KeepSegments, Kept
    from domain.quantities import Instant, Value
    from workflows.options import BOOKS

# The id of the only one there is.
KEEPER = "segments/keeper"
# A membership ends on the second; a timer that fires early is armed again.
SHORTEST = timedelta(seconds=1)
# Long before a history's limit, where the server does not say so itself.
EVENTS_AT_MOST = 4_000


class KeepOn(Value):
    """Keep segments; ``rank_at`` is when the population is ranked again."""

    rank_at: Instant | None = None


@workflow.defn
class SegmentKeeper:
    """The one who looks at subjects; started with the workers, never ending."""

    @workflow.init
    def __init__(self, command: KeepOn) -> None:
        self._rank_at = command.rank_at
        self._news = False

    @workflow.run
    async def run(self, command: KeepOn) -> None:
        """Look, tell, sleep; then the same anew with a short history."""
        while not self._grown():
            self._news = False
            kept = await self._keep()
            if self._rank_at is None or self._rank_at <= kept.as_of:
                await self._rank()
                continue
            await self._publish()
            await self._rest(kept)
        workflow.continue_as_new(KeepOn(rank_at=self._rank_at))

    @workflow.signal
    def news(self) -> None:
        """Look again: something happened, or time has jumped."""
        self._news = True

    async def _keep(self) -> Kept:
        while True:
            kept = await workflow.execute_activity_method(
                Keeping.keep_segments,
                KeepSegments(),
                summary="Look at whoever has news or is due",
                **BOOKS,
            )
            if not kept.more:
                return kept

    async def _publish(self) -> None:
        more = True
        while more:
            told = await workflow.execute_activity_method(
                Keeping.publish_changes,
                summary="Tell open orders what changed",
                **BOOKS,
            )
            more = told.more

    async def _rank(self) -> None:
        self._rank_at = await workflow.execute_activity_method(
            Keeping.rank_population,
            summary="Find where classes begin, forget what counts no longer",
            **BOOKS,
        )

    async def _rest(self, kept: Kept) -> None:
        """Sleep by the business clock as it stood: it may stand still meanwhile."""
        until = min(at for at in (kept.next_due, self._rank_at) if at is not None)
        try:
            await workflow.wait_condition(
                lambda: self._news,
                timeout=max(SHORTEST, until - kept.as_of),
                timeout_summary="Until the next membership changes by itself",
            )
        except TimeoutError:
            return

    def _grown(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > EVENTS_AT_MOST
        )
