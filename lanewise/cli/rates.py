"""``lanewise rates``: what shipments cost by every service, asked live."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from activities.questions import question_of
from connectors.registry import connect
from domain.network import Network, ServiceMode
from domain.quantities import OrderId
from domain.shipping import RateRequest
from domain.shopping import BY_DESIGN
from lanewise import wiring
from lanewise.cli.console import Exit, emit, err, fail, out, run
from lanewise.cli.opening import opened_store
from lanewise.connections import configured
from lanewise.converter import sentence
from lanewise.importers.network import read_network
from lanewise.rates import Offer, Offered, Shipment, offers, question_about
from lanewise.settings import Settings
from store import decisions, orders
from store import network as network_store
from workflows.desk import dollars

# How long is waited where the settings have decisions ask nobody.
WITHIN_MS = 3_000

Question = tuple[str, RateRequest]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(rates)


def rates(
    file: Annotated[
        Path | None,
        typer.Argument(help="JSON lines, a shipment each; - is stdin."),
    ] = None,
    order: Annotated[
        str | None, typer.Option(help="Shop the parcels of this order's plan.")
    ] = None,
    network: Annotated[
        Path | None, typer.Option(help="A network file; the active one if left out.")
    ] = None,
    within_ms: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=60_000,
            help="How long each shipment may take; LANEWISE_RATE_SHOP_MS, else 3000.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask every carrier what shipments cost, all at once; nothing is booked.

    Who is late or fails is named, and the rate tables price its services.
    """
    if (file is None) == (order is None):
        fail("give a file of shipments, or --order with an order's id", Exit.USAGE)
    ground = read_network(network) if network else _active_network()
    settings = Settings()
    deadline_ms = within_ms or settings.rate_shop_ms or WITHIN_MS
    wrong: list[str] = []
    now = run(_business_now())
    if order is not None:
        questions = _of_order(OrderId(order), ground)
    else:
        questions = list(_of_file(file or Path("-"), ground, now, wrong))
    found, waited_s = run(_shopped(settings, deadline_ms, ground, questions, now))
    for complaint in wrong:
        err.print(complaint, style="red", markup=False, highlight=False)
    if as_json:
        emit(_document(found, wrong, ground.currency, waited_s))
    else:
        _show(found, ground.currency)
    raise typer.Exit(Exit.PARTLY if wrong or _unpriced(found) else Exit.DONE)


async def _shopped(
    settings: Settings,
    deadline_ms: int,
    network: Network,
    questions: Sequence[Question],
    now: datetime,
) -> tuple[list[Offered], float]:
    registry = connect(configured(settings), wiring.real_time)
    shop = wiring.shopping(registry, deadline_ms)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    try:
        found = await offers(shop, network, questions, now)
        return found, loop.time() - began_s
    finally:
        await shop.close()
        await registry.close()


async def _business_now() -> datetime:
    registry = connect(configured(Settings()), wiring.real_time)
    try:
        clock = next(iter(registry.clocks.values()), wiring.SystemClock())
        return await clock.now()
    finally:
        await registry.close()


def _active_network() -> Network:
    with opened_store() as store, store.reading() as session:
        found = network_store.active(session)
    if found is None:
        fail("no network is published; give --network", Exit.USAGE)
    return found


def _of_order(order: OrderId, network: Network) -> list[Question]:
    """Ask about the parcels of an order's newest plan, by every service."""
    with opened_store() as store, store.reading() as session:
        stored = orders.get(session, order)
        made = [d for d in decisions.of_order(session, order) if d.plan is not None]
        if stored is None or not made or made[-1].plan is None:
            fail(f"order {order!r} has no plan", Exit.UNKNOWN)
        plan, limits = made[-1].plan, made[-1].policy.limits
        skus = network_store.skus(session, [line.sku for line in stored.order.lines])
    every = tuple(s.id for s in network.services if s.mode is not ServiceMode.PICKUP)
    return [
        (
            f"{order}/{number}",
            question_of(
                stored.order,
                parcel,
                network,
                skus,
                insured=limits.insured,
                signature=limits.signature or stored.order.signature,
            ).model_copy(update={"services": every}),
        )
        for number, parcel in enumerate(plan.parcels, start=1)
        if parcel.mode is not ServiceMode.PICKUP
    ]


def _of_file(
    file: Path, network: Network, now: datetime, wrong: list[str]
) -> Iterator[Question]:
    """Read shipments; lines that are none are told of and left out."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: {error}", Exit.USAGE)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            shipment = Shipment.model_validate_json(line)
            yield shipment.id, question_about(shipment, network, now)
        except ValidationError as error:
            wrong.append(f"{file}:{number}: {sentence(error)}")
        except ValueError as error:
            wrong.append(f"{file}:{number}: {error}")


def _unpriced(found: Sequence[Offered]) -> bool:
    return any(not each.offers for each in found)


def _document(
    found: Sequence[Offered], wrong: list[str], currency: str, waited_s: float
) -> dict[str, object]:
    return {
        "currency": currency,
        "waited_ms": round(waited_s * 1000),
        "shipments": [each.model_dump(mode="json") for each in found],
        "not_told": _silences(found),
        "rejected": wrong,
    }


def _silences(found: Sequence[Offered]) -> dict[str, dict[str, int]]:
    """Count why connections told no price, by connection and reason."""
    counted: dict[str, dict[str, int]] = {}
    for silent in (s for each in found for s in each.silent):
        reasons = counted.setdefault(silent.connection or "nobody", {})
        reasons[silent.why.value] = reasons.get(silent.why.value, 0) + 1
    return counted


def _show(found: Sequence[Offered], currency: str) -> None:
    table = Table("shipment", "service", "price", "asked by", "90 % there", "until")
    for each in found:
        for n, offer in enumerate(each.offers):
            table.add_row("" if n else each.id, *_row(offer, currency))
        if each.unpriced:
            table.add_row("" if each.offers else each.id, *_nobody(each.unpriced))
    out.print(table)
    told = dict.fromkeys(
        silent.words
        for each in found
        for silent in each.silent
        if silent.why not in BY_DESIGN
    )
    for words in told:
        out.print(f"No live price from {words}", highlight=False, markup=False)


def _row(offer: Offer, currency: str) -> tuple[str, ...]:
    return (
        str(offer.service),
        f"{dollars(offer.cents)} {currency}",
        offer.connection or "table",
        f"{offer.p90_at:%a %d %b %H:%M}Z" if offer.p90_at else "",
        f"{offer.expires_at:%d %b %H:%M}Z" if offer.expires_at else "",
    )


def _nobody(services: Sequence[str]) -> tuple[str, ...]:
    return ", ".join(services), "", "nobody", "", ""
