"""Orders of a shop that drops files into a folder."""

import asyncio
import json
from hashlib import sha256
from typing import Any

from connectors.connection import Connection, RealTime, settings_of
from connectors.optional import OptionalOrderSource
from connectors.orderfiles import mapping
from connectors.orderfiles.settings import OrderFilesSettings
from connectors.ports import Ability, Capabilities, Idempotency
from domain.errors import Unavailable
from domain.ordering import Acknowledgment, OrderPage, ShipmentNotice


class OrderFiles(OptionalOrderSource):
    """A folder of files, read in the order of their names, one a page.

    The cursor is the name of the last file read and its content's digest: a
    file that changed, or one that sorts after it, is read next. Files stay
    where they are: who wrote them may tidy up.
    """

    def __init__(self, settings: OrderFilesSettings) -> None:
        self._settings = settings

    def capabilities(self) -> Capabilities:
        told = {Ability.ACKNOWLEDGE, Ability.NOTIFY_SHIPMENT}
        return Capabilities(
            idempotency=Idempotency.NONE,
            abilities=frozenset(told if self._settings.answers else ()),
        )

    async def orders(self, cursor: str | None) -> OrderPage:
        """Read the next file after a cursor (None: the first)."""
        return await asyncio.to_thread(self._next, cursor or "")

    async def acknowledge(self, taken: tuple[Acknowledgment, ...]) -> None:
        """Append what became of orders to the answers."""
        if self._settings.answers is None:
            await super().acknowledge(taken)
        told = [{"acknowledged": each.model_dump(mode="json")} for each in taken]
        await asyncio.to_thread(self._append, told)

    async def notify_shipment(self, notice: ShipmentNotice) -> None:
        """Append what left to the answers."""
        if self._settings.answers is None:
            await super().notify_shipment(notice)
        told = [{"shipped": notice.model_dump(mode="json")}]
        await asyncio.to_thread(self._append, told)

    def _next(self, cursor: str) -> OrderPage:
        last, _, digest = cursor.rpartition("#")
        try:
            names = sorted(
                path.name
                for path in self._settings.folder.iterdir()
                if path.suffix in mapping.SUFFIXES and not path.name.startswith(".")
            )
            for number, name in enumerate(names):
                if name < last:
                    continue
                data = (self._settings.folder / name).read_bytes()
                now = sha256(data).hexdigest()[:16]
                if name == last and now == digest:
                    continue
                return OrderPage(
                    orders=mapping.orders_in(
                        name, data, self._settings.fields, self._settings.prefix
                    ),
                    cursor=f"{name}#{now}",
                    more=number + 1 < len(names),
                )
        except OSError as error:
            msg = f"folder {self._settings.folder}: {error.strerror}"
            raise Unavailable(msg) from None
        return OrderPage(cursor=cursor)

    def _append(self, told: list[dict[str, Any]]) -> None:
        assert self._settings.answers is not None
        text = "".join(json.dumps(each, sort_keys=True) + "\n" for each in told)
        try:
            with self._settings.answers.open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            msg = f"answers {self._settings.answers}: {error.strerror}"
            raise Unavailable(msg) from None


def orders(connection: Connection, real_time: RealTime) -> OrderFiles:
    """Make an order source of a connection."""
    return OrderFiles(settings_of(OrderFilesSettings, connection))
