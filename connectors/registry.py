"""Connections by name, made into adapters.

Lanewise's own providers are listed here; others plug in by entry point: the
group ``lanewise.carriers``, ``lanewise.warehouses``, ``lanewise.hazards`` or
``lanewise.clocks``, the provider's name, and a function
``(Connection, real_time) -> adapter``.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError

from connectors.neutral.client import (
    NeutralCarrier,
    NeutralClock,
    NeutralHazardFeed,
    NeutralWarehouse,
)
from connectors.neutral.settings import NeutralSettings
from connectors.ports import BusinessClock, CarrierAdapter, HazardFeed, WarehouseAdapter
from domain.errors import InvalidRequest, NotFound
from domain.quantities import CarrierId, Edge, FcId

RealTime = Callable[[], datetime]
NEUTRAL = "neutral"


class ConnectionKind(StrEnum):
    """What kind of counterpart is behind a connection."""

    WAREHOUSE = "warehouse"
    CARRIER = "carrier"
    HAZARDS = "hazards"
    CLOCK = "clock"


class Connection(Edge):
    """One counterpart as an operator configures it.

    ``fcs`` and ``carriers`` say who is reached through it (None: everybody
    whom no other connection names). ``options`` are the provider's own.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    kind: ConnectionKind
    provider: str = NEUTRAL
    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr | None = None
    webhook_secret: SecretStr | None = None
    fcs: tuple[FcId, ...] | None = None
    carriers: tuple[CarrierId, ...] | None = None
    options: dict[str, str] = Field(default_factory=dict)


_GROUPS = {
    ConnectionKind.WAREHOUSE: "lanewise.warehouses",
    ConnectionKind.CARRIER: "lanewise.carriers",
    ConnectionKind.HAZARDS: "lanewise.hazards",
    ConnectionKind.CLOCK: "lanewise.clocks",
}


@dataclass(frozen=True)
class Registry:
    """Every counterpart, found by what it serves or by its connection's name."""

    warehouses: Mapping[str, WarehouseAdapter] = field(default_factory=dict)
    carriers: Mapping[str, CarrierAdapter] = field(default_factory=dict)
    hazards: Mapping[str, HazardFeed] = field(default_factory=dict)
    clocks: Mapping[str, BusinessClock] = field(default_factory=dict)
    fc_connections: Mapping[FcId | None, str] = field(default_factory=dict)
    carrier_connections: Mapping[CarrierId | None, str] = field(default_factory=dict)

    def warehouse(self, fc: FcId) -> WarehouseAdapter:
        """Return the warehouse system that runs a center; NotFound for none."""
        name = self.fc_connections.get(fc, self.fc_connections.get(None))
        if name is None:
            msg = f"fc: no warehouse connection serves {fc!r}"
            raise NotFound(msg)
        return self.warehouses[name]

    def carrier(self, carrier: CarrierId) -> CarrierAdapter:
        """Return the adapter that reaches a carrier; NotFound for none."""
        name = self.carrier_connections.get(carrier, self.carrier_connections.get(None))
        if name is None:
            msg = f"carrier: no carrier connection serves {carrier!r}"
            raise NotFound(msg)
        return self.carriers[name]

    async def close(self) -> None:
        """Let go of every connection that can be closed."""
        groups: tuple[Mapping[str, object], ...] = (
            self.warehouses,
            self.carriers,
            self.hazards,
            self.clocks,
        )
        for group in groups:
            for adapter in group.values():
                close: Callable[[], Awaitable[None]] | None = getattr(
                    adapter, "close", None
                )
                if close is not None:
                    await close()


def connect(connections: tuple[Connection, ...], real_time: RealTime) -> Registry:
    """Make adapters of connections.

    Parameters
    ----------
    connections
        By unique name; a center or carrier may be served by one only.
    real_time
        Tells the real instant, for the age of webhooks (never the business
        clock).

    Raises
    ------
    InvalidRequest
        Naming the connection and the field that is wrong.
    """
    adapters: dict[ConnectionKind, dict[str, Any]] = {k: {} for k in ConnectionKind}
    names: set[str] = set()
    fcs: dict[FcId | None, str] = {}
    carriers: dict[CarrierId | None, str] = {}
    for connection in connections:
        name = connection.name
        if name in names:
            msg = f"connection {name!r}: the name is used twice; names are unique"
            raise InvalidRequest(msg)
        names.add(name)
        if connection.kind is ConnectionKind.WAREHOUSE:
            _claim(fcs, connection.fcs, name, "center")
        if connection.kind is ConnectionKind.CARRIER:
            _claim(carriers, connection.carriers, name, "carrier")
        adapters[connection.kind][name] = _adapter(connection, real_time)
    return Registry(
        warehouses=adapters[ConnectionKind.WAREHOUSE],
        carriers=adapters[ConnectionKind.CARRIER],
        hazards=adapters[ConnectionKind.HAZARDS],
        clocks=adapters[ConnectionKind.CLOCK],
        fc_connections=fcs,
        carrier_connections=carriers,
    )


def _claim(
    owners: dict[Any, str], claimed: tuple[str, ...] | None, name: str, what: str
) -> None:
    for key in claimed if claimed is not None else (None,):
        if key in owners:
            whom = f"{what} {key!r}" if key else f"every other {what}"
            msg = f"connection {name!r}: {whom} is already served by {owners[key]!r}"
            raise InvalidRequest(msg)
        owners[key] = name


def _adapter(connection: Connection, real_time: RealTime) -> Any:
    if connection.provider == NEUTRAL:
        return _neutral(connection, real_time)
    group = _GROUPS[connection.kind]
    for plugin in entry_points(group=group, name=connection.provider):
        return plugin.load()(connection, real_time)
    msg = (
        f"connection {connection.name!r}: provider {connection.provider!r} is unknown; "
        f"use {NEUTRAL!r} or install one with an entry point in {group!r}"
    )
    raise InvalidRequest(msg)


def _neutral(connection: Connection, real_time: RealTime) -> Any:
    try:
        settings = NeutralSettings.model_validate(
            {
                **connection.options,
                "base_url": connection.base_url,
                "secret": connection.secret,
                "webhook_secret": connection.webhook_secret,
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"connection {connection.name!r}: option {where!r}: {first['msg']}"
        raise InvalidRequest(msg) from None
    match connection.kind:
        case ConnectionKind.WAREHOUSE:
            return NeutralWarehouse(settings, real_time)
        case ConnectionKind.CARRIER:
            return NeutralCarrier(settings, real_time)
        case ConnectionKind.HAZARDS:
            return NeutralHazardFeed(settings, real_time)
        case ConnectionKind.CLOCK:
            return NeutralClock(settings, real_time)
