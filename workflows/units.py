"""Counts units of a parcel that its center found, missed or let go."""

from collections.abc import Iterable

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.order import Line


def newly_short(
    lines: tuple[Line, ...], short: tuple[Line, ...], reported: tuple[Line, ...]
) -> tuple[Line, ...]:
    """Return what is reported short beyond ``short``, at most what is in ``lines``."""
    known = _by_sku(short)
    left = {line.sku: line.units for line in lines}
    new = {
        line.sku: min(line.units - known.get(line.sku, 0), left.get(line.sku, 0))
        for line in reported
    }
    return tuple(Line(sku=sku, units=n) for sku, n in new.items() if n > 0)


def missing_from(
    lines: tuple[Line, ...], shipped: tuple[Line, ...]
) -> tuple[Line, ...]:
    """Return what should have left and did not; none where nothing was listed."""
    left = {line.sku: line.units for line in shipped or lines}
    return tuple(
        Line(sku=line.sku, units=line.units - left.get(line.sku, 0))
        for line in lines
        if line.units > left.get(line.sku, 0)
    )


def without(lines: tuple[Line, ...], short: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return what is left once the short units are taken out."""
    missing = {line.sku: line.units for line in short}
    return tuple(
        Line(sku=line.sku, units=line.units - missing.get(line.sku, 0))
        for line in lines
        if line.units > missing.get(line.sku, 0)
    )


def _by_sku(lines: Iterable[Line]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.units
    return units
