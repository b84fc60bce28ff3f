"""What operators send, and what they read: payloads and the decision in words."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import Field
from temporalio.exceptions import ApplicationError

from domain.network import PackingMethod
from domain.order import Event, OrderStatus, after
from domain.plan import Alternative, Cost, LiveRate, Parcel, Pin, Plan, Unplaced
from domain.quantities import DecisionId, Edge, FcId, Instant, ServiceId, Value
from domain.shopping import Silent
from workflows.why import dollars as dollars
from workflows.why import held_back, hurried, prices_told, would_change

# Runner-ups that are offered as payloads.
WISHES = 3

Who = Annotated[str, Field(min_length=1, max_length=80)]
Why = Annotated[str, Field(min_length=1, max_length=400)]


class Approve(Edge):
    """Let the plan under review go ahead."""

    operator: Who
    reason: str = ""
    revision: int | None = None


class Wish(Edge):
    """Another way for the order: any of center, service, packing."""

    fulfillment_center: FcId | None = None
    service: ServiceId | None = None
    packing: PackingMethod | None = None
    revision: int | None = None

    @property
    def pin(self) -> Pin:
        return Pin(
            fc=self.fulfillment_center, service=self.service, method=self.packing
        )


class PriceOverride(Wish):
    """Say what an override would cost, and do nothing; it takes the same payload."""

    operator: str = ""
    reason: str = ""


class Override(Wish):
    """Send the order another way: any of center, service, packing."""

    operator: Who
    reason: Why


class PricedOverride(Value):
    """What an override would cost more (or less) than decision ``revision``.

    ``delta`` tells it term by term; None where nothing was planned before.
    ``refusal`` is the sentence that making it would be answered with, and then
    there is no cost. ``recalls`` are the parcels a floor would have to let go of
    first. ``words`` say all of it.
    """

    revision: int
    ways: tuple[str, ...] = ()
    total_cents: int | None = None
    delta_cents: int | None = None
    delta: Cost = Field(default_factory=dict)
    p50_at: Instant | None = None
    p90_at: Instant | None = None
    recalls: tuple[str, ...] = ()
    refusal: str | None = None
    words: str


class Hold(Edge):
    """Stop before the next effect, until resumed."""

    operator: Who
    reason: Why


class Resume(Edge):
    """Go on after a hold."""

    operator: Who
    reason: str = ""


class Cancel(Edge):
    """End the order and undo what was done for it."""

    operator: Who
    reason: Why


class Progress(Value):
    """Where an order stands."""

    order_id: str
    digest: str
    status: OrderStatus
    revision: int = 0
    review: tuple[str, ...] = ()
    refusals: int = 0
    segments: tuple[str, ...] = ()
    parcels: tuple[str, ...] = ()


class DecisionView(Value):
    """The plan in force, as the `decision` query answers it."""

    order_id: str
    revision: int
    decision_id: DecisionId
    status: OrderStatus
    plan: Plan | None = None
    unplaced: Unplaced | None = None
    review: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    reason: str = ""
    rates: tuple[LiveRate, ...] = ()
    silent: tuple[Silent, ...] = ()


def no(sentence: str) -> ApplicationError:
    """Refuse an operator in one sentence."""
    return ApplicationError(sentence, type="Refused", non_retryable=True)


def priced(
    plan: Plan,
    revision: int,
    delta_cents: int | None,
    delta: Cost,
    recalls: tuple[str, ...],
) -> PricedOverride:
    """Tell what a feasible override would cost, next to the plan it would replace."""
    ways = tuple(f"{p.fc} by {p.service} in {p.method.value}" for p in plan.parcels)
    said = [f"{' + '.join(ways)} costs {dollars(plan.total_cents)}"]
    if delta_cents is not None:
        sign = "+" if delta_cents >= 0 else ""
        terms = f": {_terms(delta, signed=True)}" if delta else ""
        said.append(f"{sign}{dollars(delta_cents)} against decision {revision}{terms}")
    said.append(f"arrives {_when(plan.p50_at)} / {_when(plan.p90_at)}")
    said += [f"{parcel} has to be let go of first" for parcel in recalls]
    return PricedOverride(
        revision=revision,
        ways=ways,
        total_cents=plan.total_cents,
        delta_cents=delta_cents,
        delta=delta,
        p50_at=plan.p50_at,
        p90_at=plan.p90_at,
        recalls=recalls,
        words="; ".join(said) + ". Nothing was done.",
    )


def summary(order_id: str, destination: str, units: int) -> str:
    """Return one line for the list of workflows (200 bytes at most)."""
    text = f"Order {order_id}: {units} unit{'s' * (units != 1)} to {destination}"
    return text.encode()[:200].decode(errors="ignore")


def decision_markdown(view: DecisionView) -> str:
    """Return the decision as the Temporal UI shows it under User Metadata."""
    parts = [f"## {view.status.value.replace('-', ' ').title()}"]
    if view.reason:
        parts.append(view.reason[:1].upper() + view.reason[1:] + ".")
    if view.review:
        parts.append(_listed("Waiting for a person because", view.review))
    if view.plan is not None:
        parts += _plan_markdown(view.plan, view.revision)
        if whose := prices_told(view.plan, view.rates, view.silent):
            parts.append(_listed("Whose prices these are", whose))
    if view.unplaced is not None:
        parts.append(_listed("No feasible plan", view.unplaced.reasons))
    if view.words:
        parts.append(_listed("Why these terms", view.words))
    # The UI would set what stands between two dollar signs as a formula.
    told = "\n\n".join(parts).replace("$", r"\$")
    return "\n\n".join([told, *_payloads(view)])


def _listed(title: str, items: tuple[str, ...]) -> str:
    return f"**{title}**\n\n" + "\n".join(f"- {item}" for item in items)


def _plan_markdown(plan: Plan, revision: int) -> list[str]:
    rows = [
        "| # | from | service | packing | leaves | arrives (50 % / 90 %) | cost |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {n} | {p.fc} | {p.service} | {_packing(p)} | {_when(p.hand_over_at)} "
        f"| {_when(p.p50_at)} / {_when(p.p90_at)} | {dollars(sum(p.cost.values()))} |"
        for n, p in enumerate(plan.parcels, start=1)
    ]
    parts = [
        f"**Decision {revision}: {dollars(plan.total_cents)}** ({_terms(plan.cost)})",
        "\n".join(rows),
    ]
    if any(parcel.outside for parcel in plan.parcels):
        parts.append("Kept cold in forecast weather: " + _weather(plan))
    if plan.relaxed:
        parts.append(
            "Relaxed to find a way: " + ", ".join(limit.value for limit in plan.relaxed)
        )
    if plan.alternatives:
        parts.append(
            "**Runner-ups**\n\n"
            "| way | total (difference) | because |\n|---|---|---|\n"
            + "\n".join(_runner_up(plan, other) for other in plan.alternatives)
        )
    if plan.binding:
        parts.append(_listed("What there was too little of", held_back(plan)))
    if changes := would_change(plan):
        parts.append(_listed("What would change the choice", changes))
    parts.extend(hurried(plan))
    solver = plan.solver
    rung = (plan.rung or solver.rung).value
    parts.append(
        f"_Decided with {solver.orders} order{'s' * (solver.orders != 1)} together, "
        f"rung {rung}, gap {solver.gap_ppm / 10_000:.2f} %._"
    )
    return parts


def _runner_up(plan: Plan, other: Alternative) -> str:
    way = " + ".join(f"{w.fc} {w.service} {w.method.value}" for w in other.ways)
    taken = "" if other.available else " (taken)"
    difference = other.total_cents - plan.total_cents
    return (
        f"| {way}{taken} | {dollars(other.total_cents)} "
        f"({'+' if difference >= 0 else ''}{dollars(difference)}) "
        f"| {_terms(other.delta, signed=True)} |"
    )


def _weather(plan: Plan) -> str:
    return ", ".join(
        f"parcel {n} in {p.outside.least_tenths_c / 10:.1f} to "
        f"{p.outside.most_tenths_c / 10:.1f} °C"
        for n, p in enumerate(plan.parcels, start=1)
        if p.outside is not None
    )


def _packing(parcel: Parcel) -> str:
    n = len(parcel.cartons)
    return parcel.method.value if n == 1 else f"{n} × {parcel.method.value}"


def _terms(cost: Cost, *, signed: bool = False) -> str:
    largest = sorted(cost.items(), key=lambda item: -abs(item[1]))
    return ", ".join(
        f"{term.value} {'+' if signed and cents > 0 else ''}{dollars(cents)}"
        for term, cents in largest
        if cents
    )


def _when(instant: Instant) -> str:
    return f"{instant:%a %d %b %H:%M}Z"


def _payloads(view: DecisionView) -> list[str]:
    """Return what an operator may send now, ready to paste."""
    you = {"operator": "you"}
    says: list[tuple[Event, Mapping[str, object]]] = [
        (Event.APPROVE, {**you, "revision": view.revision}),
        *((Event.OVERRIDE, wish) for wish in _wishes(view)),
        (Event.HOLD, {**you, "reason": "why"}),
        (Event.RESUME, you),
        (Event.CANCEL, {**you, "reason": "why"}),
    ]
    allowed = [(event, say) for event, say in says if after(view.status, event)]
    if not allowed:
        return []
    return [
        "**Ready to paste** (More Actions, Send an Update)",
        *_how_to_price(event for event, _ in allowed),
        *(
            f"`{event.value}`\n\n```json\n{json.dumps(say)}\n```"
            for event, say in allowed
        ),
    ]


def _how_to_price(offered: Iterable[Event]) -> list[str]:
    if Event.OVERRIDE not in offered:
        return []
    return [
        "What an `override` would cost: send the same as `price_override`; "
        "nothing is done."
    ]


def _wishes(view: DecisionView) -> Sequence[Mapping[str, object]]:
    """Return the runner-ups an operator can ask for: those of a single way."""
    others = view.plan.alternatives if view.plan else ()
    return [
        {
            "operator": "you",
            "reason": "why",
            "fulfillment_center": way.fc,
            "service": way.service,
            "packing": way.method.value,
            "revision": view.revision,
        }
        for other in others
        if len(other.ways) == 1 and other.available
        for way in other.ways
    ][:WISHES]
