"""What a ShipBob connection needs to know: channel, locations, methods."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from connectors.http import Timeouts
from connectors.ports import (
    Ability,
    Capabilities,
    Idempotency,
    RateLimit,
    WebhookScheme,
)
from domain.quantities import CarrierId, Edge, FcId, Positive, ServiceId, SkuId, Text

ABILITIES = frozenset({Ability.FIND_ORDER, Ability.CANCEL_ORDER, Ability.OWN_LABELS})


class ShipBobSettings(Edge):
    """How ShipBob is reached, and what our names are called there.

    Parameters
    ----------
    channel_id
        The channel orders are written through (``GET /channel``).
    locations
        Our centers → its locations (``GET /fulfillment-center``).
    shipping_methods
        Our services → the methods on its ship option mapping page. ShipBob
        makes a method it does not know, and ships it as standard: so only
        mapped ones are sent.
    carrier_names
        Our carriers → what ShipBob calls them on its labels, in any case; one
        that is not listed keeps the name it has there.
    products
        Our SKUs → the reference ids of its products, where they differ.
    webhook_secret
        The secret of the subscription, ``whsec_…``.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")] = (
        "https://api.shipbob.com"
    )
    version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] = "2026-01"
    secret: SecretStr
    channel_id: Positive
    locations: Annotated[dict[FcId, Positive], Field(min_length=1)]
    shipping_methods: Annotated[dict[ServiceId, Text], Field(min_length=1)]
    carrier_names: dict[CarrierId, tuple[Text, ...]] = Field(default_factory=dict)
    products: dict[SkuId, Text] = Field(default_factory=dict)
    order_type: Literal["DTC", "DropShip", "B2B"] = "DTC"
    webhook_secret: SecretStr | None = None
    webhook_tolerance_s: Positive = 300
    requests_per_min: Positive = 150
    connect_timeout_s: Annotated[float, Field(gt=0, le=60)] = 3.0
    read_timeout_s: Annotated[float, Field(gt=0, le=300)] = 30.0

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(connect_s=self.connect_timeout_s, read_s=self.read_timeout_s)

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        return (RateLimit(requests=self.requests_per_min, per_s=60),)

    @property
    def capabilities(self) -> Capabilities:
        signed = self.webhook_secret is not None
        return Capabilities(
            idempotency=Idempotency.UNIQUE_REFERENCE,
            abilities=ABILITIES,
            rate_limits=self.rate_limits,
            webhooks=(
                WebhookScheme.STANDARD_WEBHOOKS if signed else WebhookScheme.NONE
            ),
            webhook_ids=False,
        )

    def reference_of(self, sku: SkuId) -> str:
        """Return what a SKU is called there."""
        return self.products.get(sku, sku)

    def sku_of(self, reference: str) -> SkuId:
        """Return our SKU of a product's reference there."""
        for sku, known in self.products.items():
            if known == reference:
                return sku
        return SkuId(reference)

    def carrier_of(self, name: str) -> CarrierId | None:
        """Return our carrier of a name on its labels; None where it says none."""
        for carrier, names in self.carrier_names.items():
            if name.casefold() in (known.casefold() for known in names):
                return carrier
        return CarrierId(name) if name else None

    def fc_of(self, location: int) -> FcId | None:
        """Return our center of a location there; None for one not mapped."""
        for fc, known in self.locations.items():
            if known == location:
                return fc
        return None
