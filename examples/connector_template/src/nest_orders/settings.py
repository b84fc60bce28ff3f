"""What an operator configures for Nest Orders."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.ports import Ability, Capabilities, Idempotency, RateLimit
from domain.quantities import Edge

CAPABILITIES = Capabilities(
    idempotency=Idempotency.KEY_HEADER,
    abilities=frozenset({Ability.ACKNOWLEDGE, Ability.NOTIFY_SHIPMENT}),
    rate_limits=(RateLimit(requests=100),),
)


class NestSettings(Edge):
    """How the shop is reached; ``prefix`` keeps its ids apart from other shops'."""

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{0,20}$")] = ""
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0

    @property
    def timeouts(self) -> Timeouts:
        """Return how long each part of a call may take."""
        return Timeouts(read_s=self.read_timeout_s)
