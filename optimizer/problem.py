"""What a joint decision is made from, and how much work it may take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.forecast import Forecast
from domain.hazard import Hazard
from domain.network import Network
from domain.order import Line, Order
from domain.plan import Block, LiveRate, Pin, Plan, SolverRecord, Unplaced
from domain.policy import Policy
from domain.quantities import CarrierId, FcId, OrderId, Place, SkuId
from domain.sku import Sku

if TYPE_CHECKING:
    # What these are made of is made of the problem's own parts.
    from optimizer.prices import Prices
    from optimizer.programs import Solver


@dataclass(frozen=True, slots=True)
class Task:
    """One order (or what remains of it) to be decided.

    ``lines`` are the units still to be placed, a part of ``order.lines``.
    ``blocks`` are refusals to heed, ``pin`` an operator's wish that every
    parcel must follow, ``rates`` carriers' own quotes that replace the tables.
    """

    order: Order
    lines: tuple[Line, ...]
    policy: Policy = field(default_factory=Policy)
    blocks: tuple[Block, ...] = ()
    pin: Pin | None = None
    rates: tuple[LiveRate, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A snapshot: nothing in it changes and no clock is read.

    ``stock`` is units free per center and SKU (absent: none), unless the
    network does not count stock. ``fc_lines`` and ``fc_orders`` are what a
    center can still take on a day of its calendar, at no extra cost (absent:
    the full declared capacity); ``carrier_parcels`` likewise per center,
    carrier and pickup day. ``vehicle_g`` is the billable weight that already rides
    on a center's run (see ``CarrierService.runs_from``) of a pickup day: the
    vehicles for it are paid. ``weather`` is what is expected at centers and
    destinations, each alone; lanes of whose hours it does not know all are reckoned
    with as if it did not matter.
    """

    as_of: datetime
    network: Network
    skus: Mapping[SkuId, Sku]
    tasks: tuple[Task, ...]
    stock: Mapping[tuple[FcId, SkuId], int] = field(default_factory=dict)
    fc_lines: Mapping[tuple[FcId, date], int] = field(default_factory=dict)
    fc_orders: Mapping[tuple[FcId, date], int] = field(default_factory=dict)
    carrier_parcels: Mapping[tuple[FcId, CarrierId, date], int] = field(
        default_factory=dict
    )
    vehicle_g: Mapping[tuple[FcId, str, date], int] = field(default_factory=dict)
    hazards: tuple[Hazard, ...] = ()
    weather: Mapping[Place, Forecast] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look: a seed and limits of work, never of seconds.

    ``solver_work`` is in hundreds of branch-and-bound nodes: 0 stays greedy,
    0.01 stops at the prices of the linear program.

    ``should_stop`` is asked between steps; once it says yes, the best answer
    so far is given, with the rung that found it. Orders not looked at by then
    are served by the fallback table: ``table_orders`` of them, or a fortieth of those
    looked at; the rest is held. ``work`` stops each joint choice once so much was
    done. ``until`` is the record of a run that was stopped: this run goes exactly
    as far.

    ``prices`` of an earlier wave are where this one begins. With ``under_prices``
    they are also part of what options cost when one is chosen (never of what is
    reported): what orders yet to come would lose. ``solver`` is where linear and
    integer programs are solved; by default in this process.
    """

    seed: int = 0
    options_per_order: int = 64
    alternatives: int = 5
    solver_work: float = 20.0
    should_stop: Callable[[], bool] | None = None
    work: int | None = None
    prices: "Prices | None" = None
    under_prices: bool = False
    solver: "Solver | None" = None
    table_orders: int = 8
    until: SolverRecord | None = None

    def stopped(self) -> bool:
        """Ask whether the caller wants whatever there is by now."""
        return self.should_stop is not None and self.should_stop()

    @property
    def repeats(self) -> SolverRecord | None:
        """Return the record of the stopped run to repeat; whole runs need none."""
        return self.until if self.until is not None and self.until.stopped else None


@dataclass(frozen=True, slots=True)
class Result:
    """A plan or the reasons for none, for every task, in the tasks' order.

    ``prices`` are what one more of each contested thing was worth to all.
    """

    answers: tuple[Plan | Unplaced, ...]
    record: SolverRecord
    prices: "Prices | None" = None

    def plan_of(self, order: OrderId) -> Plan | None:
        """Return the plan of that order, None where it has none."""
        for answer in self.answers:
            if answer.order_id == order and isinstance(answer, Plan):
                return answer
        return None
