"""Numbers with their unit in the name, aware instants, ids, places."""

from datetime import UTC, datetime
from typing import Annotated, NewType

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

OrderId = NewType("OrderId", str)
CustomerId = NewType("CustomerId", str)
SkuId = NewType("SkuId", str)
FcId = NewType("FcId", str)
CarrierId = NewType("CarrierId", str)
ServiceId = NewType("ServiceId", str)
CartonId = NewType("CartonId", str)
SegmentId = NewType("SegmentId", str)
DecisionId = NewType("DecisionId", str)
ParcelId = NewType("ParcelId", str)


def _as_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        msg = f"{instant.isoformat()} is outside the years 1 to 9999 in UTC"
        raise ValueError(msg) from None


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class Value(BaseModel):
    """A frozen value that ignores unknown fields.

    It may travel between workflows and activities, where a field added by a
    newer worker must not stop a running order.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class Edge(Value):
    """A frozen value from outside (file, HTTP, operator): unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dimensions(Value):
    """Outer or inner size of a box, in millimeters; height is the upright axis."""

    length_mm: Positive
    width_mm: Positive
    height_mm: Positive

    @property
    def volume_mm3(self) -> int:
        return self.length_mm * self.width_mm * self.height_mm

    @property
    def girth_mm(self) -> int:
        """Return the length of the longest side plus the girth around it."""
        short, middle, long = sorted((self.length_mm, self.width_mm, self.height_mm))
        return long + 2 * (short + middle)


class Place(Value):
    """Where something is: country and postal code, and coordinates if known."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"
    postal_code: Annotated[str, Field(min_length=1, max_length=16)]
    region: Annotated[str, Field(max_length=40)] = ""
    city: Annotated[str, Field(max_length=80)] = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None

    @property
    def located(self) -> bool:
        return self.latitude is not None and self.longitude is not None
