"""What a connection to the US National Weather Service needs to know."""

from typing import Annotated

from pydantic import Field

from connectors.http import Timeouts
from connectors.ports import RateLimit
from domain.quantities import Edge, Positive


class NwsSettings(Edge):
    """Where the service is, who asks, and which alerts are asked for.

    The service refuses who does not say whom to write to: ``user_agent`` names
    an application and a mailbox. ``areas`` (states and marine areas, ``NV``)
    narrow the list; empty: the whole country.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")] = (
        "https://api.weather.gov"
    )
    user_agent: Annotated[str, Field(pattern=r".*\S@\S.*", max_length=200)]
    areas: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    most_pages: Positive = 20
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 30.0
    requests_per_s: Positive = 2

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(read_s=self.read_timeout_s)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        return (RateLimit(requests=self.requests_per_s),)
