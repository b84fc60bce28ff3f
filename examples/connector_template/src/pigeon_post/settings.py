"""What an operator configures for Pigeon Post."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.ports import (
    Ability,
    Capabilities,
    Idempotency,
    RateLimit,
    WebhookScheme,
)
from domain.quantities import CarrierId, Edge, ServiceId

CAPABILITIES = Capabilities(
    idempotency=Idempotency.LOOK_UP,
    abilities=frozenset(
        {
            Ability.RATE_SHOP,
            Ability.FIND_BOOKINGS,
            Ability.VOID,
            Ability.DOCUMENT,
            Ability.TRACK,
        }
    ),
    quote_lifetime_s=600,
    void_window_h=24,
    rate_limits=(RateLimit(requests=600, per_s=60),),
    webhooks=WebhookScheme.HMAC,
    webhook_ids=False,
)


class PigeonSettings(Edge):
    """How Pigeon Post is reached; ``services`` names theirs for each of ours."""

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr
    webhook_secret: SecretStr | None = None
    carriers: tuple[CarrierId, ...] = (CarrierId("pigeon"),)
    services: dict[ServiceId, str]
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0

    @property
    def timeouts(self) -> Timeouts:
        """Return how long each part of a call may take."""
        return Timeouts(read_s=self.read_timeout_s)
