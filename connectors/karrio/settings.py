"""What a Karrio connection needs to know of its counterpart."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.ports import Ability, Capabilities, Idempotency, RateLimit
from connectors.ports import WebhookScheme as Scheme
from domain.contact import Contact
from domain.quantities import CarrierId, Edge, FcId, Positive, ServiceId

Name = Annotated[str, Field(min_length=1, max_length=120)]

ABILITIES = frozenset(
    {
        Ability.RATE_SHOP,
        Ability.FIND_BOOKINGS,
        Ability.VOID,
        Ability.DOCUMENT,
        Ability.TRACK,
    }
)


class KarrioService(Edge):
    """One of our services in Karrio's words.

    ``code`` is what Karrio calls the service (``fedex_ground``); ``account``
    is the ``carrier_id`` of the Karrio connection it is bought through (None:
    that of the parcel's carrier).
    """

    code: Name
    account: Name | None = None


class KarrioSettings(Edge):
    """How one Karrio server is reached, and how our names are spelled there.

    ``accounts`` says which ``carrier_id`` of Karrio stands for which carrier
    of ours, and ``accounts_at`` which one at a center that has its own; one
    that is not listed has the same name on both sides, and so has a service.
    ``senders`` is who stands on the labels of a center.
    ``quote_lifetime_s`` is how long we let a price stand, as Karrio names no
    end; it is compared again when the label is bought. ``usual_transit_days``
    is expected of services that name neither days nor a date.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr
    webhook_secret: SecretStr | None = None
    services: dict[ServiceId, KarrioService] = Field(default_factory=dict)
    accounts: dict[CarrierId, Name] = Field(default_factory=dict)
    accounts_at: dict[FcId, dict[CarrierId, Name]] = Field(default_factory=dict)
    senders: dict[FcId, Contact] = Field(default_factory=dict)
    label_format: Literal["PDF", "ZPL"] = "PDF"
    quote_lifetime_s: Positive = 86_400
    usual_transit_days: Positive = 7
    requests_per_s: Positive | None = None
    connect_timeout_s: Annotated[float, Field(gt=0, le=60)] = 3.0
    # Karrio asks the carrier while we wait: rather late than twice.
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 60.0

    def service(self, name: ServiceId) -> KarrioService:
        """Return a service of ours in Karrio's words."""
        return self.services.get(name) or KarrioService(code=name)

    def account(self, fc: FcId, carrier: CarrierId, service: ServiceId) -> str:
        """Return the ``carrier_id`` through which a carrier's service is bought."""
        named = self.service(service).account
        at_center = self.accounts_at.get(fc, {}).get(carrier)
        return named or at_center or self.accounts.get(carrier, carrier)

    def serves(self, fc: FcId, account: str) -> bool:
        """Tell whether a center buys through an account: not by another's own."""
        own = self.accounts_at.get(fc, {})
        carrier = self.carrier(account)
        return carrier not in own or own[carrier] == account

    def carrier(self, account: str) -> CarrierId:
        """Return the carrier of ours that a ``carrier_id`` stands for."""
        for accounts in (self.accounts, *self.accounts_at.values()):
            for ours, theirs in accounts.items():
                if theirs == account:
                    return ours
        return CarrierId(account)

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(
            connect_s=self.connect_timeout_s,
            read_s=self.read_timeout_s,
            total_s=2 * self.read_timeout_s,
        )

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        if self.requests_per_s is None:
            return ()
        return (RateLimit(requests=self.requests_per_s),)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            idempotency=Idempotency.LOOK_UP,
            abilities=ABILITIES,
            rate_limits=self.rate_limits,
            webhooks=Scheme.SHARED_SECRET if self.webhook_secret else Scheme.NONE,
            webhook_ids=False,
        )
