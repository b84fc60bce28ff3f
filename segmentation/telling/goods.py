"""Facts of what an order asks for: its lines, and the goods on them."""

from collections.abc import Callable, Iterable, Mapping

from domain.order import Order
from domain.quantities import SkuId
from domain.segment import Fact
from domain.sku import Sku, TemperatureBand
from segmentation.schema import ATTRIBUTE_PREFIX, FACT_NAME
from segmentation.telling.parts import hours

MM3_PER_LITER = 1_000_000
BANDS = tuple(TemperatureBand)


def of_request(order: Order) -> dict[str, Fact]:
    """Tell what the order itself says."""
    by = order.deliver_by
    window = None if by is None else hours(order.placed_at, by)
    return {
        "lines": len(order.lines),
        "units": order.units,
        "max_line_units": max(line.units for line in order.lines),
        "requested_service": order.requested_service.value,
        "channel": order.channel,
        "pickup": order.pickup,
        "gift": order.gift,
        "signature": order.signature,
        "residential": order.residential,
        "promise_window_h": window,
    }


def of_attributes(order: Order) -> dict[str, Fact]:
    """Tell the order's free attributes, those whose names can be facts."""
    named = (
        (f"{ATTRIBUTE_PREFIX}{name}", text) for name, text in order.attributes.items()
    )
    return {name: text for name, text in named if FACT_NAME.fullmatch(name)}


def of_goods(order: Order, skus: Mapping[SkuId, Sku]) -> dict[str, Fact]:
    """Tell what the goods add up to, as far as their SKUs are known."""
    goods = [(skus[line.sku], line.units) for line in order.lines if line.sku in skus]
    complete = len(goods) == len(order.lines)
    kinds = [sku for sku, _ in goods]
    facts = {**of_kinds(kinds, complete=complete)}
    if complete:
        facts |= _totals(goods)
    if order.weight_g is not None:
        facts["weight_g"] = order.weight_g
    return facts


def of_kinds(skus: list[Sku], *, complete: bool) -> dict[str, Fact]:
    """Tell what holds of SKUs whatever their units; all of them, if complete."""
    return {
        **(_extremes(skus) if complete else {}),
        "temperature": _coldest(skus, complete),
        "hazmat": _any(skus, lambda sku: sku.hazmat_class is not None, complete),
        "fragile": _any(skus, lambda sku: sku.fragile, complete),
        "ships_alone": _any(skus, lambda sku: sku.ships_alone, complete),
        "spoils": _any(skus, lambda sku: sku.shelf_life_h is not None, complete),
    }


def _totals(goods: list[tuple[Sku, int]]) -> dict[str, Fact]:
    weight_g = sum(sku.weight_g * units for sku, units in goods)
    volume_mm3 = sum(sku.size.volume_mm3 * units for sku, units in goods)
    return {
        "order_value_cents": sum(sku.value_cents * units for sku, units in goods),
        "weight_g": weight_g,
        "volume_mm3": volume_mm3,
        "density_g_per_l": round(weight_g * MM3_PER_LITER / volume_mm3, 3),
        "pallet_units": sum(
            units // sku.pallet.units_per_pallet for sku, units in goods if sku.pallet
        ),
    }


def _extremes(skus: list[Sku]) -> dict[str, Fact]:
    lives = [sku.shelf_life_h for sku in skus if sku.shelf_life_h is not None]
    return {
        "skus": tuple(sorted(str(sku.id) for sku in skus)),
        "max_unit_value_cents": max(sku.value_cents for sku in skus),
        "longest_mm": max(_longest_mm(sku) for sku in skus),
        "girth_mm": max(sku.size.girth_mm for sku in skus),
        "heaviest_unit_g": max(sku.weight_g for sku in skus),
        "min_shelf_life_h": min(lives) if lives else None,
        "categories": tuple(sorted({sku.category for sku in skus if sku.category})),
        "hazmat_classes": tuple(
            sorted({sku.hazmat_class for sku in skus if sku.hazmat_class})
        ),
    }


def _longest_mm(sku: Sku) -> int:
    return max(sku.size.length_mm, sku.size.width_mm, sku.size.height_mm)


def _any(
    skus: Iterable[Sku], test: Callable[[Sku], bool], complete: bool
) -> bool | None:
    if any(test(sku) for sku in skus):
        return True
    return False if complete else None


def _coldest(skus: list[Sku], complete: bool) -> str | None:
    coldest = max((BANDS.index(sku.temperature) for sku in skus), default=0)
    # What is missing could be colder, unless nothing is.
    if complete or coldest == len(BANDS) - 1:
        return BANDS[coldest].value
    return None
