"""What changed in a Tryton database: shipments the floor worked on, new counts.

- shipments and moves are read in the order they were last written, by Tryton's
  clock and from a while before the newest that is known (``cursor.py``)
- a shipment tells what its state implies, so that one found shipped was picked
- goods that came, went or were counted without us: their new physical count
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from connectors.tryton.cursor import BEGINNING, SHIPMENTS, Cursor, Mark, cursor_of
from connectors.tryton.mapping import Site
from connectors.tryton.notices import notices_of
from connectors.tryton.reader import Reader, moved_in
from connectors.tryton.records import (
    MOVE,
    MOVED_FIELDS,
    SHIPMENT,
    SHIPMENT_FIELDS,
    Dated,
    Moved,
    Shipment,
    instant,
    records,
)
from connectors.tryton.references import RELEASED
from domain.quantities import SkuId
from domain.warehousing import StockNotice, WarehouseChanges, WarehouseNotice

R = TypeVar("R", bound=Dated)
N = TypeVar("N")

Notice = WarehouseNotice | StockNotice


@dataclass(frozen=True)
class _Read(Generic[N]):
    """What is new in one list, and where its reading stands."""

    new: list[N]
    mark: Mark
    more: bool


class Changes:
    """Reads what changed since a cursor, a page of each list at once."""

    def __init__(self, reader: Reader, page: int, overlap: timedelta) -> None:
        self._reader = reader
        self._page = page
        self._overlap = overlap

    async def since(
        self, sites: Sequence[Site], cursor: str | None
    ) -> WarehouseChanges:
        """List the facts after a cursor, each center's counts after its orders."""
        marks = dict(cursor_of(cursor).marks)
        notices: list[Notice] = []
        problems: list[str] = []
        released = await self._released(sites, marks.get(SHIPMENTS, Mark(BEGINNING)))
        marks[SHIPMENTS] = released.mark
        more = released.more
        for site in sites:
            mine = [s for s in released.new if s.warehouse == site.warehouse.id]
            for work in await self._reader.works(site, mine) if mine else ():
                if work.told is None:
                    problems.append(f"shipment {work.shipment.id}: our note is gone")
                else:
                    notices += notices_of(work, work.told)
        for site in sites:
            counted = await self._counted(site, marks)
            more = more or counted.more
            notices += counted.new
        return WarehouseChanges(
            notices=tuple(notices),
            cursor=Cursor(marks).text(),
            more=more,
            problems=tuple(problems),
        )

    async def _released(self, sites: Sequence[Site], mark: Mark) -> _Read[Shipment]:
        domain = [
            ["warehouse", "in", [site.warehouse.id for site in sites]],
            ["reference", "like", f"% {RELEASED}%"],
        ]
        fields = SHIPMENT_FIELDS
        return await self._written(sites[0], SHIPMENT, domain, fields, Shipment, mark)

    async def _counted(self, site: Site, marks: dict[str, Mark]) -> _Read[Notice]:
        """Count again what moved other than by shipments to customers."""
        name = f"moves/{site.fc}"
        first = name not in marks
        read = await self._moved(site, marks.get(name) or await self._start(site))
        while first and read.more:
            read = await self._moved(site, read.mark)
        marks[name] = read.mark
        # What was counted before is no news: all stock is asked for at first.
        latest = {} if first else {m.product.code: m for m in read.new}
        skus = tuple(SkuId(code) for code in latest if code)
        if not skus:
            return _Read([], read.mark, more=read.more)
        units, as_of = await self._reader.counted(site, skus)
        notices: list[Notice] = [
            StockNotice(
                event_id=f"{site.fc}/move/{latest[sku].id}/{sku}",
                fc=site.fc,
                sku=sku,
                on_hand=units.get(sku, 0),
                occurred_at=as_of or latest[sku].version_at,
            )
            for sku in skus
        ]
        return _Read(notices, read.mark, read.more)

    async def _start(self, site: Site) -> Mark:
        return Mark(await self._reader.moved_at(site) or BEGINNING)

    async def _moved(self, site: Site, mark: Mark) -> _Read[Moved]:
        ours = ["shipment", "not like", f"{SHIPMENT},%"]
        domain = [*moved_in(site), ["OR", ["shipment", "=", None], ours]]
        return await self._written(site, MOVE, domain, MOVED_FIELDS, Moved, mark)

    async def _written(
        self,
        site: Site,
        model: str,
        domain: list[Any],
        fields: list[str],
        record: type[R],
        mark: Mark,
    ) -> _Read[R]:
        """Read what was written since a mark, oldest first, at most a page of it."""
        new: list[R] = []
        part: list[Any] = ["write_date", ">=", instant(mark.since(self._overlap))]
        rest = True
        while rest and len(new) < self._page:
            found = await self._reader.written(site, model, [*domain, part], fields)
            rows = records(record, found, model)
            new += [row for row in rows if (row.id, row.version_at) not in mark.told]
            rest = len(rows) == self._page
            part = _behind(rows[-1]) if rows else part
        more = rest or len(new) > self._page
        new = new[: self._page]
        versions = [(row.id, row.version_at) for row in new]
        return _Read(new, mark.beyond(versions, self._overlap), more)


def _behind(row: Dated) -> list[Any]:
    """Return the clause for what comes after a record in the order of writing."""
    at = instant(row.version_at)
    later = ["write_date", ">", at]
    return ["OR", later, [["write_date", "=", at], ["id", ">", row.id]]]
