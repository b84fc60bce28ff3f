"""A connection as an operator configures it, and how an adapter reads it."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator

from domain.errors import InvalidRequest
from domain.quantities import CarrierId, Edge, FcId

# Tells the real instant: for the age of webhooks, never for business.
RealTime = Callable[[], datetime]

M = TypeVar("M", bound=BaseModel)


class ConnectionKind(StrEnum):
    """What kind of counterpart is behind a connection."""

    WAREHOUSE = "warehouse"
    CARRIER = "carrier"
    TRANSPORT = "transport"
    HAZARDS = "hazards"
    FORECAST = "forecast"
    ORDERS = "orders"
    CLOCK = "clock"


class Connection(Edge):
    """One counterpart as an operator configures it.

    ``fcs`` and ``carriers`` say who is reached through it (None: everybody
    whom no other connection names). A carrier's connection may be for some
    centers only, and for destinations in some ``regions`` (``US``, ``US-NV``).
    A carrier's ``rates`` are asked live before orders are decided, where that is
    turned on, unless they are said to be those of the ``tables``.
    ``secrets`` holds what one secret is not enough for (a user, an account);
    ``options`` are the provider's own, checked by its settings.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    kind: ConnectionKind
    provider: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = "neutral"
    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    secret: SecretStr | None = None
    webhook_secret: SecretStr | None = None
    secrets: dict[str, SecretStr] = Field(default_factory=dict)
    fcs: tuple[FcId, ...] | None = None
    carriers: tuple[CarrierId, ...] | None = None
    regions: (
        tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")], ...] | None
    ) = None
    rates: Literal["live", "tables"] = "live"
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _shows_nothing(self) -> Self:
        if self.base_url and urlsplit(self.base_url).username is not None:
            msg = "base_url: it holds a user or a password; put them into `secrets`"
            raise ValueError(msg)
        return self


def settings_of(model: type[M], connection: Connection) -> M:
    """Read a provider's settings from a connection.

    ``base_url``, ``secret``, ``webhook_secret``, ``fcs`` and ``carriers`` are
    handed on where the model has a field of that name; each of ``secrets`` and
    of ``options`` is a field of its own.

    Raises
    ------
    InvalidRequest
        Naming the connection, the option and what would be right; never its
        value, which may be secret.
    """
    given: dict[str, Any] = {
        name: value
        for name in ("base_url", "secret", "webhook_secret", "fcs", "carriers")
        if (value := getattr(connection, name)) is not None
        and name in model.model_fields
    }
    try:
        return model.model_validate(
            {**connection.options, **connection.secrets, **given}
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        msg = f"connection {connection.name!r}: option {where!r}: {first['msg']}"
        raise InvalidRequest(msg) from None
