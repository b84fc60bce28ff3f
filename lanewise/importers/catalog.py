"""SKUs and stock out of files."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from domain.quantities import Count, FcId, SkuId, Value
from domain.sku import Sku
from lanewise.importers.mapping import Mapping
from lanewise.importers.records import Origin, read_records
from lanewise.importers.reject import Reject


class StockRow(Value):
    """The units of one SKU that are in one center."""

    fc: Annotated[FcId, Field(min_length=1)]
    sku: Annotated[SkuId, Field(min_length=1)]
    units: Count


def read_skus(origin: Origin, mapping: Mapping | None = None) -> Iterator[Sku | Reject]:
    """Read a catalog; a SKU with anything wrong is rejected."""
    return read_records(origin, mapping, Sku, key=lambda sku: sku.id)


def read_stock(
    origin: Origin, mapping: Mapping | None = None
) -> Iterator[StockRow | Reject]:
    """Read what is where; a second row for the same place and SKU is rejected."""
    return read_records(origin, mapping, StockRow, key=lambda row: (row.fc, row.sku))
