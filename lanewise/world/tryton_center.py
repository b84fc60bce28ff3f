"""Tryton as one of the demo's warehouses: its books, its floor, our settings.

- the center that stocks most of what is ordered is built in Tryton, with the
  goods the world's own center would have; the world gives that center up
- the connection for that center points at Tryton, nothing else differs
- a floor works there in business time; we hear of it by asking what changed
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from connectors.connection import settings_of
from connectors.tryton import mapping
from connectors.tryton.reader import Reader
from connectors.tryton.settings import TrytonSettings
from connectors.tryton.sites import Sites
from domain.quantities import FcId
from lanewise.world.guest import Ground, Guest
from lanewise.world.seed import Seeded
from lanewise.world.tryton import NAME, TrytonServer, tryton_server, wind
from lanewise.world.tryton_floor import Shelves, TrytonFloor


@asynccontextmanager
async def tryton_center(ground: Ground) -> AsyncIterator[Guest]:
    """Let a Tryton server be one of the world's warehouses."""
    seeded = ground.seeded
    fc = busiest(seeded)
    folder = ground.folder / NAME
    folder.mkdir(parents=True, exist_ok=True)
    clock = folder / "clock"
    wind(clock, seeded.start)
    async with tryton_server(clock) as server:
        await server.open({fc: seeded.stock[fc]})
        given_up = ground.world.give_up(fc)
        floor = TrytonFloor(
            server=server,
            center=seeded.network.center(fc),
            traits=given_up.traits,
            shelves=Shelves({sku: s.true for sku, s in given_up.shelves.items()}),
            receipts=[change for change in seeded.receipts if change.fc == fc],
            carrier_of=given_up.carrier_of,
            hand_over=lambda number: ground.world.hand_over(fc, number),
            clock=clock,
        )

        async def books() -> Mapping[FcId, dict[str, Any]]:
            return {fc: await books_of(server, fc)}

        yield Guest(
            connections=(server.connection(NAME, (fc,)),),
            turn=floor.turn,
            books=books,
            part=f"the warehouse of {fc}",
        )


def busiest(seeded: Seeded) -> FcId:
    """Return the center that stocks most of the lines ordered."""
    wanted = [line.sku for order in seeded.orders for line in order.lines]

    def lines(fc: FcId) -> tuple[int, FcId]:
        shelf = seeded.stock.get(fc, {})
        return sum(sku in shelf for sku in wanted), fc

    return max((center.id for center in seeded.network.centers), key=lines)


async def books_of(server: TrytonServer, fc: FcId) -> dict[str, Any]:
    """Return what Tryton thinks happened in a center, as the world's books say it."""
    settings = settings_of(TrytonSettings, server.connection(NAME, (fc,)))
    site = await Sites(settings, server.rpc).of(fc)
    reader = Reader(server.rpc, settings.page)
    found = await reader.shipments(site, ["reference", "!=", None])
    works = await reader.works(site, found)
    counted, _ = await reader.counted(site, None)
    return {
        "on_hand": counted,
        "shelves": {},
        "reservations": [_hold(work) for work in works if _only_reserved(work)],
        "orders": [_order(work) for work in works if work.shipment.keys[1]],
    }


def _only_reserved(work: mapping.Work) -> bool:
    return work.shipment.keys[1] is None and work.shipment.state != "cancelled"


def _hold(work: mapping.Work) -> dict[str, Any]:
    key = work.shipment.keys[0]
    return {
        "id": str(work.shipment.id),
        "reference": key,
        "order_id": key.partition("/")[0],
        "left": work.assigned,
    }


def _order(work: mapping.Work) -> dict[str, Any]:
    key = work.shipment.keys[1] or ""
    told = work.told
    order = mapping.warehouse_order(work, key)
    return {
        **order.model_dump(mode="json", exclude={"raw", "key", "fc"}),
        "reference": key,
        "reservation_reference": work.shipment.keys[0],
        "order_id": told.order_id if told else key.partition("/")[0],
        "lines": [
            {"sku": sku, "units": units}
            for sku, units in (told.lines if told else {}).items()
        ],
    }
