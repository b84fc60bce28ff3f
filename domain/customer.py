"""What is known of a customer, under a pseudonym."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.quantities import CustomerId, Value


class Tier(StrEnum):
    """The merchant's own ranking of customers."""

    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"
    VIP = "vip"


class CustomerKind(StrEnum):
    """Whether a person or a business buys."""

    CONSUMER = "consumer"
    BUSINESS = "business"


class Customer(Value):
    """A buyer; the id is a pseudonym, no name or address is kept."""

    id: Annotated[CustomerId, Field(min_length=1, max_length=80)]
    tier: Tier = Tier.STANDARD
    kind: CustomerKind = CustomerKind.CONSUMER
