"""What a simulated world is made of; everything is seeded, nothing is read."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr

from connectors.ports import Idempotency
from domain.hazard import Hazard
from domain.network import Network
from domain.quantities import (
    CarrierId,
    Count,
    FcId,
    Instant,
    Positive,
    ServiceId,
    SkuId,
    Value,
)

Permille = Annotated[int, Field(ge=0, le=1000)]
Ppm = Annotated[int, Field(ge=0, le=1_000_000)]


class Fault(StrEnum):
    """What can go wrong with one call."""

    ERROR_BEFORE = "error-before"
    ERROR_AFTER = "error-after"
    BUSY = "busy"
    HANG = "hang"
    DROP = "drop"
    RATE_LIMIT = "rate-limit"
    SLOW = "slow"
    TRUNCATE = "truncate"
    GARBLE = "garble"
    KILL = "kill"


class ScriptedFault(Value):
    """Let the nth matching call from now on go wrong, and the next ones too.

    ``operation`` is the name of a call (``book``, ``reserve``…) or ``*``;
    ``times`` is how many calls in a row. ``pid`` is who dies of a ``kill``.
    """

    operation: str
    fault: Fault
    nth: Positive = 1
    times: Positive = 1
    pid: Annotated[int, Field(gt=1)] | None = None


class FaultSpec(Value):
    """How often calls go wrong by chance, and how fast they are otherwise.

    ``permille`` is the chance of each fault, of every call whose operation is
    in ``operations`` (None: all). Latencies and hangs are in real time.
    """

    permille: dict[Fault, Permille] = Field(default_factory=dict)
    operations: tuple[str, ...] | None = None
    scripted: tuple[ScriptedFault, ...] = ()
    latency_min_ms: Count = 0
    latency_max_ms: Count = 0
    slow_ms: Count = 1_500
    hang_ms: Count = 30_000
    retry_after_s: Count = 1


class WebhookSpec(Value):
    """How unreliable webhooks are; retries back off in real time.

    A delivery holds up to ``batch`` facts of different parcels; up to
    ``parallel`` deliveries of one connection are on their way at once.
    """

    duplicate_permille: Permille = 0
    reorder_permille: Permille = 0
    retry_min_ms: Positive = 50
    retry_max_ms: Positive = 5_000
    timeout_ms: Positive = 10_000
    parallel: Positive = 8
    batch: Positive = 25


class Receiver(Value):
    """Where webhooks of one connection go, and what they are signed with."""

    url: str
    secret: SecretStr


class Closure(Value):
    """A center that takes no new orders for a while (None: no end).

    Reserving and releasing answer 409 ``center-closed``; what is on the floor
    goes on.
    """

    fc: FcId
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class WarehouseTraits(Value):
    """How the warehouses behave.

    ``stock_accuracy_permille`` is the share of (center, SKU) counts that are
    true; the others overstate what is on the shelf, so that picks come short.
    Picking begins ``pick_start_min`` after release at the earliest, and no
    sooner than the center's processing hours before handover. From then on it
    is too late to cancel.
    """

    idempotency: Idempotency = Idempotency.KEY_HEADER
    stock_accuracy_permille: Permille = 1000
    pick_start_min: Count = 15
    pick_min_per_line: Count = 3
    closures: tuple[Closure, ...] = ()


class Refusal(Value):
    """A service that takes no bookings for a while (None: no end).

    ``full`` answers 409 ``service-full``; else 422 ``lane-suspended``. None of
    ``fc`` or ``region`` means all.
    """

    service: ServiceId
    fc: FcId | None = None
    region: str | None = None
    full: bool = True
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class CarrierTraits(Value):
    """How the carriers behave.

    ``rate_noise_permille`` moves each quoted price by up to that much either
    way. ``void_takes_min`` above 0 answers *requested* first. An exception
    costs ``exception_delay_h`` more; a lost parcel is declared so after three
    times its 90th percentile.
    """

    idempotency: Idempotency = Idempotency.UNIQUE_REFERENCE
    quote_lifetime_s: Positive = 900
    rate_noise_permille: Permille = 0
    void_window_h: Positive = 720
    void_takes_min: Count = 0
    exception_permille: Permille = 0
    exception_delay_h: Count = 24
    lost_ppm: Ppm = 0
    zpl_carriers: tuple[CarrierId, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class AnnouncedHazard(Value):
    """An alert and when the feed first and last lists it (None: to its end)."""

    hazard: Hazard
    announced_at: Instant
    withdrawn_at: Instant | None = None


class StockChange(Value):
    """Goods that come in (or are found missing) at an instant."""

    at: Instant
    fc: FcId
    sku: SkuId
    units: int


class WorldSpec(Value):
    """A whole simulated world.

    ``stock`` is what the warehouses' systems believe is on the shelf.
    Connections are named ``warehouses`` and ``carriers`` in ``receivers``.
    Events happen on a grid of ``tick_min`` business minutes, so that one jump
    of the clock carries many of them. ``api_key`` None lets anybody call.
    """

    seed: int = 0
    start_at: Instant
    network: Network
    stock: dict[FcId, dict[SkuId, Count]] = Field(default_factory=dict)
    stock_changes: tuple[StockChange, ...] = ()
    hazards: tuple[AnnouncedHazard, ...] = ()
    warehouse: WarehouseTraits = WarehouseTraits()
    carrier: CarrierTraits = CarrierTraits()
    faults: FaultSpec = FaultSpec()
    webhooks: WebhookSpec = WebhookSpec()
    receivers: dict[str, Receiver] = Field(default_factory=dict)
    api_key: SecretStr | None = None
    tick_min: Positive = 15
