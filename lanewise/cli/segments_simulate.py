"""``lanewise segments simulate``: what a rule set would have changed."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from domain.hazard import Hazard
from domain.plan import CASH_TERMS, CostTerm
from domain.quantities import FcId, SkuId
from lanewise.charts import Bar, Panel, deltas, picture
from lanewise.cli.console import Exit, emit, err, fail, out
from lanewise.cli.segments_ground import (
    ACTIVE,
    Json,
    Limit,
    NetworkFile,
    Since,
    SkusFile,
    SkusMapping,
    StockFile,
    ground,
    history,
    named,
    opened_if_there,
    told,
)
from lanewise.past import Ground, Told
from lanewise.simulating import BySegment, Simulation, Totals, Trial, World, simulate
from segmentation.classify import Rules
from segmentation.wording import dollars
from store import hazards as hazard_store
from store import network as network_store


def register(app: typer.Typer) -> None:
    """Add the command to ``lanewise segments``."""
    app.command("simulate")(simulate_file)


def simulate_file(
    proposed: Annotated[
        str,
        typer.Argument(metavar="FILE", help="The rule set to try: file or version."),
    ],
    on: Annotated[
        str,
        typer.Option(
            "--on", metavar="HISTORY", help="'store', or a JSONL file of orders."
        ),
    ],
    against: Annotated[
        str, typer.Option(help="Compare with this version or file.")
    ] = ACTIVE,
    since: Since = None,
    limit: Limit = 1_000,
    network: NetworkFile = None,
    skus: SkusFile = None,
    skus_mapping: SkusMapping = None,
    stock: StockFile = None,
    ample_stock: Annotated[
        bool, typer.Option("--ample-stock", help="Plan as if stock never ran out.")
    ] = False,
    drawn: Annotated[
        Path | None,
        typer.Option("--picture", help="Draw what would change there, as SVG."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a rule set would change: segments, policies, cost, promise, lateness.

    Every order is classified and planned twice, from the same facts, network
    and stock: once under the rules it is compared with, once under the new ones.
    """
    with opened_if_there() as store:
        before, after = Rules(named(against, store)), Rules(named(proposed, store))
        pasts = history(on, store, since, limit)
        around = ground(store, network, skus, skus_mapping, stock)
        old, new = (told(pasts, around, rules) for rules in (before, after))
        world = _world(around, old, ample=ample_stock)
    with err.status(f"Planning {len(pasts):,} orders twice …"):
        found = simulate((before, old), (after, new), world)
    if drawn is not None:
        drawn.write_text(_drawing(found), encoding="utf-8")
    if as_json:
        emit(_document(found))
    else:
        _show(found, drawn)


def _world(around: Ground, pasts: list[Told], *, ample: bool) -> World:
    network, skus = around.network, around.skus
    if network is None:
        fail("no network is published; give --network and --skus", Exit.USAGE)
    alerts: tuple[Hazard, ...] = around.hazards
    if around.store is not None:
        wanted = {line.sku for past in pasts for line in past.order.lines}
        first, last = pasts[0].at, pasts[-1].at
        with around.store.reading() as session:
            skus = network_store.skus(session, wanted)
            alerts = hazard_store.in_force(session, first, last - first)
    if ample:
        carried: dict[SkuId, list[FcId]] = {}
        for fc, sku in sorted(around.stock):
            carried.setdefault(sku, []).append(fc)
        network = network.model_copy(
            update={
                "counts_stock": False,
                "stocked_at": network.stocked_at
                | {sku: tuple(centers) for sku, centers in carried.items()},
            }
        )
    return World(
        network=network,
        skus=dict(skus or {}),
        stock=dict(around.stock),
        hazards=alerts,
    )


def _document(found: Simulation) -> dict[str, Any]:
    document = asdict(found)
    document["before_cost"] = {t.value: c for t, c in found.before_cost.items()}
    document["after_cost"] = {t.value: c for t, c in found.after_cost.items()}
    document["terms"] = dict(found.terms)
    document["worst"] = [_trial(trial) for trial in found.worst]
    return document


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "order": trial.shift.order_id,
        "gained": list(trial.shift.gained),
        "lost": list(trial.shift.lost),
        "terms": list(trial.shift.terms),
        "before": _fate(trial.before),
        "after": _fate(trial.after),
    }


def _fate(fate: Any) -> dict[str, Any] | None:
    if fate is None:
        return None
    return {
        "cash_cents": fate.cash_cents,
        "p50_h": fate.p50_h,
        "p90_h": fate.p90_h,
        "late_h": fate.late_h,
        "parcels": fate.parcels,
        "review": fate.review,
    }


def _show(found: Simulation, drawn: Path | None) -> None:
    out.print(
        f"{found.before_version} → {found.after_version} on {found.orders:,} orders: "
        f"{found.moved:,} change segment or policy.",
        highlight=False,
        soft_wrap=True,
    )
    out.print(_totals(found))
    if found.segments:
        out.print(_segments(found))
    if found.terms:
        out.print(_terms(found))
    if found.worst:
        out.print(_worst(found))
    none = (found.no_plan_before, found.no_plan_after)
    out.print(
        f"No plan: {len(none[0]):,} orders before, {len(none[1]):,} after"
        + _named(none[0], none[1]),
        highlight=False,
        soft_wrap=True,
    )
    if none[0] and not found.before.orders:
        said = "No order has a plan under both: are stock, goods and network known?"
        out.print(said, highlight=False, soft_wrap=True)
    if drawn is not None:
        out.print(f"Drawn in {drawn}.", highlight=False, soft_wrap=True)


def _named(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    new = [name for name in after if name not in before]
    if not new:
        return "."
    more = f" and {len(new) - 5} more" if len(new) > 5 else ""
    return f"; newly {', '.join(new[:5])}{more}."


def _totals(found: Simulation) -> Table:
    before, after = found.before, found.after
    table = Table(title=f"The {before.orders:,} orders with a plan under both")
    for column in ("", "before", "after", "change"):
        table.add_column(column, justify="left" if not column else "right")
    cash = after.cash_cents - before.cash_cents
    table.add_row(
        "cost in cash",
        dollars(before.cash_cents),
        dollars(after.cash_cents),
        f"{_signed_dollars(cash)} ({_share(cash, before.cash_cents)})",
    )
    for term in CostTerm:
        one, other = found.before_cost.get(term, 0), found.after_cost.get(term, 0)
        if one != other:
            kind = "" if term in CASH_TERMS else " (expected)"
            table.add_row(
                f"  {term.value}{kind}",
                dollars(one),
                dollars(other),
                _signed_dollars(other - one),
            )
    for name, was_h, is_h in _per_order(before, after):
        table.add_row(
            name, f"{was_h:,.1f} h", f"{is_h:,.1f} h", f"{is_h - was_h:+,.1f} h"
        )
    for name, n, m in (
        ("late at the 90th percentile", before.late_orders, after.late_orders),
        ("split over parcels", before.split_orders, after.split_orders),
        ("sent to review", before.reviews, after.reviews),
    ):
        table.add_row(name, f"{n:,}", f"{m:,}", f"{m - n:+,}")
    return table


def _per_order(before: Totals, after: Totals) -> list[tuple[str, float, float]]:
    orders = before.orders or 1
    return [
        ("promise p50, mean", before.p50_h / orders, after.p50_h / orders),
        ("promise p90, mean", before.p90_h / orders, after.p90_h / orders),
        ("hours late, in all", before.late_h, after.late_h),
    ]


def _segments(found: Simulation) -> Table:
    table = Table(title="Segments")
    table.add_column("segment")
    for column in ("gained", "lost", "changed", "cash", "hours late"):
        table.add_column(column, justify="right")
    for each in found.segments:
        table.add_row(
            each.segment,
            f"+{each.gained:,}",
            f"-{each.lost:,}",
            f"{each.changed:,}",
            _signed_dollars(each.cash_cents),
            f"{each.late_h:+,.1f}",
        )
    return table


def _terms(found: Simulation) -> Table:
    table = Table("policy term", title="Policies changed")
    table.add_column("orders", justify="right")
    for term, orders in found.terms:
        table.add_row(term.replace("_", " "), f"{orders:,}")
    return table


def _worst(found: Simulation) -> Table:
    table = Table(title=f"The {len(found.worst)} orders that fare worst")
    for column in ("order", "cash", "p90", "hours late", "gained", "lost"):
        table.add_column(column, overflow="fold")
    for trial in found.worst:
        both = trial.both
        cells = ("no plan", "", "")
        if both is not None:
            before, after = both
            cells = (
                _signed_dollars(after.cash_cents - before.cash_cents),
                f"{after.p90_h - before.p90_h:+.1f} h",
                f"{after.late_h - before.late_h:+.1f}",
            )
        gained, lost = ", ".join(trial.shift.gained), ", ".join(trial.shift.lost)
        table.add_row(escape(trial.shift.order_id), *cells, gained, lost)
    return table


def _drawing(found: Simulation) -> str:
    before, after = found.before, found.after
    cash = _signed_dollars(after.cash_cents - before.cash_cents)
    late = after.late_orders - before.late_orders
    about = (
        f"{found.moved} of {found.orders} orders change segment or policy; "
        f"in cash {cash}, late orders {late:+}."
    )
    bars = tuple(
        Bar(
            each.segment,
            each.lost,
            each.gained,
            f"−{each.lost:,}" if each.lost else "",
            _entered(each),
        )
        for each in found.segments
    )
    costs = [
        (term.value, delta, _signed_dollars(delta))
        for term in CostTerm
        if (delta := found.after_cost.get(term, 0) - found.before_cost.get(term, 0))
    ]
    by_segment = [
        (each.segment, each.cash_cents, _signed_dollars(each.cash_cents))
        for each in found.segments
        if each.cash_cents
    ]
    lateness = [
        (each.segment, each.late_h, f"{each.late_h:+,.1f} h")
        for each in found.segments
        if each.late_h
    ]
    return picture(
        f"{found.before_version} → {found.after_version}, {found.orders:,} orders",
        about,
        [
            Panel("Orders by segment", "lost", "gained", bars),
            deltas(
                "Cash, the orders each segment touches", "cheaper", "dearer", by_segment
            ),
            deltas(
                "Hours late, the orders each segment touches",
                "sooner",
                "later",
                lateness,
            ),
            deltas("Cost by term, all orders", "less", "more", costs),
        ],
    )


def _entered(each: BySegment) -> str:
    said = [f"+{each.gained:,}"] if each.gained else []
    said += [f"{each.changed:,} changed"] if each.changed else []
    return ", ".join(said)


def _signed_dollars(cents: int) -> str:
    return f"+{dollars(cents)}" if cents > 0 else dollars(cents)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:+.1%}" if whole else "–"
