"""What an operator does from the shell: look at an order, and speak up."""

import getpass
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.markdown import Markdown
from rich.table import Table

from domain.network import PackingMethod
from domain.order import OrderStatus
from domain.plan import Decision
from domain.quantities import DecisionId, OrderId
from lanewise import wiring
from lanewise.cli.console import Exit, emit, fail, out, run
from lanewise.client import Lanewise, UnknownOrder
from lanewise.doubling import Sweep, void_doubles
from lanewise.reconciling import Leftover, abandoned, give_all_back
from lanewise.settings import Settings
from optimizer.drawing import inner_sizes, svg
from store import decisions, doubles, network, orders, outcomes, verified
from store.engine import Store
from workflows.desk import (
    Approve,
    Cancel,
    DecisionView,
    Hold,
    Override,
    PriceOverride,
    Resume,
    decision_markdown,
    dollars,
)

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OrderArg = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]
Operator = Annotated[str, typer.Option(help="Who says so (default: you).")]
# Days with anything verified that a list sums up.
DAYS = 7
Reason = Annotated[str, typer.Option(help="Why.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (
        *(status, explain, override, approve, hold, resume, cancel),
        reconcile,
    ):
        app.command()(command)


def status(
    order: Annotated[
        str | None, typer.Argument(help="One order; all if left out.")
    ] = None,
    only: Annotated[
        OrderStatus | None, typer.Option("--status", help="Only orders in this status.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 50,
    as_json: Json = False,
) -> None:
    """Show where one order stands, or list orders."""
    store = _store()
    if order is not None:
        _one(store, OrderId(order), as_json)
        return
    with store.reading() as session:
        counts = orders.counts(session)
        listed = orders.listing(session, only, limit)
        days = verified.days(session, DAYS)
        twice = doubles.counts(session)
    plans = sum(day.plans for day in days)
    wrong = sum(day.violations for day in days)
    if as_json:
        emit(
            {
                "counts": {s.value: n for s, n in counts.items()},
                "orders": [
                    {"id": o.order.id, "status": o.status.value, "since": o.updated_at}
                    for o in listed
                ],
                "verified": {"plans": plans, "violations": wrong},
                "doubles": twice.model_dump(),
            }
        )
        return
    table = Table(
        title=", ".join(f"{n} {s.value}" for s, n in counts.items() if n) or "No orders"
    )
    for name in ("order", "status", "since (UTC)", "to", "units"):
        table.add_column(name)
    for stored in listed:
        place = stored.order.ship_to
        table.add_row(
            stored.order.id,
            stored.status.value,
            f"{stored.updated_at:%Y-%m-%d %H:%M}",
            f"{place.region} {place.country}".strip(),
            str(stored.order.units),
        )
    out.print(table)
    if plans:
        told = f"{wrong} violations: see `lanewise violations`" if wrong else "all true"
        out.print(f"Lately {plans} plans were verified, {told}.")
    if twice.found:
        out.print(
            f"{twice.found} double labels were found, {twice.voided} voided"
            + (f", {twice.owed} owed: see `lanewise doubles`." if twice.owed else ".")
        )


def explain(
    order: OrderArg,
    revision: Annotated[
        int | None, typer.Option(min=1, help="This decision; the newest if left out.")
    ] = None,
    packing: Annotated[
        Path | None, typer.Option(help="Write a picture of the cartons here (SVG).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Explain a decision: cost by term, runner-ups, and every lane left out."""
    store = _store()
    with store.reading() as session:
        made = decisions.of_order(session, OrderId(order))
        stored = orders.get(session, OrderId(order))
    chosen = [d for d in made if revision in (None, d.revision)]
    if not chosen or stored is None:
        fail(f"order {order!r} has no such decision", Exit.UNKNOWN)
    decision = chosen[-1]
    if packing is not None:
        _draw(store, decision, packing)
    if as_json:
        emit(decision)
        return
    out.print(Markdown(decision_markdown(_view(decision, stored.status))))
    if decision.operator:
        out.print(f"Asked for by {decision.operator}: {decision.reason}")
    _print_placements(decision)
    _print_excluded(decision)


def override(
    order: OrderArg,
    reason: Annotated[str, typer.Option(help="Why; not needed with --price.")] = "",
    fc: Annotated[str | None, typer.Option(help="Fulfillment center.")] = None,
    service: Annotated[str | None, typer.Option(help="Carrier service.")] = None,
    packing: Annotated[PackingMethod | None, typer.Option(help="Packing.")] = None,
    revision: Annotated[int | None, typer.Option(help="The decision you saw.")] = None,
    operator: Operator = "",
    price: Annotated[
        bool, typer.Option("--price", help="Only say what it would cost.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Send an order another way, if it is feasible; or only say at what price."""
    wish = {
        "operator": operator or getpass.getuser(),
        "reason": reason,
        "fulfillment_center": fc,
        "service": service,
        "packing": packing,
        "revision": revision,
    }
    if price:
        _price(order, PriceOverride.model_validate(wish), as_json)
        return
    if not reason:
        fail("say why: --reason, or only ask with --price", Exit.USAGE)
    ask = Override.model_validate(wish)
    _say(order, lambda client, id_: client.override(id_, ask), as_json)


def approve(order: OrderArg, operator: Operator = "", as_json: Json = False) -> None:
    """Let the plan under review go ahead."""
    ask = Approve(operator=operator or getpass.getuser())
    _say(order, lambda client, id_: client.approve(id_, ask), as_json)


def hold(
    order: OrderArg, reason: Reason, operator: Operator = "", as_json: Json = False
) -> None:
    """Stop an order before its next effect."""
    ask = Hold(operator=operator or getpass.getuser(), reason=reason)
    _say(order, lambda client, id_: client.hold(id_, ask), as_json)


def resume(order: OrderArg, operator: Operator = "", as_json: Json = False) -> None:
    """Let a held order go on."""
    ask = Resume(operator=operator or getpass.getuser())
    _say(order, lambda client, id_: client.resume(id_, ask), as_json)


def cancel(
    order: OrderArg, reason: Reason, operator: Operator = "", as_json: Json = False
) -> None:
    """End an order and undo what was done for it."""
    ask = Cancel(operator=operator or getpass.getuser(), reason=reason)
    _say(order, lambda client, id_: client.cancel(id_, ask), as_json)


def reconcile(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list the abandoned orders.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Give back what abandoned orders hold, and void labels bought twice."""

    async def work() -> tuple[list[Leftover], Sweep]:
        settings = Settings()
        client = await wiring.temporal(settings)
        async with wiring.rooms(settings) as rooms:
            found = [order_id async for order_id in abandoned(rooms, client)]
            if dry_run:
                return [Leftover(order_id) for order_id in found], Sweep()
            return await give_all_back(rooms, found), await void_doubles(rooms)

    leftovers, sweep = run(work())
    if as_json:
        listed = [asdict(each) for each in leftovers]
        emit(
            {
                "dry_run": dry_run,
                "orders": listed,
                "doubles": [double.model_dump(mode="json") for double in sweep.doubles],
                "unanswered": sweep.unanswered,
            }
        )
        return
    for each in leftovers:
        late = f", too late for {', '.join(each.too_late)}" if each.too_late else ""
        failed = f", stopped: {each.failed}" if each.failed else ""
        done = f"{len(each.voided)} labels voided{late}{failed}"
        out.print(f"{each.order_id}: {done}", highlight=False)
    out.print(f"{len(leftovers)} abandoned orders" + " (nothing done)" * dry_run)
    for double in sweep.doubles:
        out.print(f"{double.reference}: second label, {double.outcome.value}")
    for reference, why in sweep.unanswered.items():
        out.print(f"{reference}: not asked for second labels: {why}", highlight=False)


def _price(order: str, ask: PriceOverride, as_json: bool) -> None:
    """Tell what an override would cost; leave with a code where it cannot be."""
    answer = _ask(order, lambda client, id_: client.price_override(id_, ask))
    if as_json:
        emit(answer)
    elif answer.refusal is None:
        out.print(answer.words, highlight=False)
    if answer.refusal is not None:
        fail(answer.refusal, Exit.REFUSED)


def _say(
    order: str, speak: Callable[[Lanewise, OrderId], Awaitable[str]], as_json: bool
) -> None:
    answer = _ask(order, speak)
    if as_json:
        emit({"order": order, "answer": answer})
    else:
        out.print(answer)


def _ask(order: str, speak: Callable[[Lanewise, OrderId], Awaitable[T]]) -> T:
    async def work() -> T:
        settings = Settings()
        client = Lanewise(await wiring.temporal(settings), settings.task_queue)
        return await speak(client, OrderId(order))

    return run(work())


def _one(store: Store, order_id: OrderId, as_json: bool) -> None:
    with store.reading() as session:
        stored = orders.get(session, order_id)
        outcome = outcomes.get(session, order_id)
        made = decisions.of_order(session, order_id)
    if stored is None:
        fail(str(UnknownOrder(f"order {order_id!r} is unknown")), Exit.UNKNOWN)
    document: dict[str, Any] = {
        "id": order_id,
        "status": stored.status.value,
        "since": stored.updated_at,
        "decisions": [
            {
                "revision": d.revision,
                "by": d.made_by.value,
                "total_cents": d.plan.total_cents if d.plan else None,
            }
            for d in made
        ],
        "outcome": outcome,
    }
    if as_json:
        emit(document)
        return
    out.print(
        f"{order_id} is {stored.status.value} since {stored.updated_at:%F %H:%M}Z"
    )
    for decision in made:
        cost = dollars(decision.plan.total_cents) if decision.plan else "no plan"
        out.print(f"  decision {decision.revision}: {cost} ({decision.made_by.value})")
    for parcel in outcome.parcels if outcome else ():
        out.print(
            f"  parcel {parcel.parcel_id}: {parcel.fc} by {parcel.service}, "
            f"{parcel.status.value}"
        )


def _view(decision: Decision, now: OrderStatus) -> DecisionView:
    return DecisionView(
        order_id=decision.order_id,
        revision=decision.revision,
        decision_id=DecisionId(decision.id),
        status=now,
        plan=decision.plan,
        unplaced=decision.unplaced,
        rates=decision.rates,
        silent=decision.silent,
    )


def _draw(store: Store, decision: Decision, to: Path) -> None:
    if decision.plan is None:
        fail(f"order {decision.order_id!r} has no plan to draw", Exit.UNKNOWN)
    with store.reading() as session:
        published = network.get(session, decision.network_version)
    inner = inner_sizes(published.cartons) if published else {}
    cartons = [carton for p in decision.plan.parcels for carton in p.cartons]
    to.write_text(svg(cartons, inner, title=f"Order {decision.order_id}"), "utf-8")


def _print_placements(decision: Decision) -> None:
    for number, parcel in enumerate(decision.plan.parcels if decision.plan else (), 1):
        for carton in parcel.cartons:
            table = Table(
                title=f"Parcel {number}: {carton.carton or 'own container'}, "
                f"{carton.weight_g} g, billed {carton.billable_g} g"
            )
            for name in ("SKU", "x mm", "y mm", "z mm", "size mm"):
                table.add_column(name)
            for unit in carton.placements[:40]:
                size = unit.size
                table.add_row(
                    unit.sku,
                    str(unit.x_mm),
                    str(unit.y_mm),
                    str(unit.z_mm),
                    f"{size.length_mm}×{size.width_mm}×{size.height_mm}",
                )
            out.print(table)


def _print_excluded(decision: Decision) -> None:
    answer = decision.plan or decision.unplaced
    if answer is None or not answer.excluded:
        return
    table = Table(title="Lanes left out, by the first limit they violate")
    for name in ("center", "service", "limit", "why"):
        table.add_column(name, overflow="fold")
    for lane in answer.excluded:
        table.add_row(lane.fc, lane.service or "all", lane.limit, lane.why)
    out.print(table)


def _store() -> Store:
    store = Store(Settings().database_url.get_secret_value())
    store.migrate()
    return store
