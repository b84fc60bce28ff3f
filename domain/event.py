"""What customers did, what happened to goods and on lanes: dated and counted."""

import json
from hashlib import sha256
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.quantities import (
    Count,
    CustomerId,
    Edge,
    Instant,
    OrderId,
    SkuId,
    Value,
)
from domain.subject import LANE_ID, LaneId, Subject, of_customer, of_lane, of_sku

KIND = r"^[a-z][a-z0-9_]{0,39}$"
LABEL = r"^[a-z][a-z0-9_]{0,39}$"

Labels = Annotated[
    dict[
        Annotated[str, Field(pattern=LABEL)],
        Annotated[str, Field(min_length=1, max_length=128)],
    ],
    Field(max_length=16),
]


class BusinessEvent(Edge):
    """One thing that happened, to count in windows.

    ``id`` is the sender's own and makes a repetition one event. It happened to
    a customer, to a SKU, on a lane, or to several of them. ``units`` and
    ``value_cents`` are what it was worth, where it was worth anything.
    """

    id: Annotated[str, Field(min_length=1, max_length=120)]
    kind: Annotated[str, Field(pattern=KIND)]
    occurred_at: Instant
    customer_id: Annotated[CustomerId, Field(min_length=1, max_length=80)] | None = None
    sku: Annotated[SkuId, Field(min_length=1, max_length=80)] | None = None
    lane: Annotated[LaneId, Field(pattern=LANE_ID)] | None = None
    order_id: OrderId | None = None
    units: Count | None = None
    value_cents: Count | None = None
    labels: Labels = Field(default_factory=dict)

    @model_validator(mode="after")
    def _happened_to_something(self) -> Self:
        if not self.subjects:
            msg = f"event {self.id!r}: name a customer_id, a sku or a lane"
            raise ValueError(msg)
        return self

    def digest(self) -> str:
        """Return a fingerprint of what it says, to rank two contents of one id.

        Whom of the customers it names is left out: pseudonyms are random.
        """
        said = self.model_dump(mode="json", exclude={"customer_id"})
        text = json.dumps(said, sort_keys=True)
        return sha256(text.encode()).hexdigest()[:32]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Return whom and what it counts for."""
        return (
            *((of_customer(self.customer_id),) if self.customer_id else ()),
            *((of_sku(self.sku),) if self.sku else ()),
            *((of_lane(self.lane),) if self.lane else ()),
        )


class Ingested(Value):
    """What became of events that came in.

    ``conflicting`` are ids that were sent with two contents: the one of the
    smaller instant (then digest) is kept. ``refused`` are ids that do not count
    in windows, each with the reason.
    """

    new: Count = 0
    repeated: Count = 0
    conflicting: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: "Ingested") -> "Ingested":
        """Return what became of two batches together."""
        return Ingested(
            new=self.new + other.new,
            repeated=self.repeated + other.repeated,
            conflicting=tuple(sorted({*self.conflicting, *other.conflicting})),
            refused=(*self.refused, *other.refused),
        )
