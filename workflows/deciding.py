"""Takes an order from acceptance to a plan: gather, classify, decide."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.classifying import Classifying, ClassifyOrder
    from activities.decided import DecideOrder
    from activities.deciding import Deciding
    from activities.gathering import GatherFacts, Gathering
    from domain.order import FINAL
    from domain.outcome import Outcome
    from workflows.options import SOLVER, STORE
    from workflows.state import OrderState


async def gather(state: OrderState) -> Outcome | None:
    """Accept the order; answer at once for one that ended before."""
    gathered = await workflow.execute_activity_method(
        Gathering.gather,
        GatherFacts(order=state.order),
        summary="Accept the order and gather its facts",
        **STORE,
    )
    state.time.saw(gathered.as_of)
    state.order = gathered.order
    state.digest = gathered.digest or state.digest
    if gathered.again not in FINAL:
        return None
    return Outcome(
        order_id=state.order.id,
        status=gathered.again,
        reason="the same order already ended under this id",
        ended_at=gathered.as_of,
    )


async def classify(state: OrderState) -> None:
    """Find the order's segments; all of its lines are then to be decided."""
    state.classified = await workflow.execute_activity_method(
        Classifying.classify,
        ClassifyOrder(order=state.order, as_of=state.time.now()),
        summary="Find the order's segments and their policy",
        **STORE,
    )
    state.remainder = state.order.lines


async def decide(state: OrderState) -> None:
    """Decide what is left to place, and judge the plan."""
    lines = state.remainder
    decided = await workflow.execute_activity_method(
        Deciding.decide,
        DecideOrder(
            order=state.order,
            lines=lines,
            revision=state.revision + 1,
            policy=state.policy,
            classification=state.classification,
            blocks=tuple(state.blocks),
            rates=tuple(state.rates),
        ),
        summary=f"Decide {len(lines)} line{'s' * (len(lines) != 1)}, "
        f"revision {state.revision + 1}",
        priority=state.priority,
        **SOLVER,
    )
    state.take_plan(decided)
    state.judge()
