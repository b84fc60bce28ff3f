"""What a connection to a Tryton server needs to know."""

from typing import Annotated

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.ports import RateLimit
from domain.quantities import Edge, FcId, Positive

Code = Annotated[str, Field(min_length=1, max_length=80)]


class TrytonSettings(Edge):
    """One database of a Tryton server, and what our words are called there.

    ``user`` and ``secret`` sign in as a user who may reserve and cancel, and
    who belongs to the company that owns the stock. ``warehouses`` maps our
    centers to warehouse codes. ``customer`` is the code of the party that our
    shipments go to: whom a parcel is really for stays with us and the carrier.
    ``harmless`` names the warnings that are acknowledged; any other stops the
    call, and its name is told. What changed is asked for again from
    ``overlap_s`` before the newest change known: as long as a transaction of
    Tryton's may last before others see what it wrote.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    database: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    user: Code
    secret: SecretStr
    warehouses: Annotated[dict[FcId, Code], Field(min_length=1)]
    customer: Code
    harmless: tuple[Code, ...] = ("done",)
    requests_per_s: Positive | None = None
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 30.0
    overlap_s: Annotated[int, Field(ge=0, le=3_600)] = 60
    page: Annotated[int, Field(ge=1, le=1_000)] = 200

    @property
    def rpc_url(self) -> str:
        return f"{self.base_url.rstrip('/')}/{self.database}/rpc/"

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(read_s=self.read_timeout_s)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        if self.requests_per_s is None:
            return ()
        return (RateLimit(requests=self.requests_per_s),)
