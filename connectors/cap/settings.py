"""What a connection to a feed of CAP alerts needs to know."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from domain.quantities import Edge, Positive


class CapSettings(Edge):
    """Where the feed's list is, and how far links in it are followed.

    ``country`` is where the issuer's zone codes are, unless an alert tells.
    ``secret`` is sent as a bearer token to the list's host, and to no other.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"
    most_links: Positive = 500
    links_at_once: Positive = 8
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 30.0

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(read_s=self.read_timeout_s)
