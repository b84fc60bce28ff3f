"""``lanewise evaluate``: what would be decided, without holding anything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from domain.network import Network
from domain.order import Order
from domain.plan import Cost, CostTerm, Plan
from domain.policy import Policy
from domain.quantities import FcId, SkuId
from domain.sku import Sku
from lanewise.cli.console import Exit, emit, err, fail, out
from lanewise.cli.intake import (
    MappingFile,
    RejectsFile,
    SkusMapping,
    Sources,
    read_files,
)
from lanewise.importers.catalog import StockRow, read_skus, read_stock
from lanewise.importers.evaluate import Comparison, Evaluation, evaluate
from lanewise.importers.mapping import load_mapping
from lanewise.importers.network import read_network
from lanewise.importers.reject import Reject, write_rejects
from lanewise.people import Pseudonyms
from lanewise.settings import Settings
from lanewise.wiring import real_time
from segmentation import compose, facts, ruleset
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from store import network as network_store
from store import segments as segment_store
from store import stock as stock_store
from store.engine import Store
from workflows.desk import dollars


@dataclass(frozen=True)
class _Ground:
    """What the orders are held against."""

    network: Network
    skus: dict[SkuId, Sku]
    stock: dict[tuple[FcId, SkuId], int]
    rules: Rules | None
    rejects: tuple[Reject, ...] = ()


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("evaluate")(evaluate_files)


def evaluate_files(
    sources: Sources,
    mapping: MappingFile = None,
    network: Annotated[
        Path | None, typer.Option(help="A network file; the active one if left out.")
    ] = None,
    skus: Annotated[
        Path | None, typer.Option(help="SKUs; the store's if left out.")
    ] = None,
    skus_mapping: SkusMapping = None,
    stock: Annotated[
        Path | None, typer.Option(help="What is where; the store's if left out.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Segments; the active ones if left out.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="No segments: goods' own needs and cost.")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(help="The instant of the decision (UTC); the newest order's."),
    ] = None,
    rejects: RejectsFile = Path("rejects.jsonl"),
    plans: Annotated[
        Path | None, typer.Option(help="Write every plan there, one JSON a line.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how orders would go, decided together; nothing is held or written."""
    ground = (
        _from_files(network, skus, skus_mapping, stock)
        if network and skus
        else _from_store()
    )
    if rules is not None or plain:
        chosen = Rules(ruleset.load(rules)) if rules is not None else None
        ground = _Ground(
            ground.network, ground.skus, ground.stock, chosen, ground.rejects
        )
    with err.status("Reading orders …"):
        items = list(read_files(sources, mapping, ground.skus))
    orders = [item for item in items if isinstance(item, Order)]
    if not (network and skus):
        orders = _as_the_store_names_them(orders)
    bad = [item for item in items if isinstance(item, Reject)]
    write_rejects(rejects, [*ground.rejects, *bad])
    if not orders:
        fail(f"no order could be read; see {rejects}", Exit.REFUSED)
    now = _utc(as_of) if as_of else max(order.placed_at for order in orders)
    with err.status(f"Deciding {len(orders):,} orders together …"):
        evaluation = evaluate(
            orders,
            ground.network,
            ground.skus,
            _policy_of(ground, now),
            now,
            stock=ground.stock,
        )
    if plans is not None:
        _write_plans(plans, evaluation)
    if as_json:
        emit(_document(evaluation, len(bad)))
    else:
        _show(evaluation, len(bad), rejects, ground.network.currency)
    raise typer.Exit(Exit.DONE if not bad else Exit.PARTLY)


def _from_files(
    network: Path, skus: Path, skus_mapping: Path | None, stock: Path | None
) -> _Ground:
    goods = list(read_skus(skus, load_mapping(skus_mapping) if skus_mapping else None))
    rows = list(read_stock(stock)) if stock else []
    return _Ground(
        network=read_network(network),
        skus={sku.id: sku for sku in goods if isinstance(sku, Sku)},
        stock={(r.fc, r.sku): r.units for r in rows if isinstance(r, StockRow)},
        rules=Rules(ruleset.starter()),
        rejects=tuple(item for item in (*goods, *rows) if isinstance(item, Reject)),
    )


def _from_store() -> _Ground:
    store = Store(Settings().database_url.get_secret_value())
    store.migrate()
    with store.reading() as session:
        network = network_store.active(session)
        rule_set = segment_store.active(session) or ruleset.starter()
        if network is None:
            fail("no network is published; give --network and --skus", Exit.USAGE)
        ground = _Ground(
            network=network,
            skus=network_store.skus(session),
            stock=stock_store.free(session, real_time()),
            rules=Rules(rule_set),
        )
    store.close()
    return ground


def _as_the_store_names_them(orders: list[Order]) -> list[Order]:
    store = Store(Settings().database_url.get_secret_value())
    named = list(Pseudonyms(store).known(orders))
    store.close()
    return named


def _policy_of(ground: _Ground, now: datetime) -> Callable[[Order], Policy]:
    rules = ground.rules
    if rules is None:
        return lambda order: Policy()
    around = Circumstances(ground.network, ground.skus)

    def policy(order: Order) -> Policy:
        known = facts.gather(order, around, now)
        found = rules.classify(known.values, now)
        return compose.compose(rules.rule_set, found, order, now)

    return policy


def _document(evaluation: Evaluation, rejected: int) -> dict[str, Any]:
    record = evaluation.result.record
    document: dict[str, Any] = {
        "orders": evaluation.orders,
        "rejected_rows": rejected,
        "served": evaluation.served,
        "most_assignable_proven": evaluation.most,
        "unserved_by_limit": evaluation.unserved,
        "cost_cents_total": evaluation.total_cents,
        "cost_cents_by_term": _terms(evaluation.cost),
        "solver": record.model_dump(mode="json"),
    }
    comparison = evaluation.comparison
    if comparison is not None:
        document["own_assignment"] = {
            "orders": comparison.orders,
            "orders_in_breach": comparison.in_breach,
            "breaches_by_limit": comparison.limits,
            "our_orders_in_breach": comparison.ours_in_breach,
            "orders_both_serve": comparison.common,
            "own_cents_on_those": comparison.own_cents,
            "our_cents_on_those": comparison.our_cents,
        }
    return document


def _show(evaluation: Evaluation, rejected: int, rejects: Path, currency: str) -> None:
    record = evaluation.result.record
    out.print(
        f"{evaluation.orders:,} orders, {evaluation.served:,} served; no choice serves "
        f"more than {evaluation.most:,}. {rejected} rows rejected (see {rejects})."
    )
    out.print(
        f"{dollars(evaluation.total_cents)} {currency}, gap to the proven bound "
        f"{record.gap_ppm / 10_000:.2f} % (rung {record.rung.value})."
    )
    _table("Cost by term", {t: dollars(c) for t, c in _terms(evaluation.cost).items()})
    if evaluation.unserved:
        _table("Unserved, by the limit that stopped them", evaluation.unserved)
    if evaluation.comparison is not None:
        _show_comparison(evaluation.comparison)


def _show_comparison(comparison: Comparison) -> None:
    out.print(
        f"The file's own assignment: {comparison.in_breach:,} of "
        f"{comparison.orders:,} orders break a rule "
        f"(of ours: {comparison.ours_in_breach:,})."
    )
    if comparison.limits:
        _table("What it breaks", comparison.limits)
    out.print(
        f"On the {comparison.common:,} orders that both serve, ours costs "
        f"{dollars(comparison.our_cents)} and the file's "
        f"{dollars(comparison.own_cents)}, priced alike. The difference is no saving: "
        "the file's choice may rest on facts it does not show"
        + (
            ", and it does not fit into the day."
            if "capacity-orders" in comparison.limits
            else "."
        )
    )


def _table(title: str, values: dict[str, Any]) -> None:
    table = Table("what", "how much", title=title)
    for name, value in values.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    out.print(table)


def _terms(cost: Cost) -> dict[str, int]:
    return {term.value: cost[term] for term in CostTerm if cost.get(term)}


def _write_plans(path: Path, evaluation: Evaluation) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for answer in evaluation.result.answers:
            brief = answer.brief() if isinstance(answer, Plan) else answer
            lines.write(brief.model_dump_json() + "\n")


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
