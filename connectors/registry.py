"""Connections by name, made into adapters.

Lanewise's own providers are in ``PROVIDERS``; others plug in by entry point:
the group of their kind (``lanewise.carriers``, ``lanewise.warehouses``, …),
the provider's name, and a function ``(Connection, RealTime) -> adapter``.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from connectors.connection import Connection as Connection
from connectors.connection import ConnectionKind as ConnectionKind
from connectors.connection import RealTime as RealTime
from connectors.ports import (
    BusinessClock,
    CarrierAdapter,
    ForecastSource,
    HazardFeed,
    OrderSource,
    TransportAdapter,
    WarehouseAdapter,
)
from connectors.routing import Routes
from domain.errors import InvalidRequest, NotFound
from domain.quantities import CarrierId, FcId, Place

K = ConnectionKind

# Kind and provider → module and function; read when a connection needs it.
PROVIDERS: Mapping[tuple[ConnectionKind, str], str] = {
    (K.WAREHOUSE, "neutral"): "connectors.neutral.client:warehouse",
    (K.CARRIER, "neutral"): "connectors.neutral.client:carrier",
    (K.HAZARDS, "neutral"): "connectors.neutral.client:hazards",
    (K.CLOCK, "neutral"): "connectors.neutral.client:clock",
    (K.CARRIER, "karrio"): "connectors.karrio.client:carrier",
    (K.CARRIER, "easypost"): "connectors.easypost.client:carrier",
    (K.CARRIER, "shipengine"): "connectors.shipengine.client:carrier",
    (K.CARRIER, "table"): "connectors.table.client:carrier",
    (K.WAREHOUSE, "tryton"): "connectors.tryton.client:warehouse",
    (K.WAREHOUSE, "shipbob"): "connectors.shipbob.client:warehouse",
    (K.WAREHOUSE, "x12"): "connectors.x12.client:warehouse",
    (K.TRANSPORT, "x12"): "connectors.x12.client:transport",
    (K.HAZARDS, "nws"): "connectors.nws.client:hazards",
    (K.HAZARDS, "cap"): "connectors.cap.client:hazards",
    (K.FORECAST, "open-meteo"): "connectors.openmeteo.client:forecast",
    (K.ORDERS, "files"): "connectors.orderfiles.client:orders",
    (K.ORDERS, "rest"): "connectors.orderfeed.client:orders",
    (K.ORDERS, "shipstation"): "connectors.shipstation.client:orders",
}

GROUPS: Mapping[ConnectionKind, str] = {
    K.WAREHOUSE: "lanewise.warehouses",
    K.CARRIER: "lanewise.carriers",
    K.TRANSPORT: "lanewise.transports",
    K.HAZARDS: "lanewise.hazards",
    K.FORECAST: "lanewise.forecasts",
    K.ORDERS: "lanewise.orders",
    K.CLOCK: "lanewise.clocks",
}


@dataclass(frozen=True)
class Registry:
    """Every counterpart, found by what it serves or by its connection's name."""

    connections: Mapping[str, Connection] = field(default_factory=dict)
    warehouses: Mapping[str, WarehouseAdapter] = field(default_factory=dict)
    carriers: Mapping[str, CarrierAdapter] = field(default_factory=dict)
    transports: Mapping[str, TransportAdapter] = field(default_factory=dict)
    hazards: Mapping[str, HazardFeed] = field(default_factory=dict)
    forecasts: Mapping[str, ForecastSource] = field(default_factory=dict)
    orders: Mapping[str, OrderSource] = field(default_factory=dict)
    clocks: Mapping[str, BusinessClock] = field(default_factory=dict)
    routes: Routes = field(default_factory=Routes)

    def warehouse(self, fc: FcId) -> WarehouseAdapter:
        """Return the warehouse system that runs a center; NotFound for none."""
        name = self.routes.warehouse(fc)
        if name is None:
            msg = f"fc: no warehouse connection serves {fc!r}"
            raise NotFound(msg)
        return self.warehouses[name]

    def carrier(
        self, carrier: CarrierId, fc: FcId | None = None, to: Place | None = None
    ) -> CarrierAdapter:
        """Return the adapter that reaches a carrier; NotFound for none.

        A connection for that center wins over one for every center, one for
        that destination over one for every destination, and one that names
        the carrier over one that names none.
        """
        name = self.routes.carrier(carrier, fc, to)
        if name is None:
            msg = f"carrier: no carrier connection serves {carrier!r}"
            raise NotFound(msg)
        return self.carriers[name]

    def transport(
        self, carrier: CarrierId, fc: FcId | None = None, to: Place | None = None
    ) -> TransportAdapter | None:
        """Return the adapter over which a carrier is offered loads.

        None where the carrier is not reached so: it is booked. What is more
        particular wins, as it does among carriers.
        """
        name = self.routes.transport(carrier, fc, to)
        return None if name is None else self.transports[name]

    async def close(self) -> None:
        """Let go of every connection that can be closed."""
        groups: tuple[Mapping[str, object], ...] = (
            *(self.warehouses, self.carriers, self.transports, self.hazards),
            *(self.forecasts, self.orders, self.clocks),
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
        By unique name; what a connection serves, no other may serve as well.
    real_time
        Tells the real instant, for the age of webhooks (never the business
        clock).

    Raises
    ------
    InvalidRequest
        Naming the connection and the field that is wrong.
    """
    adapters: dict[ConnectionKind, dict[str, Any]] = {k: {} for k in ConnectionKind}
    named: dict[str, Connection] = {}
    for connection in connections:
        if connection.name in named:
            msg = f"connection {connection.name!r}: the name is used twice"
            raise InvalidRequest(f"{msg}; names are unique")
        named[connection.name] = connection
    routes = Routes.of(connections)
    for connection in connections:
        made = adapter(connection, real_time)
        adapters[connection.kind][connection.name] = made
    return Registry(
        connections=named,
        warehouses=adapters[K.WAREHOUSE],
        carriers=adapters[K.CARRIER],
        transports=adapters[K.TRANSPORT],
        hazards=adapters[K.HAZARDS],
        forecasts=adapters[K.FORECAST],
        orders=adapters[K.ORDERS],
        clocks=adapters[K.CLOCK],
        routes=routes,
    )


def adapter(connection: Connection, real_time: RealTime) -> Any:
    """Make the adapter of one connection.

    Raises
    ------
    InvalidRequest
        Naming the connection, and the option or the provider that is wrong.
    """
    group = GROUPS[connection.kind]
    for plugin in entry_points(group=group, name=connection.provider):
        return plugin.load()(connection, real_time)
    where = PROVIDERS.get((connection.kind, connection.provider))
    if where is not None:
        module, _, function = where.partition(":")
        return getattr(import_module(module), function)(connection, real_time)
    known = sorted(name for kind, name in PROVIDERS if kind is connection.kind)
    msg = (
        f"connection {connection.name!r}: provider {connection.provider!r} is unknown; "
        f"use one of {', '.join(known)}, or install one with an entry point in "
        f"{group!r}"
    )
    raise InvalidRequest(msg)
