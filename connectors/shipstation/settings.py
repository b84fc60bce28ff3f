"""What an order source that implements ShipStation Connect's contract needs."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from domain.order import ServiceLevel
from domain.quantities import Edge


class ShipStationSettings(Edge):
    """Where the source is, and what it is told with every request.

    The contract hands a shop's own credentials on in every body (``auth``):
    ``api_code`` names the type of source; ``api_key``, ``access_token``,
    ``username`` and ``password`` are whatever it asks for. ``services`` says
    what its shipping services mean. ``begin_at`` is from when orders are taken
    the first time (ISO 8601).
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr | None = None
    api_code: Annotated[str, Field(min_length=1, max_length=80)]
    api_key: SecretStr | None = None
    access_token: SecretStr | None = None
    username: SecretStr | None = None
    password: SecretStr | None = None
    shop_url: str = ""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{0,20}$")] = ""
    services: dict[str, ServiceLevel] = Field(default_factory=dict)
    begin_at: str = ""
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 60.0

    @property
    def written(self) -> tuple[SecretStr, ...]:
        """Every secret that goes into bodies."""
        given = (self.api_key, self.access_token, self.username, self.password)
        return tuple(secret for secret in given if secret is not None)

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(read_s=self.read_timeout_s)
