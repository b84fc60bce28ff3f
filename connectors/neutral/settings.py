"""What a neutral connection needs to know of its counterpart."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Circuit, Timeouts
from connectors.ports import Capabilities, Idempotency, RateLimit, WebhookScheme
from domain.quantities import Count, Edge, Positive


class NeutralSettings(Edge):
    """How one neutral counterpart is reached, and how it behaves.

    ``webhook_tolerance_s`` is how far a webhook's timestamp may be from the
    real time at which it arrives, either way.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr | None = None
    webhook_secret: SecretStr | None = None
    webhook_tolerance_s: Positive = 300
    idempotency: Idempotency = Idempotency.KEY_HEADER
    quote_lifetime_s: Positive | None = None
    void_window_h: Positive | None = None
    requests_per_s: Positive | None = None
    circuit_failures: Count = 10
    circuit_rest_s: Annotated[float, Field(gt=0, le=3_600)] = 5.0
    connect_timeout_s: Annotated[float, Field(gt=0, le=60)] = 3.0
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(connect_s=self.connect_timeout_s, read_s=self.read_timeout_s)

    @property
    def circuit(self) -> Circuit:
        return Circuit(self.circuit_failures, self.circuit_rest_s)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        if self.requests_per_s is None:
            return ()
        return (RateLimit(requests=self.requests_per_s),)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            idempotency=self.idempotency,
            quote_lifetime_s=self.quote_lifetime_s,
            void_window_h=self.void_window_h,
            rate_limits=self.rate_limits,
            webhooks=(
                WebhookScheme.NONE
                if self.webhook_secret is None
                else WebhookScheme.STANDARD_WEBHOOKS
            ),
            transit_percentiles=(50, 90),
        )
