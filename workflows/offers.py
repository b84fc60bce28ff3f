"""Freight carriers' words about one order: answers to its loads on offer.

- a yes is a booking, a no is decided around as any carrier's refusal
- no answer in time is a no, once the carrier has been asked
- a load given back later is decided around too, unless it has left
"""

from collections import deque
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.transport import LoadEvent, LoadUpdate
    from workflows.rerouting import decide_around
    from workflows.shipment import Shipment
    from workflows.stage import Refusal, Stage
    from workflows.state import OrderState


class Offers:
    """Loads on offer, and what was told of them: kept as it comes, heeded in turn."""

    def __init__(self, state: OrderState) -> None:
        self._state = state
        self._updates: deque[LoadUpdate] = deque()
        self._heard: set[str] = set()

    @property
    def news(self) -> bool:
        """Tell whether something was said that nobody has heeded yet."""
        return bool(self._updates)

    @property
    def awaited(self) -> bool:
        """Tell whether nothing goes on before a carrier has answered."""
        todo = self._state.uncommitted()
        return bool(todo) and todo[0].stage is Stage.OFFERED

    def told(self, update: LoadUpdate) -> None:
        """Keep a carrier's word; repetitions are dropped."""
        if update.event_id not in self._heard:
            self._heard.add(update.event_id)
            self._updates.append(update)

    def patience(self) -> timedelta | None:
        """Return how long no answer is fine; None where none is awaited."""
        due = [s.offer.until for s in self._offered() if s.offer is not None]
        return self._state.time.until(min(due)) if due else None

    async def catch_up(self) -> None:
        """Heed everything said so far, oldest first."""
        while self._updates:
            await self._take(self._updates.popleft())

    async def expire(self) -> None:
        """Ask once who has let its time go by; then others get the load."""
        now = self._state.time.now()
        for shipment in self._offered():
            offer = shipment.offer
            if offer is None or offer.until > now:
                continue
            try:
                answer = await offer.ask()
            except ActivityError as error:
                refusal: Refusal | None = shipment.gave_up(error)
            else:
                refusal = shipment.answered(answer, overdue=True)
            if refusal is not None:
                await decide_around(self._state, shipment, refusal)

    async def _take(self, update: LoadUpdate) -> None:
        self._state.time.saw(update.occurred_at)
        shipment = self._shipment_of(update.reference)
        if shipment is None or shipment.offer is None:
            return
        if not shipment.open:
            self._too_late(shipment, update)
            return
        refusal = shipment.answered(await shipment.offer.hear(update))
        if refusal is None:
            return
        await decide_around(self._state, shipment, refusal)
        if shipment.open:
            # Its floor would not stop: the goods will stand there for nobody.
            self._state.doubt(f"{refusal.why}; {shipment.parcel.fc} goes on with it")

    def _too_late(self, shipment: Shipment, update: LoadUpdate) -> None:
        workflow.logger.warning("%s: %s too late", update.reference, update.event)
        if shipment.stage is Stage.UNDONE and update.event is LoadEvent.ACCEPTED:
            # A truck may come in vain: a person should call.
            shipment.left_behind.append(
                f"{update.carrier} accepted {update.reference} after it was taken back"
            )

    def _offered(self) -> list[Shipment]:
        return [s for s in self._state.shipments if s.stage is Stage.OFFERED]

    def _shipment_of(self, reference: str) -> Shipment | None:
        return next(
            (
                s
                for s in self._state.shipments
                if s.offer is not None and s.offer.reference == reference
            ),
            None,
        )
