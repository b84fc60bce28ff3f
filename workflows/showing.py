"""Lets lists, searches and the desk see where an order stands."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.recording import NoteStatus, Recording
    from domain.plan import total
    from workflows import names
    from workflows.desk import decision_markdown
    from workflows.options import STORE
    from workflows.stage import Stage
    from workflows.state import OrderState


def show(state: OrderState) -> None:
    """Put the decision in words where Temporal's UI shows them."""
    workflow.set_current_details(decision_markdown(state.view()))


def publish(state: OrderState) -> None:
    """Let lists, searches and the desk see where the order stands."""
    alive = [s.parcel for s in state.shipments if s.stage is not Stage.UNDONE]
    workflow.upsert_search_attributes(
        [
            names.SEGMENTS.value_set(names.keywords(state.segments)),
            names.STATUS.value_set(state.status.value),
            names.REVIEW.value_set("waiting" if state.review else "no"),
            names.COST_CENTS.value_set(sum(total(p.cost) for p in alive)),
            names.CENTERS.value_set(names.keywords(p.fc for p in alive)),
            names.CARRIERS.value_set(names.keywords(p.carrier for p in alive)),
        ]
    )
    show(state)


async def note(state: OrderState) -> None:
    """Keep a status in which the order may rest for long."""
    publish(state)
    await workflow.execute_activity_method(
        Recording.note_status,
        NoteStatus(
            order_id=state.order.id,
            status=state.status,
            revisions=tuple(sorted({s.revision for s in state.opened()})),
            as_of=state.time.now(),
        ),
        summary=f"Note that the order is {state.status.value}",
        **STORE,
    )
