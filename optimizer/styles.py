"""Which kind of carton each SKU may go into, and what may share one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.network import Carton, PackingMethod
from domain.quantities import SkuId
from domain.sku import Sku, TemperatureBand

Style = Callable[[Sku], PackingMethod]


@dataclass(frozen=True, slots=True)
class Part:
    """What may share a piece: one method, one band, no classes that may not meet."""

    method: PackingMethod
    band: TemperatureBand
    hazmat_class: str | None
    alone: SkuId | None


def part_of(sku: Sku, method: PackingMethod, *, classes_meet: bool) -> Part:
    """Return the part a SKU belongs to when wrapped by a method.

    Dangerous goods never lie with chilled or frozen ones, most of which are
    food, nor with those of another class unless ``classes_meet`` (there is
    only one).
    """
    apart = _cold(sku) or not classes_meet
    return Part(
        method=method,
        band=sku.temperature,
        hazmat_class=sku.hazmat_class if apart else None,
        alone=sku.id if sku.ships_alone else None,
    )


def suits(carton: Carton, part: Part) -> bool:
    """Tell whether a carton is of the part's method and keeps its band.

    Ambient goods may ride in an insulated carton that does not freeze them.
    """
    if carton.method is not part.method:
        return False
    if carton.method is not PackingMethod.INSULATED:
        return True
    if part.band is TemperatureBand.AMBIENT:
        return carton.temperature is not TemperatureBand.FROZEN
    return carton.temperature is part.band


def styles(
    skus: tuple[Sku, ...], cartons: tuple[Carton, ...], palletizes: bool
) -> Iterator[Style]:
    """Yield the styles these goods and cartons allow, the usual one first."""
    offered = {carton.method for carton in cartons}
    own = {sku.id for sku in skus if sku.ships_in_own_container}
    oversize = {
        sku.id
        for sku in skus
        if sku.id in own and not any(_takes(carton, sku) for carton in cartons)
    }

    def usual(sku: Sku) -> PackingMethod:
        if sku.id in oversize:
            return PackingMethod.OWN_CONTAINER
        return PackingMethod.INSULATED if _cold(sku) else PackingMethod.CARTON

    some_cold, all_cold = any(map(_cold, skus)), all(map(_cold, skus))
    yield usual
    if PackingMethod.POLY_MAILER in offered and any(map(_mailable, skus)):
        yield lambda sku: PackingMethod.POLY_MAILER if _mailable(sku) else usual(sku)
    if own > oversize:
        yield lambda sku: PackingMethod.OWN_CONTAINER if sku.id in own else usual(sku)
    if PackingMethod.SECURED in offered:
        yield lambda _: PackingMethod.SECURED
    if PackingMethod.SECURED in offered and some_cold and not all_cold:
        yield lambda sku: usual(sku) if _cold(sku) else PackingMethod.SECURED
    if PackingMethod.INSULATED in offered and not all_cold:
        yield lambda _: PackingMethod.INSULATED
    if some_cold:
        yield lambda _: PackingMethod.CARTON
    if palletizes and PackingMethod.PALLET in offered:
        yield lambda _: PackingMethod.PALLET


def usual_styles(skus: tuple[Sku, ...], cartons: tuple[Carton, ...]) -> Iterator[Style]:
    """Yield the usual style, and plain cartons where some goods are cold."""
    yield next(styles(skus, cartons, palletizes=False))
    if any(map(_cold, skus)):
        yield lambda _: PackingMethod.CARTON


def _takes(carton: Carton, sku: Sku) -> bool:
    """Tell whether a unit fits alone into a carton of the usual method."""
    usual = PackingMethod.INSULATED if _cold(sku) else PackingMethod.CARTON
    if carton.method is not usual or sku.weight_g > carton.max_load_g:
        return False
    room, size = carton.inner, sku.size
    if sku.this_side_up and size.height_mm > room.height_mm:
        return False
    rooms = [room.length_mm, room.width_mm]
    sides = [size.length_mm, size.width_mm]
    if not sku.this_side_up:
        rooms.append(room.height_mm)
        sides.append(size.height_mm)
    return all(a <= b for a, b in zip(sorted(sides), sorted(rooms), strict=True))


def _cold(sku: Sku) -> bool:
    return sku.temperature is not TemperatureBand.AMBIENT


def _mailable(sku: Sku) -> bool:
    """Tell whether a mailer does: soft, sound, ambient, and not dangerous."""
    return (
        sku.flexible and not sku.fragile and not _cold(sku) and sku.hazmat_class is None
    )
