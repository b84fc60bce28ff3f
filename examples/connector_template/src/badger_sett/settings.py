"""What an operator configures for Badger Sett."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.ports import Ability, Capabilities, Idempotency, RateLimit
from domain.quantities import Edge, FcId, ServiceId

CAPABILITIES = Capabilities(
    # They refuse a reference that is taken: then we look it up.
    idempotency=Idempotency.UNIQUE_REFERENCE,
    abilities=frozenset(
        {
            Ability.RESERVE,
            Ability.PARTIAL_RESERVATION,
            Ability.FIND_RESERVATION,
            Ability.FIND_ORDER,
            Ability.CANCEL_ORDER,
            Ability.CHANGES,
        }
    ),
    rate_limits=(RateLimit(requests=100),),
)


class SettSettings(Edge):
    """How Badger Sett is reached; ``sites`` names theirs for each center of ours."""

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr
    sites: dict[FcId, str]
    services: dict[ServiceId, str] = Field(default_factory=dict)
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0

    @property
    def timeouts(self) -> Timeouts:
        """Return how long each part of a call may take."""
        return Timeouts(read_s=self.read_timeout_s)
