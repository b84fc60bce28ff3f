"""Every kind of connection: its checks, and the bench they need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance import (
    carriers,
    clocks,
    forecasts,
    hazards,
    orders,
    sample,
    transports,
    warehouses,
)
from conformance.bench import Bench
from conformance.running import Check, Report, run
from conformance.sample import Sample
from connectors.connection import Connection, ConnectionKind, RealTime

K = ConnectionKind


@dataclass(frozen=True)
class Kit:
    """The checks of one kind of adapter, and what makes their bench."""

    checks: tuple[Check[Any], ...]
    bench: Callable[[Connection, RealTime, Sample, str], Bench[Any]]

    async def run(
        self,
        connection: Connection,
        real_time: RealTime,
        sample: Sample,
        word: str,
        *,
        effects: bool,
    ) -> Report:
        """Run the checks over a connection's counterpart.

        Parameters
        ----------
        sample
            What to ask for.
        word
            One that no other run has used.
        effects
            False to leave out whatever books, reserves or sends.
        """
        bench = self.bench(connection, real_time, sample, word)
        return await run(self.checks, bench, effects=effects)


KITS: Mapping[ConnectionKind, Kit] = {
    K.CARRIER: Kit(carriers.CHECKS, sample.carrier_bench),
    K.WAREHOUSE: Kit(warehouses.CHECKS, sample.warehouse_bench),
    K.TRANSPORT: Kit(transports.CHECKS, sample.transport_bench),
    K.HAZARDS: Kit(hazards.CHECKS, sample.hazards_bench),
    K.FORECAST: Kit(forecasts.CHECKS, sample.forecast_bench),
    K.ORDERS: Kit(orders.CHECKS, sample.orders_bench),
    K.CLOCK: Kit(clocks.CHECKS, sample.clock_bench),
}
