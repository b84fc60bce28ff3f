"""One whole simulated world: its parts, and how they hang together."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from domain.hazard import Hazard
from domain.quantities import FcId, SkuId
from lanewise.world.carrier import Carriers
from lanewise.world.clock import WorldClock
from lanewise.world.faults import Faults
from lanewise.world.gate import Gate
from lanewise.world.luck import luck
from lanewise.world.outbox import Outbox
from lanewise.world.problems import Refused
from lanewise.world.shelves import Shelf
from lanewise.world.spec import StockChange, WorldSpec
from lanewise.world.warehouse import Warehouse

# Of wrong counts: how many are of goods that are not there at all (misplaced, stolen).
PHANTOM_PERMILLE = 350


def real_now() -> datetime:
    """Return the real instant, for signatures."""
    return datetime.now(UTC)


class World:
    """Warehouses, carriers, hazards and the clock they share."""

    def __init__(
        self, spec: WorldSpec, real_time: Callable[[], datetime] = real_now
    ) -> None:
        self.spec = spec
        self.clock = WorldClock(spec.start_at, spec.tick_min)
        self.outbox = Outbox(
            spec.webhooks, dict(spec.receivers), real_time, seed=spec.seed
        )
        self.gate = Gate(Faults(spec.faults, spec.seed))
        self.carriers = Carriers(
            spec.network,
            spec.carrier,
            self.clock,
            self.outbox,
            self.hazards,
            seed=spec.seed,
        )
        self.warehouses = {
            center.id: Warehouse(
                center,
                self._shelves(center.id),
                spec.warehouse,
                self.clock,
                self.outbox,
                self.carriers.hand_over,
                self.carriers.carrier_of,
            )
            for center in spec.network.centers
        }
        self._plan_news()

    def warehouse(self, fc: FcId) -> Warehouse:
        """Return the warehouse of that id; Refused where there is none."""
        found = self.warehouses.get(fc)
        if found is None:
            raise Refused(404, "unknown-warehouse", f"no warehouse {fc!r}")
        return found

    def give_up(self, fc: FcId) -> Warehouse:
        """Run a center no more: somebody else does, with the goods it had."""
        given = self.warehouse(fc)
        del self.warehouses[fc]
        return given

    def hazards(self) -> tuple[Hazard, ...]:
        """List what the feed knows of now."""
        now = self.clock.now
        return tuple(
            news.hazard
            for news in self.spec.hazards
            if news.announced_at <= now < (news.withdrawn_at or news.hazard.valid_until)
        )

    def _shelves(self, fc: FcId) -> dict[SkuId, Shelf]:
        return {
            sku: Shelf(units, self._true_count(fc, sku, units), units)
            for sku, units in sorted(self.spec.stock.get(fc, {}).items())
        }

    def _true_count(self, fc: FcId, sku: SkuId, units: int) -> int:
        dice = luck(self.spec.seed, "count", fc, sku)
        if dice.random() * 1000 < self.spec.warehouse.stock_accuracy_permille:
            return units
        if dice.random() * 1000 < PHANTOM_PERMILLE:
            return 0
        return int(units * dice.uniform(0.3, 0.95))

    def _plan_news(self) -> None:
        # Nothing happens then but that the feed changes: a reason to stop there.
        for news in self.spec.hazards:
            for at in (news.announced_at, news.withdrawn_at):
                if at is not None and at > self.clock.now:
                    self.clock.plan(at, _nothing)
        for change in self.spec.stock_changes:
            self.clock.plan(change.at, partial(self._change, change))

    def _change(self, change: StockChange) -> None:
        center = self.warehouses.get(change.fc)
        # What comes to a center that was given up is for whoever runs it.
        if center is not None:
            center.change_stock(change.sku, change.units)


def _nothing() -> None:
    return
