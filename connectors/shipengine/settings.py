"""What a ShipEngine connection needs to know: accounts, services, senders."""

import json
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from connectors.http import Timeouts
from connectors.ports import (
    Ability,
    Capabilities,
    Idempotency,
    RateLimit,
    WebhookScheme,
)
from domain.quantities import CarrierId, Count, Edge, FcId, Positive, ServiceId, Text

ShipEngineId = Annotated[str, Field(pattern=r"^se(-[a-z0-9]+)+$", max_length=25)]
ServiceCode = Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9-]+)*$")]
CarrierCode = Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]


def _keys(value: Any) -> Any:
    """Read a JWKS document given as text: a file's content, a variable's."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            msg = f"it is no JSON ({error}); paste what the address `jwks` answers"
            raise ValueError(msg) from None
    return value.get("keys", value) if isinstance(value, dict) else value


class Account(Edge):
    """A carrier's account there: its id, and the code tracking asks for."""

    id: ShipEngineId
    code: CarrierCode


class Service(Edge):
    """A service there; ``usual_transit_h`` where it tells no day of arrival."""

    carrier: CarrierId
    code: ServiceCode
    package_code: CarrierCode = "package"
    usual_transit_h: Positive = 120


class Sender(Edge):
    """Who hands goods over at a center, as the label shows it.

    ``city`` and ``region`` are for a network whose places name none.
    """

    name: Text
    company: Annotated[str, Field(max_length=200)] = ""
    street_1: Text
    street_2: Annotated[str, Field(max_length=200)] = ""
    phone: Text
    city: Annotated[str, Field(max_length=80)] = ""
    region: Annotated[str, Field(max_length=40)] = ""


class ShipEngineSettings(Edge):
    """How ShipEngine is reached, and what our names are called there.

    Parameters
    ----------
    accounts
        Our carriers → its accounts.
    services
        Our services → its services.
    senders
        Who stands on the labels of each center.
    quote_lifetime_h
        How long an estimate is relied on, in hours: it names no end itself.
    price_tolerance_permille
        How much dearer a label may be than its quote, in thousandths.
    void_window_h
        How long a label may be voided, in hours; it differs by carrier.
    webhook_keys
        The public keys of its webhooks, a JWKS document; keys that are not
        among them are fetched.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")] = (
        "https://api.shipengine.com"
    )
    secret: SecretStr
    accounts: Annotated[dict[CarrierId, Account], Field(min_length=1)]
    services: Annotated[dict[ServiceId, Service], Field(min_length=1)]
    senders: dict[FcId, Sender] = Field(default_factory=dict)
    label_format: Literal["pdf", "png", "zpl"] = "pdf"
    label_layout: Literal["4x6", "letter", "A4", "A6"] = "4x6"
    insurance_provider: Literal["carrier", "shipsurance", "third_party"] = "carrier"
    test_labels: bool = False
    quote_lifetime_h: Positive = 24
    price_tolerance_permille: Count = 20
    void_window_h: Positive | None = None
    requests_per_min: Positive = 200
    webhook_keys: Annotated[
        tuple[dict[str, Any], ...], BeforeValidator(_keys), Field(repr=False)
    ] = ()
    webhook_tolerance_s: Positive = 300
    connect_timeout_s: Annotated[float, Field(gt=0, le=60)] = 3.0
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 30.0

    @model_validator(mode="after")
    def _accounts_known(self) -> Self:
        for name, service in self.services.items():
            if service.carrier not in self.accounts:
                known = ", ".join(sorted(self.accounts))
                msg = (
                    f"services.{name}.carrier: {service.carrier!r} has no account; "
                    f"use one of {known}"
                )
                raise ValueError(msg)
        return self

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(connect_s=self.connect_timeout_s, read_s=self.read_timeout_s)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        return (RateLimit(requests=self.requests_per_min, per_s=60),)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            idempotency=Idempotency.UNIQUE_REFERENCE,
            abilities=frozenset(
                {
                    Ability.RATE_SHOP,
                    Ability.FIND_BOOKINGS,
                    Ability.VOID,
                    Ability.DOCUMENT,
                    Ability.TRACK,
                    Ability.CLOSE_OUT,
                    Ability.VALIDATE_ADDRESS,
                }
            ),
            quote_lifetime_s=self.quote_lifetime_h * 3_600,
            void_window_h=self.void_window_h,
            rate_limits=self.rate_limits,
            webhooks=WebhookScheme.RSA,
            webhook_ids=False,
        )

    def carrier_of(self, code: str) -> CarrierId:
        """Return our name of a carrier's code there; the code where we have none."""
        for name, account in self.accounts.items():
            if account.code == code:
                return name
        return CarrierId(code)
