"""The processes: demo, up, worker, api, world; and what prepares the store."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from temporalio.client import Client

from domain.customer import Customer
from domain.network import Network
from domain.segment import RuleSet
from domain.sku import Sku
from lanewise import loading, logs, wiring
from lanewise.api.app import make_app
from lanewise.api.gate import Gate
from lanewise.api.happening import Happening
from lanewise.cli.console import Exit, emit, err, fail, out, run
from lanewise.cli.intake import SkusMapping
from lanewise.client import Lanewise
from lanewise.importers.catalog import read_skus
from lanewise.importers.mapping import load_mapping
from lanewise.importers.network import read_network
from lanewise.importers.reject import Reject
from lanewise.keeping import KeeperBell, ensure_watch
from lanewise.people import Pseudonyms
from lanewise.scarcity import scarce_now
from lanewise.settings import Settings
from lanewise.signals import TemporalSignals
from lanewise.world import demo as demo_module
from lanewise.world.guests import named
from lanewise.world.seed import build
from lanewise.world.server import WorldServer
from lanewise.world.spec import Receiver
from optimizer import warming
from segmentation import ruleset

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (demo, up, worker, api, world, migrate, load):
        app.command()(command)


def demo(
    orders: Annotated[
        int, typer.Option(min=1, max=5000, help="How many orders.")
    ] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 7,
    world_folder: Annotated[
        Path | None,
        typer.Option("--from", help="Instead: the world and orders in this folder."),
    ] = None,
    exit_when_done: Annotated[
        bool, typer.Option("--exit", help="End when every order has.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the summary there.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where to keep its databases.")
    ] = None,
    guests: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="NAMES",
            help="Real software that plays a part, apart by commas: karrio, tryton.",
        ),
    ] = "",
) -> None:
    """Run the whole journey of many orders: server, worker, simulated world."""
    try:
        playing = named(guests)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--with") from None
    code = run(
        demo_module.run_demo(
            demo_module.Wish(
                orders=orders,
                seed=seed,
                world=world_folder,
                stay=not exit_when_done and out.is_terminal,
                json_file=json_file,
                folder=folder,
                guests=playing,
            )
        )
    )
    raise typer.Exit(code)


def up() -> None:
    """Run worker and API in one process, against the configured Temporal."""
    run(_serve(with_worker=True, with_api=True))


def worker() -> None:
    """Run a worker: workflows and activities."""
    run(_serve(with_worker=True, with_api=False))


def api() -> None:
    """Run the HTTP API: webhooks and orders come in here."""
    run(_serve(with_worker=False, with_api=True))


def world(
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 7,
    orders: Annotated[int, typer.Option(help="Sizes its capacities.")] = 200,
    pace_s: Annotated[
        float,
        typer.Option(
            "--pace", min=0, help="Seconds between jumps of its clock; 0: it stands."
        ),
    ] = 2.0,
) -> None:
    """Serve simulated warehouses, carriers and hazards, and let their days pass."""
    settings = Settings()
    if settings.webhook_secret is None:
        fail("LANEWISE_WEBHOOK_SECRET is not set: webhooks must be signed", Exit.USAGE)
    receivers = {
        name: Receiver(
            url=f"{settings.api_url}/webhooks/{name}", secret=settings.webhook_secret
        )
        for name in ("warehouses", "carriers")
    }
    spec = build(seed, orders).world().model_copy(update={"receivers": receivers})
    run(
        _turn(
            WorldServer(spec, host=settings.world_host, port=settings.world_port),
            pace_s,
        )
    )


def migrate(as_json: Json = False) -> None:
    """Bring the database to the newest version of its tables."""
    settings = Settings()

    async def work() -> None:
        async with wiring.rooms(settings) as opened:
            opened.store.migrate()

    run(work())
    if as_json:
        emit({"migrated": True})
    else:
        err.print("The database is up to date.")


def load(
    network: Annotated[Path | None, typer.Option(help="A network as JSON.")] = None,
    skus: Annotated[Path | None, typer.Option(help="SKUs, one JSON a line.")] = None,
    skus_mapping: SkusMapping = None,
    rules: Annotated[Path | None, typer.Option(help="Segments as YAML.")] = None,
    seeded: Annotated[
        int | None, typer.Option(help="Instead: the seeded world of this seed.")
    ] = None,
    count: Annotated[
        bool, typer.Option(help="Count every center's stock through its port.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Publish a network, its goods and rules, and count the stock."""
    if seeded is None and (network is None or skus is None):
        fail("give --network and --skus, or --seeded", Exit.USAGE)
    units = run(_load(_cargo(network, skus, skus_mapping, rules, seeded), count))
    if as_json:
        emit({"units_on_hand": units})
    else:
        err.print(f"Published; {units:,} units on hand.")


@dataclass(frozen=True)
class _Cargo:
    network: Network
    skus: tuple[Sku, ...]
    customers: tuple[Customer, ...] = ()
    rules: RuleSet | None = None


def _cargo(
    network: Path | None,
    skus: Path | None,
    skus_mapping: Path | None,
    rules: Path | None,
    seeded: int | None,
) -> _Cargo:
    rule_set = ruleset.load(rules) if rules else None
    if seeded is not None or network is None or skus is None:
        world = build(seeded or 0)
        goods, people = tuple(world.skus.values()), tuple(world.customers.values())
        return _Cargo(world.network, goods, people, rule_set)
    read = list(read_skus(skus, load_mapping(skus_mapping) if skus_mapping else None))
    rejects = [item for item in read if isinstance(item, Reject)]
    if rejects:
        fail("\n".join(str(reject) for reject in rejects[:20]), Exit.REFUSED)
    goods = tuple(item for item in read if isinstance(item, Sku))
    return _Cargo(read_network(network), goods, rules=rule_set)


async def _load(cargo: _Cargo, count: bool) -> int:
    async with wiring.rooms(Settings()) as opened:
        opened.store.migrate()
        now = await opened.clock.now()
        loading.publish(
            opened.store, cargo.network, cargo.skus, now, cargo.customers, cargo.rules
        )
        if not (count and cargo.network.counts_stock):
            return 0
        return await loading.count_stock(opened.store, opened.registry, cargo.network)


async def _serve(*, with_worker: bool, with_api: bool) -> None:
    settings = Settings()
    logs.configure(settings)
    async with wiring.rooms(settings) as opened:
        opened.store.migrate()
        client = await wiring.temporal(settings)
        bell = KeeperBell(client, settings.task_queue)
        async with _working(client, opened, bell, on=with_worker):
            if with_api:
                await uvicorn.Server(
                    uvicorn.Config(
                        _app(client, opened, bell),
                        host=settings.api_host,
                        port=settings.api_port,
                        log_level=settings.log_level.lower(),
                    )
                ).serve()
            else:
                await _told_to_stop().wait()


@asynccontextmanager
async def _working(
    client: Client, opened: wiring.Rooms, bell: KeeperBell, *, on: bool
) -> AsyncIterator[None]:
    if not on:
        yield
        return
    # Compiled ahead, so that no order waits for it.
    await asyncio.to_thread(warming.warm)
    if opened.solver is not None:
        await asyncio.to_thread(opened.solver.warm)
    queue = opened.settings.task_queue
    async with wiring.worker(client, queue, opened, bell.ring):
        # Somebody may have told news while nobody worked.
        bell.ring()
        await ensure_watch(client, queue)
        err.print("The worker is working; Ctrl-C stops it.")
        yield


def _app(client: Client, opened: wiring.Rooms, bell: KeeperBell) -> Any:
    people = Pseudonyms(opened.store)
    lanewise = Lanewise(client, opened.settings.task_queue, people)
    return make_app(
        opened,
        TemporalSignals(client),
        lanewise.submit,
        happening=Happening(opened.store, opened.clock.now, bell.ring),
        evaluate=lanewise.evaluate,
        gate=Gate(opened.store),
        poll_every_s=opened.settings.poll_s,
        scarce=partial(scarce_now, opened),
    )


async def _turn(world: WorldServer, pace_s: float) -> None:
    """Serve a world until told to stop; its clock jumps once every pace."""
    told = _told_to_stop()
    with world:
        while not told.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), pace_s or None)
            if pace_s and not told.is_set():
                await asyncio.to_thread(world.advance)


def _told_to_stop() -> asyncio.Event:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    return told
