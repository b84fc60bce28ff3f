"""A real Tryton server with a company, centers, goods and a floor that works."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from connectors.connection import Connection, ConnectionKind
from connectors.tryton.records import SHIPMENT
from connectors.tryton.references import keys_in, released_under
from connectors.tryton.rpc import Rpc
from connectors.tryton.settings import TrytonSettings
from domain.errors import NotFound, Unavailable
from domain.quantities import FcId, SkuId
from lanewise.world.program import HOMES, NotStarted, installed, running
from lanewise.world.temporal_server import free_port
from lanewise.world.tryton_stock import (
    CUSTOMER,
    USER,
    Units,
    build_center,
    context_of,
    count_goods,
    found_company,
    make_products,
    shelves_of,
    units_at,
)

NAME = "tryton"
DATABASE = "warehouse"
WOUND = HOMES.parent / "counterparts" / "wound_trytond.py"
# Of a server that lives as long as a test or a demo, on the loopback address.
PASSWORD = "only-on-loopback"
_MODULES = ["ir", "res", "party", "product", "company", "stock", "stock_assign_manual"]
_MADE_WITHIN_S = 300.0
_AGES_S = 900_000_000
_TRIES, _PAUSE_S = 10, 0.3


@dataclass(frozen=True)
class TrytonServer:
    """A running server, and the floor of the centers in it."""

    base_url: str
    rpc: Rpc
    _known: dict[str, Any] = field(default_factory=dict)

    def connection(self, name: str, fcs: tuple[FcId, ...]) -> Connection:
        """Return the connection that reaches it; codes of centers are their ids."""
        return Connection(
            name=name,
            kind=ConnectionKind.WAREHOUSE,
            provider="tryton",
            base_url=self.base_url,
            secret=SecretStr(PASSWORD),
            fcs=fcs,
            options={
                "database": DATABASE,
                "user": USER,
                "customer": CUSTOMER,
                "warehouses": {fc: fc for fc in fcs},
            },
        )

    async def open(self, centers: Mapping[FcId, Units]) -> None:
        """Found the company, build the centers, and put the goods on the shelves."""
        company = await found_company(self.rpc)
        context = {"company": company}
        skus = sorted({sku for units in centers.values() for sku in units})
        products = await make_products(self.rpc, skus, context)
        for fc, units in centers.items():
            storage = await build_center(self.rpc, fc, context)
            await count_goods(self.rpc, storage, units, products, context)

    async def count(self, fc: FcId, units: Units) -> None:
        """Count some goods of a center again; the new figures hold."""
        context = await self._context()
        storage = await shelves_of(self.rpc, fc, context)
        products = await make_products(self.rpc, sorted(units), context)
        await count_goods(self.rpc, storage, units, products, context)

    async def on_shelves(self, fc: FcId, skus: list[SkuId]) -> dict[SkuId, int]:
        """Return what Tryton believes is on a center's shelves."""
        context = await self._context()
        place = [await shelves_of(self.rpc, fc, context)]
        return await units_at(self.rpc, place, skus, context)

    async def note(self, key: str) -> str:
        """Return what the floor is told of what was released under a key."""
        shipment, context = await self._released(key)
        found = await self.rpc.ask(
            "model.ir.note.search_read",
            [["resource", "=", f"{SHIPMENT},{shipment}"]],
            0,
            1,
            None,
            ["message"],
            context=context,
        )
        return str(found[0]["message"])

    async def on_floor(self) -> list[str]:
        """List the keys of what was released and nobody has picked, oldest first."""
        found = await self.rpc.ask(
            f"model.{SHIPMENT}.search_read",
            [["state", "=", "assigned"], ["reference", "like", "% released%"]],
            0,
            None,
            [["id", "ASC"]],
            ["reference"],
            context=await self._context(),
        )
        return [key for one in found if (key := keys_in(one["reference"])[1])]

    async def pick(self, key: str, short: Units | None = None) -> None:
        """Pick what was released under a key; some units may not be found."""
        shipment, context = await self._released(key)
        if short:
            await self._found_less(shipment, short, context)
        await self._press("pick", shipment, context)

    async def drop(self, key: str) -> None:
        """Stop what was released under a key: nothing of it was found."""
        shipment, context = await self._released(key)
        await self._press("cancel", shipment, context)

    async def ship(self, key: str) -> None:
        """Pack what was picked under a key and let it leave the building."""
        shipment, context = await self._released(key)
        for button in ("pack", "do"):
            await self._press(button, shipment, context)

    async def shipments(self, key: str) -> list[dict[str, Any]]:
        """List every shipment under a reservation's key, doubles and all."""
        found: list[dict[str, Any]] = await self.rpc.ask(
            f"model.{SHIPMENT}.search_read",
            [["reference", "like", f"{key}%"]],
            0,
            None,
            None,
            ["state", "reference"],
            context=await self._context(),
        )
        return found

    async def _found_less(
        self, shipment: int, short: Units, context: dict[str, Any]
    ) -> None:
        """Take the shipment back, write down what was found, and go on."""
        await self._press("wait", shipment, context)
        moves = await self.rpc.ask(
            "model.stock.move.search_read",
            [["shipment", "=", f"{SHIPMENT},{shipment}"], ["origin", "!=", None]],
            0,
            None,
            None,
            ["quantity", "product.code"],
            context=context,
        )
        missing = dict(short)
        for move in moves:
            sku = SkuId(move["product."]["code"])
            less = min(missing.get(sku, 0), int(move["quantity"]))
            if less:
                missing[sku] -= less
                await self.rpc.act(
                    "model.stock.move.write",
                    [move["id"]],
                    {"quantity": move["quantity"] - less},
                    context=context,
                )
        await self._press("assign_try", shipment, context)
        left = await self.rpc.ask(
            f"model.{SHIPMENT}.read", [shipment], ["state"], context=context
        )
        if left[0]["state"] == "waiting":
            # More is promised than is there; who stands before the shelf takes it.
            await self._press("assign_force", shipment, context)

    async def _released(self, key: str) -> tuple[int, dict[str, Any]]:
        context = await self._context()
        found = await self.rpc.ask(
            f"model.{SHIPMENT}.search",
            [released_under(key), ["state", "!=", "cancelled"]],
            0,
            1,
            None,
            context=context,
        )
        if not found:
            msg = f"nothing was released under {key!r}"
            raise NotFound(msg)
        return int(found[0]), context

    async def _context(self) -> dict[str, Any]:
        if not self._known.get("company"):
            self._known.update(await context_of(self.rpc))
        return dict(self._known)

    async def _press(self, button: str, shipment: int, context: dict[str, Any]) -> None:
        await self.rpc.act(f"model.{SHIPMENT}.{button}", [shipment], context=context)


class _Patient(Rpc):
    """Calls of people who press a button again while the database is busy."""

    async def ask(
        self, method: str, *params: Any, context: Mapping[str, Any] | None = None
    ) -> Any:
        """Read something."""
        again = partial(super().ask, method, *params, context=context)
        return await _until_free(again)

    async def act(
        self, method: str, *params: Any, context: Mapping[str, Any] | None = None
    ) -> Any:
        """Change something; what Tryton was too busy for, it did not do."""
        again = partial(super().act, method, *params, context=context)
        return await _until_free(again)


async def _until_free(again: Callable[[], Awaitable[Any]]) -> Any:
    for _ in range(_TRIES):
        try:
            return await again()
        except Unavailable:
            await asyncio.sleep(_PAUSE_S)
    return await again()


@asynccontextmanager
async def tryton_server(clock: Path | None = None) -> AsyncIterator[TrytonServer]:
    """Run a server on a free loopback port with an empty database of its own.

    Parameters
    ----------
    clock
        The file that holds business time (``wind``); None leaves the server
        its own clock.

    Raises
    ------
    NotInstalled
        Saying how to get it.
    """
    template = await _template()
    with TemporaryDirectory(prefix="lanewise-tryton-") as place:
        home = Path(place)
        shutil.copy(template, home / f"{DATABASE}.sqlite")
        port = free_port()
        config = _config(home, port)
        base_url = f"http://127.0.0.1:{port}"
        command: list[str | Path] = [installed(NAME, "trytond")]
        if clock is not None:
            command = [installed(NAME, "python"), WOUND]
        command += ["-c", config, "-d", DATABASE]
        environment = {"WOUND_CLOCK": str(clock)} if clock else None
        async with running(command, base_url, home / "log", environment):
            rpc = _Patient(
                TrytonSettings(
                    base_url=base_url,
                    database=DATABASE,
                    user=USER,
                    secret=SecretStr(PASSWORD),
                    warehouses={FcId("any"): "any"},
                    customer=CUSTOMER,
                )
            )
            try:
                yield TrytonServer(base_url, rpc)
            finally:
                await rpc.close()


def wind(clock: Path, now: datetime) -> None:
    """Let a server's clock jump to an instant, at once for whoever reads it."""
    new = clock.with_suffix(".new")
    new.write_text(now.astimezone(UTC).replace(tzinfo=None).isoformat(), "ascii")
    new.replace(clock)


async def _template() -> Path:
    """Return a database with the modules activated; made once, 15 s of work."""
    admin = installed(NAME, "trytond-admin")
    template = HOMES / NAME / "template.sqlite"
    if template.exists():
        return template
    with TemporaryDirectory(dir=template.parent) as place:
        home = Path(place)
        made = home / f"{DATABASE}.sqlite"
        made.touch()
        (home / "password").write_text(PASSWORD)
        process = await asyncio.create_subprocess_exec(
            str(admin),
            *("-c", str(_config(home, 0)), "-d", DATABASE, "-l", "en"),
            *("--email", "ops@example.com", "--activate-dependencies"),
            *("-u", *_MODULES),
            env=os.environ | {"TRYTONPASSFILE": str(home / "password")},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(_MADE_WITHIN_S):
            said, _ = await process.communicate()
        if process.returncode:
            msg = f"trytond-admin ended with: {said.decode(errors='replace')[-1_000:]}"
            raise NotStarted(msg)
        made.replace(template)
    return template


def _config(home: Path, port: int) -> Path:
    path = home / "trytond.conf"
    path.write_text(
        f"[database]\nuri = sqlite://\npath = {home}\n"
        f"[web]\nlisten = 127.0.0.1:{port}\n"
        # A clock that is wound may be far from when a session began.
        f"[session]\nauthentications = password\nmax_age = {_AGES_S}\n"
        f"timeout = {_AGES_S}\n"
    )
    return path
