"""Events of a customer change the segments, and so the ways, of open orders."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from domain.event import BusinessEvent
from domain.order import Order, OrderStatus
from domain.policy import Effects
from domain.subject import SubjectKind
from lanewise.keeping import ensure_keeper
from lanewise.people import Pseudonyms
from store import changes
from tests.builders import a_segment
from tests.fakes import pause
from tests.workflow.scene import Scene, end
from tests.workflow.test_looking_again import under
from workflows.keeper import KEEPER

ANGRY = a_segment(
    id="angry",
    title="Complained today",
    on=SubjectKind.CUSTOMER,
    when='events("complained", within="1d") >= 1',
    effects=Effects(review="a person calls the customer first"),
)


@pytest_asyncio.fixture
async def kept(timely: Scene) -> AsyncIterator[Scene]:
    """A scene whose segments are kept, under a rule on complaints."""
    under(timely, ANGRY)
    await ensure_keeper(timely.client, timely.task_queue)
    yield timely
    await end(timely, KEEPER)


async def complains(scene: Scene, order: Order) -> None:
    said = BusinessEvent(
        id=f"{order.id}-complaint",
        kind="complained",
        occurred_at=scene.clock.at,
        customer_id=order.customer_id,
    )
    await scene.lanewise.ingest([said])
    await ensure_keeper(scene.client, scene.task_queue)


async def test_a_complaint_sends_the_customers_open_order_to_a_person(
    kept: Scene,
) -> None:
    reserving = kept.warehouse.on("reserve", pause())
    order = kept.order()
    await kept.submit(order)
    await reserving.reached.wait()

    await complains(kept, order)
    await told(kept, order)
    reserving.go_on.set()

    progress = await kept.at(order, OrderStatus.REVIEW)
    assert progress.review == ("angry: a person calls the customer first",)
    assert progress.segments == ("angry",)


async def test_the_order_goes_on_by_itself_when_the_complaint_no_longer_counts(
    kept: Scene,
) -> None:
    order = kept.order()
    await complains(kept, order)
    await kept.submit(order)
    await kept.at(order, OrderStatus.REVIEW)

    await kept.pass_time(timedelta(days=1))

    progress = await kept.released(order)
    assert progress.segments == ()


async def test_events_of_a_bare_client_are_kept_under_the_pseudonym(
    kept: Scene,
) -> None:
    order = kept.order()

    await complains(kept, order)

    alias = Pseudonyms(kept.store).find(order.customer_id)
    assert alias is not None
    with kept.store.reading() as session:
        said = changes.log(session)
    assert all(order.customer_id not in change.subject for change in said)


async def told(scene: Scene, order: Order) -> None:
    """Wait until the order has heard that its customer's segments changed."""

    async def heard() -> bool:
        history = await scene.handle(order).fetch_history()
        return any(
            event.workflow_execution_signaled_event_attributes.signal_name
            == "facts_changed"
            for event in history.events
        )

    await scene.until(heard, bool)
