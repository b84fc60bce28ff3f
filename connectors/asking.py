"""One question about prices to one connection, and what its answer is worth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.quotes import Asked, asked
from domain.errors import (
    ConnectorError,
    ContractViolation,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    Unsupported,
)
from domain.quantities import CarrierId, ServiceId
from domain.shipping import Quote, RateRequest
from domain.shopping import LivePrice, Missing, Silent

# As much of what a counterpart said as is worth keeping with a decision.
DETAIL = 200

_REASONS: tuple[tuple[type[ConnectorError], Missing], ...] = (
    (RateLimited, Missing.RATE_LIMITED),
    (Unavailable, Missing.UNAVAILABLE),
    (OutcomeUnknown, Missing.UNAVAILABLE),
    (ContractViolation, Missing.UNREADABLE),
    (Unsupported, Missing.TABLES),
    (ConnectorError, Missing.REFUSED),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What one connection told about some services."""

    prices: tuple[LivePrice, ...] = ()
    silent: tuple[Silent, ...] = ()

    def of(self, services: Iterable[ServiceId]) -> "Told":
        """Leave out what was told of services that somebody else asked about."""
        mine = set(services)
        silent = (
            each.model_copy(
                update={"services": tuple(s for s in each.services if s in mine)}
            )
            for each in self.silent
        )
        return Told(
            tuple(price for price in self.prices if price.service in mine),
            tuple(s for s in silent if s.services or s.why is Missing.NOT_ASKED_FOR),
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to a connection: whose the services are, and until when it waits.

    ``until_s`` is an instant of the event loop's clock.
    """

    connection: str
    question: RateRequest
    carriers: Mapping[ServiceId, CarrierId]
    now: datetime
    currency: str
    until_s: float

    def about(self, services: Iterable[ServiceId]) -> RateRequest:
        """Return the question about some of its services only."""
        return self.question.model_copy(update={"services": tuple(services)})

    def key(self, service: ServiceId) -> Asked:
        """Return what a price for a service is kept by."""
        return asked(self.connection, service, self.question)

    def price(self, quote: Quote, *, cached: bool) -> LivePrice:
        """Return a quote as a price."""
        return LivePrice(
            connection=self.connection,
            service=quote.service,
            cents=quote.total_cents,
            p50_at=quote.p50_at,
            p90_at=quote.p90_at,
            expires_at=quote.expires_at,
            cached=cached,
        )

    def silent(
        self, why: Missing, services: Iterable[ServiceId], detail: str = ""
    ) -> Silent:
        """Say why there is no price for some services."""
        return Silent(
            connection=self.connection,
            why=why,
            services=tuple(services),
            detail=detail[:DETAIL],
        )

    def failed(self, error: ConnectorError, services: Iterable[ServiceId]) -> Told:
        """Say that the connection answered with an error of the closed set."""
        why = next(why for kind, why in _REASONS if isinstance(error, kind))
        return Told(silent=(self.silent(why, services, str(error)),))

    def read(
        self, services: list[ServiceId], quotes: Iterable[Quote]
    ) -> tuple[dict[ServiceId, Quote], tuple[Silent, ...]]:
        """Return the cheapest quote of each service, and what answers nothing."""
        best: dict[ServiceId, Quote] = {}
        wrong: dict[ServiceId, Silent] = {}
        strange = []
        for quote in sorted(quotes, key=lambda q: (q.total_cents, q.p90_at, q.id)):
            service = quote.service
            why, detail = self._objection(services, quote)
            if why is None:
                best.setdefault(service, quote)
            elif why is Missing.NOT_ASKED_FOR:
                strange.append(self.silent(why, (), detail))
            else:
                wrong.setdefault(service, self.silent(why, (service,), detail))
        silent = [*strange, *(wrong[s] for s in services if s in wrong.keys() - best)]
        missing = [s for s in services if s not in best and s not in wrong]
        if missing:
            silent.append(self.silent(Missing.NOT_OFFERED, missing))
        return best, tuple(silent)

    def _objection(
        self, services: list[ServiceId], quote: Quote
    ) -> tuple[Missing | None, str]:
        service = quote.service
        if service not in services:
            return Missing.NOT_ASKED_FOR, f"it priced {service}"
        whose = self.carriers[service]
        if quote.carrier not in (None, whose):
            said = f"it priced {service} of {quote.carrier}, not {whose}"
            return Missing.NOT_ASKED_FOR, said
        if quote.currency != self.currency:
            return Missing.CURRENCY, f"{quote.currency}, not {self.currency}"
        if quote.expired(self.now):
            return Missing.EXPIRED, f"since {quote.expires_at:%Y-%m-%d %H:%M} UTC"
        return None, ""
