"""What asking several carriers at once tells: prices, and who told none, and why."""

from enum import StrEnum

from domain.quantities import Count, Instant, ServiceId, Value
from domain.shipping import RateRequest


class Missing(StrEnum):
    """Why there is no live price.

    Of these, ``late`` to ``unreadable`` and ``failed`` say that a connection did
    not do its part; ``resting`` that it was not asked, because it did not before.
    ``not-asked-for`` is an answer for a service that nobody asked about.
    """

    LATE = "late"
    RATE_LIMITED = "rate-limited"
    UNAVAILABLE = "unavailable"
    RESTING = "resting"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    FAILED = "failed"
    EXPIRED = "expired"
    CURRENCY = "currency"
    NOT_ASKED_FOR = "not-asked-for"
    NOT_OFFERED = "not-offered"
    NO_CONNECTION = "no-connection"
    TABLES = "tables"


# What nobody need be told: these connections or services never have live prices.
BY_DESIGN = frozenset({Missing.NO_CONNECTION, Missing.TABLES})


class Silent(Value):
    """A connection without a live price for some services, and why.

    Tables price these services. ``detail`` is what it said, if anything.
    """

    connection: str
    why: Missing
    services: tuple[ServiceId, ...] = ()
    detail: str = ""

    @property
    def words(self) -> str:
        """Say it in a line."""
        what = f" for {', '.join(self.services)}" if self.services else ""
        said = f": {self.detail}" if self.detail else ""
        return f"{self.connection or 'nobody'}{what}: {self.why.value}{said}"


class LivePrice(Value):
    """A carrier's own price, and how long it stands by it.

    ``cached`` where it was told to an earlier question like this one.
    """

    connection: str
    service: ServiceId
    cents: Count
    p50_at: Instant
    p90_at: Instant
    expires_at: Instant
    cached: bool = False


class Shopped(Value):
    """What was told about one question: prices cheapest first, and who was silent.

    Every service asked about is in exactly one of them.
    """

    question: RateRequest
    prices: tuple[LivePrice, ...] = ()
    silent: tuple[Silent, ...] = ()

    @property
    def untold(self) -> tuple[ServiceId, ...]:
        """Name the services that tables must price."""
        told = {price.service for price in self.prices}
        return tuple(s for s in self.question.services if s not in told)
