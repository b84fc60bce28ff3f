"""What an order's workflow remembers, and the rules by which it changes.

Nothing here waits or acts: effects are where they are awaited.
"""

import asyncio
from collections.abc import Iterable

from temporalio import workflow
from temporalio.common import Priority

with workflow.unsafe.imports_passed_through():
    from activities.classifying import Classified
    from activities.decided import Decided
    from domain.errors import IllegalMove
    from domain.order import Event, Line, Order, OrderStatus, after, why_not
    from domain.plan import Block, LiveRate
    from domain.policy import Policy
    from domain.quantities import DecisionId
    from domain.segment import Classification
    from domain.shipping import ParcelStatus
    from workflows.desk import DecisionView, Progress, dollars
    from workflows.parcel import ParcelReport
    from workflows.shipment import Shipment
    from workflows.stage import Refusal, Stage
    from workflows.timing import BusinessTime

# Refusals that are decided around before a person is asked.
REFUSALS_BEFORE_REVIEW = 3

_COMMITTED = (OrderStatus.COMMITTING, OrderStatus.RELEASED, OrderStatus.HANDED_OVER)


class OrderState:
    """An order in the middle of its life."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.digest = order.digest()
        self.time = BusinessTime()
        self.status = OrderStatus.RECEIVED
        self.classified: Classified | None = None
        self.decided: Decided | None = None
        self.decisions: list[DecisionId] = []
        self.revision = 0
        self.remainder: tuple[Line, ...] = ()
        self.shipments: list[Shipment] = []
        self.reports: dict[str, ParcelReport] = {}
        self.blocks: list[Block] = []
        self.rates: list[LiveRate] = []
        self.refusals: list[str] = []
        self.alarms: list[str] = []
        self.review: tuple[str, ...] = ()
        self.approved_cents: int | None = None
        # What a person has seen and let pass.
        self._seen: frozenset[str] = frozenset()
        self.overrides = 0
        self.reason = ""
        self.loose_ends: list[asyncio.Task[object]] = []

    @property
    def policy(self) -> Policy:
        return self.classified.policy if self.classified else Policy()

    @property
    def classification(self) -> Classification:
        return self.classified.classification if self.classified else Classification()

    @property
    def segments(self) -> tuple[str, ...]:
        memberships = self.classification.memberships
        return tuple(dict.fromkeys(m.segment for m in memberships))

    @property
    def priority(self) -> Priority:
        policy = self.policy
        return Priority(
            priority_key=policy.queue_priority,
            fairness_key=policy.fairness_key or None,
        )

    @property
    def total_cents(self) -> int:
        plan = self.decided.plan if self.decided else None
        return plan.total_cents if plan else 0

    def opened(self) -> list[Shipment]:
        """List the parcels whose goods have not left."""
        return [shipment for shipment in self.shipments if shipment.open]

    def rates_of(self, lines: Iterable[Line]) -> tuple[LiveRate, ...]:
        """Return what carriers said these lines cost; the later word comes last.

        What they said of the parcels planned holds for their very goods alone.
        """
        return (*self._told_of(lines), *self.rates)

    def departed(self) -> list[Shipment]:
        """List the parcels a carrier or customer has or had."""
        return [s for s in self.shipments if s.stage in (Stage.SHIPPED, Stage.ENDED)]

    def uncommitted(self) -> list[Shipment]:
        """List the parcels not yet released, the one furthest behind first.

        So nothing is bought before everything is reserved, and nothing released
        before everything is bought.
        """
        stages = (Stage.PLANNED, Stage.RESERVED, Stage.OFFERED, Stage.BOOKED)
        waiting = [s for s in self.shipments if s.stage in stages]
        return sorted(waiting, key=lambda s: stages.index(s.as_good_as))

    def shipment_of(self, parcel: str) -> Shipment | None:
        """Return the parcel of that id, None if this order has none such."""
        return next((s for s in self.shipments if s.parcel_id == parcel), None)

    def ended(self) -> bool:
        """Tell whether every parcel came to its end and nothing is left to place."""
        return (
            bool(self.shipments)
            and not self.remainder
            and not any(shipment.alive for shipment in self.shipments)
        )

    def may(self, event: Event) -> bool:
        """Tell whether the event is allowed in this status."""
        return after(self.status, event) is not None

    def move(self, event: Event) -> None:
        """Take the status the event leads to; IllegalMove where there is none."""
        status = after(self.status, event)
        if status is None:
            raise IllegalMove(why_not(self.status, event))
        self.status = status

    def again(self, lines: Iterable[Line]) -> None:
        """Put lines back to be decided, adding units of the same SKU together."""
        units = {line.sku: line.units for line in self.remainder}
        for line in lines:
            units[line.sku] = units.get(line.sku, 0) + line.units
        self.remainder = tuple(
            Line(sku=line.sku, units=units[line.sku])
            for line in self.order.lines
            if units.get(line.sku)
        )
        if self.status in _COMMITTED:
            self.move(Event.REPLAN)

    def refused(self, refusal: Refusal) -> None:
        """Remember a refusal, so that it is not asked for again."""
        self.refusals.append(refusal.why)
        self.blocks += refusal.blocks
        self.rates += [self._in_proportion(rate) for rate in refusal.rates]

    def take_plan(self, decided: Decided) -> None:
        """Adopt a decision: its parcels are planned, nothing is left to place."""
        self.time.saw(decided.as_of)
        self.decided = decided
        self.revision = decided.revision
        self.decisions.append(decided.decision_id)
        if decided.plan is None:
            return
        self.remainder = ()
        for parcel in decided.plan.parcels:
            number = len(self.shipments) + 1
            self.shipments.append(
                Shipment(
                    self.order,
                    number,
                    decided.revision,
                    parcel,
                    self.policy.limits,
                    self.priority,
                )
            )

    def asks_for_person(self) -> tuple[str, ...]:
        """List what must be shown to a person whatever the plan will be."""
        seen = self._seen if self.approved_cents is not None else frozenset()
        reasons = list(self.alarms)
        reasons += [why for why in self._asked_by_policy() if why not in seen]
        if len(self.refusals) >= REFUSALS_BEFORE_REVIEW:
            reasons += [f"refused: {why}" for why in self.refusals]
        return tuple(dict.fromkeys(reasons))

    def _asked_by_policy(self) -> tuple[str, ...]:
        return (
            *self.policy.review,
            *(
                f"{c.segments[0]} and {c.segments[1]} conflict on {c.term}: {c.why}"
                for c in self.policy.conflicts
            ),
        )

    def judge(self) -> None:
        """Send the decision just taken on its way, or to a person."""
        self.review = self._doubts()
        self.move(Event.REVIEW_ASKED if self.review else Event.DECIDED)

    def _doubts(self) -> tuple[str, ...]:
        """List everything for which a person must see the decision in force."""
        assert self.decided is not None
        reasons = list(self.asks_for_person())
        approved = self.approved_cents
        limit = self.policy.review_above_cents
        if self.decided.unplaced is not None:
            reasons += [
                f"no feasible plan: {why}" for why in self.decided.unplaced.reasons
            ]
        elif approved is None and limit is not None and self.total_cents > limit:
            reasons.append(
                f"it costs {dollars(self.total_cents)}, more than {dollars(limit)}"
            )
        elif approved is not None and self.total_cents > approved:
            reasons.append(
                f"it now costs {dollars(self.total_cents)}; "
                f"{dollars(approved)} were approved"
            )
        return tuple(dict.fromkeys(reasons))

    def try_again(self) -> None:
        """Have lines that found no way decided again, now that facts changed."""
        if self.status is OrderStatus.REVIEW and not self._placed():
            self.review = ()
            self.move(Event.APPROVE)

    def replan(self, decided: Decided, why: str) -> None:
        """Take a better plan in place of the one that stood."""
        if self.status in _COMMITTED:
            self.move(Event.REPLAN)
        if self.status is OrderStatus.REVIEW:
            # The doubts were about another plan; this one is judged by itself.
            self.review = ()
            self.move(Event.APPROVE)
        self.take_plan(decided)
        self.reason = why if self.status is not OrderStatus.HELD else self.reason
        self.judge()

    def ask_anew(self) -> None:
        """Show the plan that stands to a person, or no longer, as its segments ask."""
        reasons = self._doubts()
        if self.status is OrderStatus.REVIEW and not reasons:
            self.review = ()
            self.move(Event.APPROVE)
        elif reasons and self.may(Event.REVIEW_ASKED):
            self.review = reasons
            self.move(Event.REVIEW_ASKED)

    def doubt(self, why: str) -> None:
        """Have a person look at a plan that is no longer allowed, without another."""
        self.alarms.append(why)
        if self.may(Event.REVIEW_ASKED):
            self.review = tuple(dict.fromkeys((*self.review, why)))
            self.move(Event.REVIEW_ASKED)
        else:
            self.reason = why

    def approve(self) -> None:
        """Let the plan under review pass, or have an impossible one tried again."""
        self.approved_cents = self.total_cents if self._placed() else None
        self.settle_doubts()
        self.move(Event.APPROVE)

    def settle_doubts(self) -> None:
        """Forget what asked for a person: a person has spoken."""
        self.review = ()
        self._seen = frozenset(self._asked_by_policy())
        self.refusals.clear()
        self.alarms.clear()

    def all_released(self) -> None:
        """Take note that every parcel is on a floor, if it has not left already."""
        self.move(Event.RELEASE)
        if not self.opened():
            self.move(Event.HAND_OVER)

    def never_arrived(self, shipment: Shipment) -> None:
        """Have a person look at a parcel that the carrier lost or brought back."""
        report = self.reports[shipment.parcel_id]
        shipment.stage = Stage.LOST
        self.approved_cents = None
        alarm = (
            f"{shipment.parcel_id} is {report.status.value} with "
            f"{shipment.parcel.carrier}; approve to send the goods again"
        )
        self.alarms.append(alarm)
        if self.review:
            self.review += (alarm,)
        self.again(shipment.lines)

    def undelivered(self) -> list[Shipment]:
        """List parcels a carrier lost or brought back, not yet dealt with."""
        failed = (
            ParcelStatus.LOST,
            ParcelStatus.RETURNED,
            ParcelStatus.VOIDED,
            ParcelStatus.UNKNOWN,
        )
        return [
            s
            for s in self.shipments
            if s.stage is Stage.ENDED
            and (report := self.reports.get(s.parcel_id)) is not None
            and report.status in failed
        ]

    def view(self) -> DecisionView:
        """Return the plan in force, for queries and the desk."""
        decided = self.decided
        return DecisionView(
            order_id=self.order.id,
            revision=self.revision,
            decision_id=decided.decision_id if decided else DecisionId(""),
            status=self.status,
            plan=decided.plan if decided else None,
            unplaced=decided.unplaced if decided else None,
            review=self.review,
            words=self.classified.words if self.classified else (),
            reason=self.reason,
            rates=decided.rates if decided else (),
            silent=decided.silent if decided else (),
        )

    def progress(self) -> Progress:
        """Return where the order stands, in short."""
        return Progress(
            order_id=self.order.id,
            digest=self.digest,
            status=self.status,
            revision=self.revision,
            review=self.review,
            refusals=len(self.refusals),
            segments=self.segments,
            parcels=tuple(shipment.words() for shipment in self.shipments),
        )

    def _in_proportion(self, rate: LiveRate) -> LiveRate:
        """Tell what the tables say of a parcel that was planned at a live price."""
        rates = self.decided.rates if self.decided else ()
        before = [r for r in rates if (r.fc, r.service) == (rate.fc, rate.service)]
        if not before or rate.table_cents is None:
            return rate
        of, cents = before[-1].table_cents, before[-1].cents
        table = round(rate.table_cents * of / cents) if of and cents else None
        return rate.model_copy(update={"table_cents": table or None})

    def _told_of(self, lines: Iterable[Line]) -> tuple[LiveRate, ...]:
        if self.decided is None or self.decided.plan is None:
            return ()
        planned: dict[str, int] = {}
        for line in (li for p in self.decided.plan.parcels for li in p.lines):
            planned[line.sku] = planned.get(line.sku, 0) + line.units
        if planned != {line.sku: line.units for line in lines}:
            return ()
        return tuple(rate for rate in self.decided.rates if rate.connection)

    def _placed(self) -> bool:
        return self.decided is not None and self.decided.plan is not None
