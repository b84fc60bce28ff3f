"""The weather expected on a lane: how cold and how warm, hour by hour."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.quantities import Instant, Place, Value
from domain.wire import Raw

# Tenths of a degree Celsius; the records are -89.2 and 56.7.
Temperature = Annotated[int, Field(ge=-1_000, le=700)]


class AskForecast(Value):
    """Ask the temperatures along some places in a window of time."""

    places: Annotated[tuple[Place, ...], Field(min_length=1)]
    starts_at: Instant
    ends_at: Instant

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.ends_at <= self.starts_at:
            msg = "ends_at is not after starts_at"
            raise ValueError(msg)
        return self


class HourlyBand(Value):
    """The least and the most expected in the hour that begins then."""

    at: Instant
    least_tenths_c: Temperature
    most_tenths_c: Temperature


class Outside(Value):
    """The coldest and the warmest expected outside while goods are on the way."""

    least_tenths_c: Temperature
    most_tenths_c: Temperature


class Forecast(Value):
    """The temperature band over all places, hour by hour in order.

    ``complete`` is False where the forecast does not reach to the end of the
    window, or lacks a place: then what it leaves out may be colder or warmer.
    """

    hours: tuple[HourlyBand, ...] = ()
    complete: bool = True
    as_of: Instant | None = None
    raw: Raw = ""

    @property
    def least_tenths_c(self) -> int | None:
        return min((hour.least_tenths_c for hour in self.hours), default=None)

    @property
    def most_tenths_c(self) -> int | None:
        return max((hour.most_tenths_c for hour in self.hours), default=None)
