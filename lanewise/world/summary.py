"""What a run of the demo amounts to, in numbers and in tables."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from rich.table import Table
from sqlmodel import Session

from domain.order import OrderStatus
from domain.outcome import Outcome, ParcelOutcome
from domain.plan import CASH_TERMS, DecidedBy, Decision, total
from domain.shipping import ParcelStatus
from domain.subject import SubjectKind, kind_of
from store import changes, decisions, orders, outcomes, segments
from store.engine import Store
from workflows.desk import dollars


@dataclass
class Tally:
    """Orders of one kind, added up."""

    orders: int = 0
    ended: int = 0
    cost_cents: int = 0
    on_time: int = 0
    promised: int = 0
    splits: int = 0
    centers: Counter[str] = field(default_factory=Counter)
    carriers: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome | None, carrier_of: dict[str, str]) -> None:
        """Count one order in; None is an order that has not ended."""
        self.orders += 1
        if outcome is None or outcome.status is not OrderStatus.DELIVERED:
            return
        self.ended += 1
        self.cost_cents += total(outcome.planned_cost)
        went = really_went(outcome)
        self.splits += len(went) - 1
        if outcome.on_time is not None:
            self.promised += 1
            self.on_time += outcome.on_time
        for parcel in went:
            self.centers[parcel.fc] += 1
            self.carriers[carrier_of[parcel.service]] += 1
            self.methods[parcel.method] += 1

    @property
    def on_time_pct(self) -> float | None:
        return round(100 * self.on_time / self.promised, 1) if self.promised else None


@dataclass(frozen=True)
class Traffic:
    """How segments were entered and left while the world ran.

    ``orders_changed`` are the orders whose segments changed after they were
    first known, ``orders_moved`` those planned anew because facts had changed.
    """

    orders_entered: int = 0
    orders_left: int = 0
    customers_entered: int = 0
    customers_left: int = 0
    orders_changed: int = 0
    orders_moved: int = 0

    def line(self) -> str:
        """Say it in a sentence."""
        return (
            f"Segments: orders entered {self.orders_entered} and left "
            f"{self.orders_left}, customers entered {self.customers_entered} and left "
            f"{self.customers_left}; {self.orders_changed} orders changed theirs on "
            f"the way, {self.orders_moved} were planned anew as facts changed."
        )


@dataclass(frozen=True)
class Summary:
    """A whole run: every order, and each segment's."""

    whole: Tally
    by_segment: dict[str, Tally]
    statuses: dict[str, int]
    cash_cents: int
    decided_again: int
    overrides: int
    traffic: Traffic

    def document(self, workflows_in_temporal: int, wall_s: float) -> dict[str, Any]:
        """Return the run as the JSON that scripts read."""
        count = self.statuses.get
        return {
            "orders": self.whole.orders,
            "delivered": count("delivered", 0),
            "cancelled": count("cancelled", 0),
            "in_review": count("review", 0),
            "failed": count("failed", 0),
            "statuses": self.statuses,
            "segments": {name: t.orders for name, t in self.by_segment.items()},
            "membership_changes": asdict(self.traffic),
            "fulfillment_centers": dict(self.whole.centers),
            "carriers": dict(self.whole.carriers),
            "packing_methods": dict(self.whole.methods),
            "splits": self.whole.splits,
            "cost_cents_total": self.whole.cost_cents,
            "cash_cents_total": self.cash_cents,
            "on_time_pct": self.whole.on_time_pct,
            "decided_again": self.decided_again,
            "overrides": self.overrides,
            "workflows_in_temporal": workflows_in_temporal,
            "wall_s": round(wall_s, 1),
        }

    def table(self) -> Table:
        """Return the table by segment, as the demo shows it."""
        table = Table(title="By segment (delivered orders)")
        for name in ("segment", "orders", "cost/order", "on time", "splits"):
            table.add_column(name, justify="left" if name == "segment" else "right")
        for name in ("centers", "carriers", "packing"):
            table.add_column(name, overflow="fold")
        for name, tally in [*sorted(self.by_segment.items()), ("all", self.whole)]:
            pct = tally.on_time_pct
            table.add_row(
                name,
                str(tally.orders),
                dollars(tally.cost_cents // tally.ended) if tally.ended else "–",
                f"{pct} %" if pct is not None else "–",
                str(tally.splits),
                _most(tally.centers),
                _most(tally.carriers),
                _most(tally.methods),
            )
        return table


def summarize(store: Store, carrier_of: dict[str, str], since: datetime) -> Summary:
    """Add up everything the store knows of the run that began at an instant."""
    whole, by_segment, cash, again, overrides = Tally(), dict[str, Tally](), 0, 0, 0
    moved = 0
    with store.reading() as session:
        ended = {outcome.order_id: outcome for outcome in outcomes.listing(session)}
        for stored in orders.listing(session, limit=1_000_000):
            outcome = ended.get(stored.order.id)
            whole.add(outcome, carrier_of)
            classified = segments.of_order(session, stored.order.id)
            members = classified.memberships if classified else ()
            for name in sorted({m.segment for m in members}):
                by_segment.setdefault(name, Tally()).add(outcome, carrier_of)
            made = decisions.of_order(session, stored.order.id)
            again += len(made) > 1
            moved += any(_reconsidered(decision) for decision in made)
            if outcome is not None:
                overrides += outcome.overrides
                cash += sum(
                    cents
                    for term, cents in outcome.planned_cost.items()
                    if term in CASH_TERMS and outcome.status is OrderStatus.DELIVERED
                )
        counts = orders.counts(session)
        traffic = _traffic(session, since, moved)
    return Summary(
        whole=whole,
        by_segment=by_segment,
        statuses={status.value: n for status, n in counts.items() if n},
        cash_cents=cash,
        decided_again=again,
        overrides=overrides,
        traffic=traffic,
    )


def really_went(outcome: Outcome) -> list[ParcelOutcome]:
    """List the parcels that left, without those undone on the way."""
    return [p for p in outcome.parcels if p.status is not ParcelStatus.VOIDED]


def _reconsidered(decision: Decision) -> bool:
    """Tell whether a plan took another's place because facts had changed."""
    return bool(decision.reason) and decision.made_by is DecidedBy.OPTIMIZER


def _traffic(session: Session, since: datetime, moved: int) -> Traffic:
    count = Counter[tuple[SubjectKind, bool]]()
    instants: dict[str, set[datetime]] = {}
    for change in changes.log(session, since=since, limit=1_000_000):
        kind = kind_of(change.subject)
        count[kind, change.entered] += 1
        if kind is SubjectKind.ORDER:
            instants.setdefault(change.subject, set()).add(change.at)
    return Traffic(
        orders_entered=count[SubjectKind.ORDER, True],
        orders_left=count[SubjectKind.ORDER, False],
        customers_entered=count[SubjectKind.CUSTOMER, True],
        customers_left=count[SubjectKind.CUSTOMER, False],
        orders_changed=sum(len(at) > 1 for at in instants.values()),
        orders_moved=moved,
    )


def _most(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counter.most_common(3))
