"""What a set of lines asks of whoever stores and carries it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.order import Line, Order
from domain.quantities import SkuId
from domain.sku import Sku, TemperatureBand


@dataclass(frozen=True, slots=True)
class Load:
    """The needs of some lines taken together.

    ``cold`` holds the bands other than ambient; ``shelf_life_h`` is the
    shortest one; ``hazmat`` is the first SKU with a hazard class, ``hazmat_skus``
    are all of them.
    """

    lines: tuple[Line, ...]
    units: int
    weight_g: int
    volume_mm3: int
    value_cents: int
    hazmat: SkuId | None
    cold: frozenset[TemperatureBand]
    shelf_life_h: int | None
    hazmat_skus: frozenset[SkuId]
    fragile: frozenset[SkuId]
    unit_value_cents: Mapping[SkuId, int]


def load_of(lines: tuple[Line, ...], skus: Mapping[SkuId, Sku]) -> Load:
    """Add up what the lines ask for."""
    goods = [(skus[line.sku], line.units) for line in lines]
    lives = [sku.shelf_life_h for sku, _ in goods if sku.shelf_life_h is not None]
    return Load(
        lines=lines,
        units=sum(units for _, units in goods),
        weight_g=sum(sku.weight_g * units for sku, units in goods),
        volume_mm3=sum(sku.size.volume_mm3 * units for sku, units in goods),
        value_cents=sum(sku.value_cents * units for sku, units in goods),
        hazmat=next((sku.id for sku, _ in goods if sku.hazmat_class), None),
        cold=frozenset(
            sku.temperature
            for sku, _ in goods
            if sku.temperature is not TemperatureBand.AMBIENT
        ),
        shelf_life_h=min(lives, default=None),
        hazmat_skus=frozenset(sku.id for sku, _ in goods if sku.hazmat_class),
        fragile=frozenset(sku.id for sku, _ in goods if sku.fragile),
        unit_value_cents={sku.id: sku.value_cents for sku, _ in goods},
    )


def load_of_order(
    order: Order, lines: tuple[Line, ...], skus: Mapping[SkuId, Sku]
) -> Load:
    """Add up what some lines of an order ask for.

    Where the order states its gross weight, that counts; a part of the order
    has its share of it by the weight of its goods, rounded up to grams. With
    the other part's goods unknown there is no share, and the goods' own counts.
    """
    load = load_of(lines, skus)
    if order.weight_g is None or any(line.sku not in skus for line in order.lines):
        return load
    goods_g = sum(skus[line.sku].weight_g * line.units for line in order.lines)
    return replace(load, weight_g=-(-order.weight_g * load.weight_g // goods_g))
