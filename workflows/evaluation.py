"""What would be decided: the non-committing question, asked through Temporal."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.evaluating import Evaluated, EvaluateOrders, Evaluating
    from workflows.options import SOLVER


@workflow.defn
class OrderEvaluation:
    """One question about some orders; it commits nothing."""

    @workflow.run
    async def run(self, command: EvaluateOrders) -> Evaluated:
        """Answer how each order would go, decided together."""
        return await workflow.execute_activity_method(
            Evaluating.evaluate,
            command,
            summary=f"Evaluate {len(command.orders)} orders, committing nothing",
            **SOLVER,
        )
