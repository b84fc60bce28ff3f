"""A real Tryton server with a company, centers, goods and a floor that works."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from connectors.connection import Connection, ConnectionKind
from connectors.tryton.records import SHIPMENT
from connectors.tryton.references import keys_in, released_under
from connectors.tryton.rpc import Rpc
from connectors.tryton.settings import TrytonSettings
from domain.errors import NotFound
from domain.quantities import FcId, SkuId
from lanewise.world.program import HOMES, NotStarted, installed, running
from lanewise.world.temporal_server import free_port

DATABASE = "warehouse"
USER = "admin"
CUSTOMER = "LANEWISE"
# Of a server that lives as long as a test or a demo, on the loopback address.
PASSWORD = "only-on-loopback"
_MODULES = ["ir", "res", "party", "product", "company", "stock", "stock_assign_manual"]
_MADE_WITHIN_S = 300.0

Units = Mapping[SkuId, int]


@dataclass(frozen=True)
class TrytonServer:
    """A running server, and the floor of the centers in it."""

    base_url: str
    rpc: Rpc

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
        company = await _company(self.rpc)
        context = {"company": company}
        skus = sorted({sku for units in centers.values() for sku in units})
        products = await _products(self.rpc, skus, context)
        for fc, units in centers.items():
            storage = await _center(self.rpc, fc, context)
            await _count(self.rpc, storage, units, products, context)

    async def count(self, fc: FcId, units: Units) -> None:
        """Count some goods of a center again; the new figures hold."""
        context = await self._context()
        storage = (await _found(self.rpc, "stock.location", _coded(fc), context))[
            "storage_location"
        ]
        products = await _products(self.rpc, sorted(units), context)
        await _count(self.rpc, storage, units, products, context)

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

    async def _press(self, button: str, shipment: int, context: dict[str, Any]) -> None:
        await self.rpc.act(f"model.{SHIPMENT}.{button}", [shipment], context=context)

    async def _context(self) -> dict[str, Any]:
        preferences = await self.rpc.ask("model.res.user.get_preferences", True)
        return {"company": preferences["company"]}


@asynccontextmanager
async def tryton_server() -> AsyncIterator[TrytonServer]:
    """Run a server on a free loopback port with an empty database of its own.

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
        program = installed("tryton", "trytond")
        command: list[str | Path] = [program, "-c", config, "-d", DATABASE]
        async with running(command, base_url, home / "log"):
            rpc = Rpc(
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


async def _template() -> Path:
    """Return a database with the modules activated; made once, 15 s of work."""
    admin = installed("tryton", "trytond-admin")
    template = HOMES / "tryton" / "template.sqlite"
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
        "[session]\nauthentications = password\n"
    )
    return path


async def _company(rpc: Rpc) -> int:
    """Found the company that owns the stock, and its nameless customer."""
    one = {"__class__": "Decimal", "decimal": "1"}
    cent = {"__class__": "Decimal", "decimal": "0.01"}
    since = {"__class__": "date", "year": 2020, "month": 1, "day": 1}
    rate = {"rate": one, "date": since}
    dollar = {
        **{"name": "US Dollar", "symbol": "$", "code": "USD", "digits": 2},
        **{"rounding": cent, "rates": [["create", [rate]]]},
    }
    currency = await rpc.act("model.currency.currency.create", [dollar])
    parties = [
        {"name": "Owner of the stock"},
        {
            **{"name": "Orders of Lanewise", "code": CUSTOMER},
            "addresses": [["create", [{"street": "as on the label"}]]],
        },
    ]
    owner, _ = await rpc.act("model.party.party.create", parties)
    company = await rpc.act(
        "model.company.company.create", [{"party": owner, "currency": currency[0]}]
    )
    users = await rpc.ask("model.res.user.search", [["login", "=", USER]], 0, 1, None)
    works_for = {"companies": [["add", company]], "company": company[0]}
    await rpc.act("model.res.user.write", users, works_for)
    return int(company[0])


async def _products(
    rpc: Rpc, skus: list[SkuId], context: dict[str, Any]
) -> dict[SkuId, int]:
    """Make the goods that are not known yet; return all by code."""
    unit = await rpc.ask(
        "model.product.uom.search", [["symbol", "=", "u"]], 0, 1, None, context=context
    )
    known = await _by_code(rpc, skus, context)
    new = [
        {
            **{"name": sku, "code": sku, "type": "goods", "default_uom": unit[0]},
            "products": [["create", [{}]]],
        }
        for sku in skus
        if sku not in known
    ]
    if new:
        await rpc.act("model.product.template.create", new, context=context)
    return await _by_code(rpc, skus, context)


async def _by_code(
    rpc: Rpc, skus: list[SkuId], context: dict[str, Any]
) -> dict[SkuId, int]:
    found = await rpc.ask(
        "model.product.product.search_read",
        [["code", "in", skus]],
        0,
        None,
        None,
        ["code"],
        context=context,
    )
    return {SkuId(one["code"]): int(one["id"]) for one in found}


async def _center(rpc: Rpc, fc: FcId, context: dict[str, Any]) -> int:
    """Build a warehouse; return where its shelves are."""
    zones = await rpc.act(
        "model.stock.location.create",
        [
            {"name": f"{fc} {zone}", "type": "storage"}
            for zone in ("input", "output", "shelves")
        ],
        context=context,
    )
    lost = await rpc.ask(
        "model.stock.location.search", [["type", "=", "lost_found"]], 0, 1, None
    )
    warehouse = {
        **{"name": fc, "code": fc, "type": "warehouse"},
        **{"input_location": zones[0], "output_location": zones[1]},
        **{"storage_location": zones[2], "lost_found_location": lost[0]},
    }
    await rpc.act("model.stock.location.create", [warehouse], context=context)
    return int(zones[2])


async def _count(
    rpc: Rpc,
    storage: int,
    units: Units,
    products: Mapping[SkuId, int],
    context: dict[str, Any],
) -> None:
    lines = [{"product": products[sku], "quantity": n} for sku, n in units.items()]
    inventory = {
        **{"location": storage, "company": context["company"]},
        "lines": [["create", lines]],
    }
    made = await rpc.act("model.stock.inventory.create", [inventory], context=context)
    await rpc.act("model.stock.inventory.confirm", made, context=context)


async def _found(
    rpc: Rpc, model: str, domain: list[Any], context: dict[str, Any]
) -> dict[str, Any]:
    found = await rpc.ask(
        f"model.{model}.search_read",
        domain,
        0,
        1,
        None,
        ["storage_location"],
        context=context,
    )
    one: dict[str, Any] = found[0]
    return one


def _coded(fc: FcId) -> list[Any]:
    return [["type", "=", "warehouse"], ["code", "=", fc]]
