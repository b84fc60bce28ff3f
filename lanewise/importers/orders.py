"""Orders out of files."""

from collections.abc import Container, Iterator

from domain.order import Order
from lanewise.importers.assemble import Draft
from lanewise.importers.mapping import Mapping
from lanewise.importers.records import Origin, read_records
from lanewise.importers.reject import Reject, shown


def read_orders(
    origin: Origin,
    mapping: Mapping | None = None,
    *,
    known_skus: Container[str] | None = None,
) -> Iterator[Order | Reject]:
    """Read orders; one with anything wrong in any of its rows is rejected whole.

    Parameters
    ----------
    origin
        A file, a folder with the files that the mapping names, or a stream.
    mapping
        How columns become fields; None where the file is in our own words.
    known_skus
        The catalog; a line of another SKU is a reject (None: not checked).

    Raises
    ------
    MappingError
        When a file cannot be opened or lacks a column that is read.
    """

    def unknown_skus(order: Order, draft: Draft) -> Iterator[Reject]:
        for index, line in enumerate(order.lines):
            if known_skus is None or line.sku in known_skus:
                continue
            origin = draft.origins.get(("lines", index, "sku"))
            yield Reject(
                file=origin.file if origin else draft.file,
                row=origin.row if origin else draft.row,
                field=(origin.column if origin else "") or f"lines.{index}.sku",
                value=shown(line.sku),
                problem="the catalog has no such SKU",
                remedy="add it to the SKU file, or correct it here",
            )

    return read_records(
        origin,
        mapping,
        Order,
        key=lambda order: order.id,
        check=unknown_skus,
    )
