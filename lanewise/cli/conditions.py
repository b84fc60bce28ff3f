"""``lanewise conditions …``: outages, disruptions, campaigns and peaks."""

import getpass
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from domain.condition import Condition, ConditionKind
from domain.hazard import Severity
from domain.network import Network
from domain.quantities import CarrierId, FcId, ServiceId
from lanewise.cli.console import Exit, emit, fail, out, run
from lanewise.cli.hazards import At, Json, say_told
from lanewise.cli.opening import business_now, opened_store
from lanewise.cli.times import instant, span
from lanewise.news import News, declare, pass_on, withdraw
from segmentation.schema import nearest
from store import conditions as condition_store
from store import network as network_store

app = typer.Typer(no_args_is_help=True)


@app.callback()
def conditions() -> None:
    """Declare what holds for a while, end it, and list it."""


@app.command("declare")
def declare_condition(
    kind: Annotated[ConditionKind, typer.Argument(help="What it is.")],
    id: Annotated[
        str, typer.Option(help="Its name; again is a new version (default: kind/of).")
    ] = "",
    center: Annotated[str | None, typer.Option(help="A fulfillment center.")] = None,
    carrier: Annotated[str | None, typer.Option(help="A carrier.")] = None,
    service: Annotated[str | None, typer.Option(help="A carrier's service.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Only there.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only through it.")] = None,
    begins: Annotated[
        datetime | None,
        typer.Option("--from", parser=instant, metavar="INSTANT", help="Default: now."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(parser=instant, metavar="INSTANT", help="When it ends."),
    ] = None,
    lasting: Annotated[
        timedelta | None,
        typer.Option("--for", parser=span, metavar="SPAN", help="How long: 90m, 6h."),
    ] = None,
    severity: Annotated[Severity, typer.Option(help="How bad.")] = Severity.SEVERE,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    why: Annotated[str, typer.Option(help="Why.")] = "",
    by: Annotated[str, typer.Option(help="Who says so (default: you).")] = "",
    as_json: Json = False,
) -> None:
    """Declare an outage, disruption, campaign or peak, and tell the orders."""
    if until is not None and lasting is not None:
        fail("give --until or --for, not both", Exit.USAGE)
    with opened_store() as store:
        now = business_now()
        with store.reading() as session:
            _check(network_store.active(session), center, carrier, service)
        valid_from = begins or now
        ends = valid_from + lasting if lasting else until
        if ends is not None and ends <= now:
            fail(f"it would be over since {ends:%F %R}Z", Exit.USAGE)
        condition = Condition(
            id=id or _named(kind, center, carrier, service, region, channel),
            kind=kind,
            title=title,
            severity=severity,
            valid_from=valid_from,
            valid_until=ends,
            center=FcId(center) if center else None,
            carrier=CarrierId(carrier) if carrier else None,
            service=ServiceId(service) if service else None,
            regions=tuple(region or ()),
            channels=tuple(channel or ()),
            declared_by=by or getpass.getuser(),
            why=why,
        )
        news = declare(store, condition, now)
        told = run(pass_on(store, news))
    lasts = f"until {ends:%F %R}Z" if ends else "until it is withdrawn"
    _say(news, told, f"{condition.id} is declared, {lasts}", condition.id, as_json)


@app.command("withdraw")
def withdraw_condition(
    id: Annotated[str, typer.Argument(metavar="ID", help="Its name.")],
    as_json: Json = False,
) -> None:
    """End what was declared, or detected, before its time."""
    with opened_store() as store:
        news = withdraw(store, id, business_now())
        if news is None:
            fail(f"no condition {id!r} is in force or announced", Exit.UNKNOWN)
        told = run(pass_on(store, news))
    _say(news, told, f"{id} is over", id, as_json)


@app.command("list")
def list_conditions(at: At = None, as_json: Json = False) -> None:
    """List what holds or is announced."""
    with opened_store() as store:
        now = at or business_now()
        with store.reading() as session:
            listed = condition_store.listing(session, now)
    if as_json:
        emit({"as_of": now, "conditions": [c.model_dump(mode="json") for c in listed]})
        return
    table = Table(title=f"Conditions at {now:%Y-%m-%d %H:%M} UTC")
    for column in ("id", "of", "severity", "from (UTC)", "until (UTC)", "source"):
        table.add_column(column)
    table.add_column("why", overflow="fold")
    for condition in listed:
        until = condition.valid_until
        table.add_row(
            escape(condition.id),
            _of(condition),
            condition.severity.value,
            f"{condition.valid_from:%m-%d %H:%M}",
            f"{until:%m-%d %H:%M}" if until else "withdrawn",
            condition.source.value,
            escape(condition.why),
        )
    out.print(table)


def _check(
    network: Network | None,
    center: str | None,
    carrier: str | None,
    service: str | None,
) -> None:
    """Refuse names the network in force does not know: a typo would do nothing."""
    if network is None:
        return
    for option, name, known in (
        ("--center", center, [str(c.id) for c in network.centers]),
        ("--carrier", carrier, [str(s.carrier) for s in network.services]),
        ("--service", service, [str(s.id) for s in network.services]),
    ):
        if name is None or name in known:
            continue
        like = nearest(name, known) or nearest(name.upper(), known)
        hint = f"did you mean {like!r}?" if like else f"one of {sorted(set(known))}"
        fail(f"{option}: {name!r} is not in the network ({hint})", Exit.USAGE)


def _named(
    kind: ConditionKind,
    center: str | None,
    carrier: str | None,
    service: str | None,
    regions: list[str] | None,
    channels: list[str] | None,
) -> str:
    of = [center, service or carrier, *(regions or ()), *(channels or ())]
    return "/".join([kind.value, *(part for part in of if part)])[:80]


def _of(condition: Condition) -> str:
    who = condition.service or condition.carrier
    parts = [p for p in (who, condition.center) if p]
    scope = [*condition.regions, *condition.channels]
    return " at ".join(parts) or ", ".join(scope) or "all orders"


def _say(news: News, told: int | None, said: str, id: str, as_json: bool) -> None:
    if as_json:
        emit({"id": id, "orders_concerned": len(news.orders), "orders_told": told})
    else:
        out.print(escape(said) + f"; {len(news.orders)} open orders concerned")
        say_told(len(news.orders), told)
    if told is None:
        raise typer.Exit(Exit.PARTLY)
