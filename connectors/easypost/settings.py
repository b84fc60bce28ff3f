"""What an operator configures of an EasyPost account."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from connectors.capabilities import (
    Ability,
    Capabilities,
    Idempotency,
    RateLimit,
    WebhookScheme,
)
from connectors.http import Timeouts
from domain.contact import Contact
from domain.quantities import CarrierId, Count, Edge, FcId, Positive, ServiceId

ABILITIES = frozenset(
    {
        Ability.RATE_SHOP,
        Ability.FIND_BOOKINGS,
        Ability.VOID,
        Ability.DOCUMENT,
        Ability.TRACK,
        Ability.CLOSE_OUT,
        Ability.VALIDATE_ADDRESS,
    }
)

# As EasyPost publishes them: days from the label's making, by its carrier names.
VOID_DAYS = {"usps": 30, "ups": 90, "upsdap": 90, "fedex": 90, "fedexdefault": 90}


class EasyPostService(Edge):
    """One of our services in EasyPost's words; ``account`` is one of several."""

    carrier: Annotated[str, Field(min_length=1)]
    service: Annotated[str, Field(min_length=1)]
    account: str | None = None


class EasyPostSettings(Edge):
    """How EasyPost is reached, and what our names are called there.

    A service that ``services`` does not name is called by rule: USPS
    GroundAdvantage is ``usps-ground-advantage``. ``carrier_names`` says which
    of EasyPost's carriers are one of ours. ``senders`` is who stands on the
    label for a center. ``hazmat`` is EasyPost's word for all dangerous goods
    sent through this connection (empty: none are). A price may rise by
    ``price_tolerance_permille`` between quote and purchase. ``look_back_pages``
    is how many pages of purchases are searched for doubles of a reference.
    ``signed_timestamps`` believes only webhooks whose time of sending is
    signed as well.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")] = (
        "https://api.easypost.com"
    )
    secret: SecretStr
    webhook_secret: SecretStr | None = None
    webhook_tolerance_s: Positive = 300
    signed_timestamps: bool = False
    carriers: tuple[CarrierId, ...] | None = None
    carrier_names: dict[CarrierId, tuple[str, ...]] = Field(default_factory=dict)
    services: dict[ServiceId, EasyPostService] = Field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    senders: dict[FcId, Contact] = Field(default_factory=dict)
    label_format: Literal["PNG", "PDF", "ZPL", "EPL2"] = "PDF"
    hazmat: str = ""
    smart_rates: bool = True
    quote_lifetime_s: Positive = 86_400
    price_tolerance_permille: Count = 20
    look_back_pages: Annotated[int, Field(ge=0, le=50)] = 1
    requests_per_s: Positive | None = None
    connect_timeout_s: Annotated[float, Field(gt=0, le=60)] = 3.0
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 30.0

    @property
    def root(self) -> str:
        """Return the address before ``/v2``, however it was written."""
        return self.base_url.rstrip("/").removesuffix("/v2")

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(connect_s=self.connect_timeout_s, read_s=self.read_timeout_s)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        if self.requests_per_s is None:
            return ()
        return (RateLimit(requests=self.requests_per_s),)

    @property
    def capabilities(self) -> Capabilities:
        signed = self.webhook_secret is not None
        return Capabilities(
            idempotency=Idempotency.LOOK_UP,
            abilities=ABILITIES,
            quote_lifetime_s=self.quote_lifetime_s,
            void_window_h=min(VOID_DAYS.values()) * 24,
            voids_at_once=False,
            rate_limits=self.rate_limits,
            webhooks=WebhookScheme.HMAC if signed else WebhookScheme.NONE,
            webhook_ids=False,
            transit_percentiles=(50, 90) if self.smart_rates else (),
        )
