"""What an operator configures for Hawk Watch."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.ports import RateLimit
from domain.quantities import Edge

RATE_LIMITS = (RateLimit(requests=100),)


class WatchSettings(Edge):
    """How Hawk Watch is reached, and how much hawks hold a parcel up."""

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr
    delay_h: Annotated[int, Field(ge=0, le=240)] = 24
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0

    @property
    def timeouts(self) -> Timeouts:
        """Return how long each part of a call may take."""
        return Timeouts(read_s=self.read_timeout_s)
