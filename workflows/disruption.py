"""Watches weather, carriers and centers for as long as there are workers."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.watching import FRESH_FOR, Watching
    from workflows.options import BOOKS

# The id of the only one there is.
WATCH = "disruptions/watch"
EVENTS_AT_MOST = 4_000
# Feeds say nothing by themselves: they are asked as often as they are fresh.
EVERY = FRESH_FOR + timedelta(seconds=1)


@workflow.defn
class DisruptionWatch:
    """Looks at every feed and lane again and again; orders hear what concerns them."""

    @workflow.run
    async def run(self) -> None:
        """Look, sleep; then the same anew with a short history."""
        info = workflow.info()
        while not (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > EVENTS_AT_MOST
        ):
            await workflow.execute_activity_method(
                Watching.watch_disruptions,
                summary="Ask the feeds for alerts, and see how lanes do",
                **BOOKS,
            )
            await workflow.sleep(EVERY)
        workflow.continue_as_new()
