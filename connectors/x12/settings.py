"""What an X12 connection needs to know of a partner."""

from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from connectors.x12.separators import Separators
from connectors.x12.writer import Party
from domain.quantities import Edge, Positive

_Id = Annotated[str, Field(min_length=1, max_length=15, pattern=r"^[!-~][ -~]*$")]
_GroupId = Annotated[str, Field(min_length=2, max_length=15, pattern=r"^[!-~]+$")]
_Qualifier = Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")]
_Separator = Annotated[str, Field(min_length=1, max_length=1)]


class X12Settings(Edge):
    """One partner, and the files exchanged with it.

    ``drop`` holds the folders the partner sees (``inbound`` and ``outbound``,
    as seen from here) and ours (``processed`` and ``failed``); ``state`` our
    records of what was sent and received, which no partner needs to see.
    ``tolerate`` names kinds of defects that are not to reject a document.
    ``acknowledged_within_h`` is None for a partner that sends no 997.
    ``scacs`` maps our services and carriers to carrier codes; ``scac`` is for
    those it does not name. ``canceled_once_acknowledged`` is for partners that
    agreed to it: else a cancellation is confirmed only by what follows.
    ``answers_within_m`` is how many minutes a carrier may think about a load.
    """

    drop: Path
    state: Path
    our_qualifier: _Qualifier = "ZZ"
    our_id: _Id
    our_group_id: _GroupId | None = None
    partner_qualifier: _Qualifier = "ZZ"
    partner_id: _Id
    partner_group_id: _GroupId | None = None
    version: Annotated[str, Field(pattern=r"^00(40|50)10[A-Z0-9]{0,6}$")] = "004010"
    element_separator: _Separator = "*"
    component_separator: _Separator = ">"
    segment_terminator: _Separator = "~"
    repetition_separator: _Separator = "^"
    line_breaks: bool = True
    test: bool = False
    time_zone: str = "UTC"
    acknowledge: bool = True
    acknowledged_within_h: Positive | None = 24
    wants_ta1: bool = False
    send_ta1: bool = True
    settle_s: Annotated[int, Field(ge=0, le=86_400)] = 60
    tolerate: tuple[str, ...] = ()
    sku_qualifier: _Qualifier = "VN"
    units_of_measure: Annotated[tuple[str, ...], Field(min_length=1)] = ("EA",)
    warehouse_codes: dict[str, str] = Field(default_factory=dict)
    scac: Annotated[str, Field(pattern=r"^([A-Z0-9]{2,4})?$")] = ""
    scacs: dict[str, str] = Field(default_factory=dict)
    canceled_once_acknowledged: bool = False
    answers_within_m: Positive = 120
    transport_method: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,2}$")] = "M"
    payment: _Qualifier = "PP"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            msg = f"{value!r} is no time zone; right is like 'America/Chicago'"
            raise ValueError(msg) from None
        return value

    @model_validator(mode="after")
    def _distinct_separators(self) -> "X12Settings":
        used = [
            self.element_separator,
            self.component_separator,
            self.segment_terminator,
            self.repetition_separator,
        ]
        wrong = [c for c in used if used.count(c) > 1 or c.isalnum() or c == " "]
        if wrong:
            msg = (
                f"separators: {wrong[0]!r}; right are four different characters, "
                "no letters, digits or blanks"
            )
            raise ValueError(msg)
        if not all(ord(char) < 128 for char in used):
            msg = "separators: right are characters of ASCII"
            raise ValueError(msg)
        return self

    @property
    def separators(self) -> Separators:
        modern = self.version[:6] > "004010"
        return Separators(
            element=self.element_separator,
            component=self.component_separator,
            segment=self.segment_terminator,
            repetition=self.repetition_separator if modern else None,
        )

    @property
    def zone(self) -> tzinfo:
        return UTC if self.time_zone == "UTC" else ZoneInfo(self.time_zone)

    @property
    def us(self) -> Party:
        group = self.our_group_id or _group_id(self.our_id)
        return Party(self.our_qualifier, self.our_id, group)

    @property
    def partner(self) -> Party:
        group = self.partner_group_id or _group_id(self.partner_id)
        return Party(self.partner_qualifier, self.partner_id, group)

    @property
    def tolerated(self) -> frozenset[str]:
        return frozenset(self.tolerate)


def _group_id(party: str) -> str:
    """Make a group code of an interchange id: no blanks, two characters or more."""
    return party.replace(" ", "").ljust(2, "0")
