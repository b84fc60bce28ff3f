"""What is asked of the optimizer, and its decision: as kept, and in brief."""

from pydantic import Field

from activities.forecasting import weather_known
from domain.order import Line, Order
from domain.plan import Block, Cost, DecidedBy, Decision, LiveRate, Pin, Plan, Unplaced
from domain.policy import Policy
from domain.quantities import DecisionId, Instant, Value
from domain.segment import Classification
from domain.shopping import Silent
from optimizer.problem import Problem, Task

# The reasons a workflow keeps of an order without a plan.
EXCLUDED_KEPT = 5


class DecideOrder(Value):
    """Decide these lines of the order, as its n-th revision.

    ``lines`` are what is not yet on its way. ``silent`` are the connections that
    were asked for ``rates`` and told none.
    """

    order: Order
    lines: tuple[Line, ...]
    revision: int
    policy: Policy = Policy()
    classification: Classification = Classification()
    blocks: tuple[Block, ...] = ()
    rates: tuple[LiveRate, ...] = ()
    silent: tuple[Silent, ...] = ()


class OverridePlan(DecideOrder):
    """Replace the plan of some lines by what an operator wants.

    ``replaces`` are the revisions whose claims are given up, if the wish is
    feasible; ``replaced`` is the cost by term of what it replaces. With
    ``commit`` False the wish is only priced.
    """

    replaces: tuple[int, ...] = ()
    replaced_cents: int | None = None
    replaced: Cost = Field(default_factory=dict)
    pin: Pin
    operator: str
    reason: str
    commit: bool = True


class Decided(Value):
    """A decision in the size a workflow keeps; the store has all of it.

    Exactly one of ``plan``, ``unplaced`` and ``refusal`` is set; a refusal is
    one sentence and changes nothing. ``delta`` is what an override costs more
    or less than what it replaces, term by term. ``rates`` and ``silent`` are the
    decision's.
    """

    decision_id: DecisionId = DecisionId("")
    revision: int = 0
    as_of: Instant
    plan: Plan | None = None
    unplaced: Unplaced | None = None
    refusal: str | None = None
    delta_cents: int | None = None
    delta: Cost = Field(default_factory=dict)
    rates: tuple[LiveRate, ...] = ()
    silent: tuple[Silent, ...] = ()


def task_of(ask: DecideOrder, pin: Pin | None = None) -> Task:
    """Return what the optimizer is asked."""
    return Task(
        order=ask.order,
        lines=ask.lines,
        policy=ask.policy,
        blocks=ask.blocks,
        pin=pin,
        rates=ask.rates,
    )


def decision_of(
    ask: DecideOrder, answer: Plan | Unplaced, problem: Problem
) -> Decision:
    """Return the decision as it is kept, with all it rests on."""
    decision = Decision(
        id=DecisionId(f"{ask.order.id}.{ask.revision}"),
        order_id=ask.order.id,
        revision=ask.revision,
        as_of=problem.as_of,
        plan=answer if isinstance(answer, Plan) else None,
        unplaced=answer if isinstance(answer, Unplaced) else None,
        policy=ask.policy,
        classification=ask.classification,
        network_version=problem.network.version,
        blocks=ask.blocks,
        weather=weather_known(problem, ask.lines, ask.order.ship_to),
        rates=ask.rates,
        silent=ask.silent,
    )
    if not isinstance(ask, OverridePlan):
        return decision
    before = ask.replaced_cents
    return decision.model_copy(
        update={
            "made_by": DecidedBy.OPERATOR,
            "pin": ask.pin,
            "operator": ask.operator,
            "reason": ask.reason,
            "delta_cents": answer.total_cents - before
            if isinstance(answer, Plan) and before is not None
            else None,
        }
    )


def brief(decision: Decision) -> Decided:
    """Return a decision in the size a workflow keeps."""
    unplaced = decision.unplaced
    return Decided(
        decision_id=decision.id,
        revision=decision.revision,
        as_of=decision.as_of,
        plan=decision.plan.brief() if decision.plan else None,
        unplaced=unplaced.model_copy(
            update={"excluded": unplaced.excluded[:EXCLUDED_KEPT]}
        )
        if unplaced
        else None,
        delta_cents=decision.delta_cents,
        delta=decision.delta,
        rates=decision.rates,
        silent=decision.silent,
    )
