"""What a connection to Open-Meteo needs to know."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.ports import RateLimit
from domain.quantities import Edge, Positive


class OpenMeteoSettings(Edge):
    """Where the service is; ``secret`` is the key of paying customers.

    The free service is for non-commercial use; a company takes
    ``https://customer-api.open-meteo.com`` with a key, or runs its own.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")] = (
        "https://api.open-meteo.com"
    )
    secret: SecretStr | None = None
    model: Annotated[str, Field(pattern=r"^[a-z0-9_]*$")] = ""
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 15.0
    requests_per_s: Positive = 5

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(read_s=self.read_timeout_s)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        return (RateLimit(requests=self.requests_per_s),)
