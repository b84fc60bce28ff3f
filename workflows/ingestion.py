"""Events handed over through Temporal: kept once, whoever dies meanwhile."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.keeping import IngestEvents, Keeping
    from domain.event import Ingested
    from workflows.options import BOOKS


@workflow.defn
class EventIngestion:
    """One batch of events on its way into the store."""

    @workflow.run
    async def run(self, command: IngestEvents) -> Ingested:
        """Keep the events and answer what became of them."""
        return await workflow.execute_activity_method(
            Keeping.ingest_events,
            command,
            summary=f"Keep {len(command.events)} events, each once",
            **BOOKS,
        )
