"""What is sold: one stock-keeping unit, as a warehouse sees it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.quantities import Count, Dimensions, Positive, SkuId, Text, Value


class TemperatureBand(StrEnum):
    """The temperature a unit must be kept at, all the way."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


# The least and the most a band may be, in tenths of a degree Celsius (None: any).
# Chilled as medicines are distributed (EU guideline 2013/C 343/01), frozen as
# quick-frozen food is (EU directive 89/108/EEC).
KEPT_TENTHS_C: dict[TemperatureBand, tuple[int | None, int | None]] = {
    TemperatureBand.AMBIENT: (None, None),
    TemperatureBand.CHILLED: (20, 80),
    TemperatureBand.FROZEN: (None, -180),
}


class Palletizing(Value):
    """How units of a SKU stand on a pallet."""

    units_per_layer: Positive
    units_per_pallet: Positive


class Sku(Value):
    """A sellable unit; sizes are of the unit as it leaves the shelf.

    ``max_load_g`` is the weight that may rest on top of one unit (None: any).
    ``shelf_life_h`` counts from handover to the last hour it may arrive.
    ``category`` is the merchant's own word and only rules read it.
    """

    id: SkuId
    title: Text = "unnamed"
    category: Annotated[str, Field(max_length=80)] = ""
    size: Dimensions
    weight_g: Positive
    temperature: TemperatureBand = TemperatureBand.AMBIENT
    shelf_life_h: Positive | None = None
    hazmat_class: Annotated[str, Field(max_length=16)] | None = None
    fragile: bool = False
    this_side_up: bool = False
    max_load_g: Count | None = None
    ships_alone: bool = False
    ships_in_own_container: bool = False
    flexible: bool = False
    value_cents: Count = 0
    pallet: Palletizing | None = None
