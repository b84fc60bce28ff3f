"""What a counterpart can do and how it behaves, told by its adapter."""

from enum import StrEnum

from domain.quantities import Positive, Value


class Idempotency(StrEnum):
    """How a counterpart keeps a repeated request from acting twice."""

    KEY_HEADER = "key-header"
    UNIQUE_REFERENCE = "unique-reference"
    LOOK_UP = "look-up"
    NONE = "none"


class WebhookScheme(StrEnum):
    """How a webhook proves who sent it."""

    NONE = "none"
    STANDARD_WEBHOOKS = "standard-webhooks"
    HMAC = "hmac"
    SHARED_SECRET = "shared-secret"
    RSA = "rsa"


class Ability(StrEnum):
    """Something only some counterparts can do; the words of the ports."""

    RESERVE = "reserve"
    PARTIAL_RESERVATION = "partial-reservation"
    FIND_RESERVATION = "find-reservation"
    FIND_ORDER = "find-order"
    AMEND_ORDER = "amend-order"
    CANCEL_ORDER = "cancel-order"
    CHANGES = "changes"
    CALENDAR = "calendar"
    # It ships with labels of its own: nobody else buys one for its parcels.
    OWN_LABELS = "own-labels"
    RATE_SHOP = "rate-shop"
    FIND_BOOKINGS = "find-bookings"
    VOID = "void"
    DOCUMENT = "document"
    TRACK = "track"
    CLOSE_OUT = "close-out"
    VALIDATE_ADDRESS = "validate-address"
    FIND_TENDER = "find-tender"
    CANCEL_TENDER = "cancel-tender"
    ACKNOWLEDGE = "acknowledge"
    NOTIFY_SHIPMENT = "notify-shipment"


# What the first ports had: an adapter that says nothing else can do all these.
USUAL = frozenset(
    {
        Ability.RESERVE,
        Ability.PARTIAL_RESERVATION,
        Ability.FIND_RESERVATION,
        Ability.FIND_ORDER,
        Ability.CANCEL_ORDER,
        Ability.RATE_SHOP,
        Ability.FIND_BOOKINGS,
        Ability.VOID,
        Ability.DOCUMENT,
        Ability.TRACK,
    }
)


class RateLimit(Value):
    """At most so many requests in any such span of time."""

    requests: Positive
    per_s: Positive = 1


class Capabilities(Value):
    """What a counterpart can do, so that callers need not know who it is.

    Parameters
    ----------
    idempotency
        How repeated effects are kept from acting twice.
    idempotency_window_h
        How long a key is remembered, in hours; None: for good, or unknown.
    abilities
        What it can do of what only some can.
    quote_lifetime_s
        How long a quote holds, in seconds; None where quotes do not expire or
        it is not said.
    void_window_h
        How long after booking a label may be voided, in hours.
    voids_at_once
        False where a void is first only requested.
    rate_limits
        What it allows; the client keeps to the strictest by itself.
    webhooks
        How its webhooks are proved genuine; NONE where it sends none.
    webhook_ids
        False where webhooks carry no id: copies are then known by content.
    transit_percentiles
        The percentiles of transit it tells; empty where it names a day only.
    answers_within_m
        How long it may think about a load it is offered, in minutes; None where
        it is not said.
    physical_stock
        False where it tells only what is free, and not what is on the shelf.
    """

    idempotency: Idempotency
    idempotency_window_h: int | None = None
    abilities: frozenset[Ability] = USUAL
    quote_lifetime_s: int | None = None
    void_window_h: int | None = None
    voids_at_once: bool = True
    rate_limits: tuple[RateLimit, ...] = ()
    webhooks: WebhookScheme = WebhookScheme.NONE
    webhook_ids: bool = True
    transit_percentiles: tuple[int, ...] = ()
    answers_within_m: Positive | None = None
    physical_stock: bool = True

    def can(self, ability: Ability) -> bool:
        """Tell whether it has an ability."""
        return ability in self.abilities
