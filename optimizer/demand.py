"""What every option of every order takes of what is limited, as arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.parcels import Ints
from optimizer.resources import Offer, Resource
from optimizer.rows import Rows


@dataclass(frozen=True, slots=True)
class Demand:
    """The options of all orders, one after the other, and what they take.

    Order k has options ``first[k]`` to ``first[k + 1]``, option c entries
    ``start[c]`` to ``start[c + 1]``: ``amount`` of ``resources[code]``.
    """

    first: Ints
    cents: Ints
    start: Ints
    code: Ints
    amount: Ints
    resources: Sequence[Resource]

    def option_of_entry(self) -> Ints:
        """Return which option each entry is of."""
        return np.repeat(np.arange(len(self.cents)), np.diff(self.start))

    def order_of_option(self) -> Ints:
        """Return which order each option is of."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


def demand_of(options: Sequence[Sequence[Offer]]) -> Demand:
    """Lay out what the orders' options take; each order's, cheapest first."""
    # Codes are given while rows are read, so all rows are read first.
    read = {n: mine.taken for n, mine in enumerate(options) if isinstance(mine, Rows)}
    rows = next((mine for mine in options if isinstance(mine, Rows)), None)
    numbered = rows.resources if rows is not None else ()
    codes, packed = np.unique(
        _joined([code for _, code, _ in read.values()]), return_inverse=True
    )
    resources = [numbered[code] for code in codes.tolist()]
    known: dict[Resource, int] = {}
    if len(read) < len(options):
        known = {resource: code for code, resource in enumerate(resources)}
    cents: list[Ints] = []
    taken: list[tuple[Ints, Ints, Ints]] = []
    at = 0
    for n, mine in enumerate(options):
        if isinstance(mine, Rows):
            counts, code, amount = read[n]
            taken.append((counts, packed[at : at + len(code)], amount))
            at += len(code)
            cents.append(mine.cents)
        else:
            cents.append(_ints(option.total_cents for option in mine))
            taken.append(_told(mine, known, resources))
    sizes = _ints([0, *(len(part) for part in cents)])
    counts = _joined([part for part, _, _ in taken])
    return Demand(
        first=np.cumsum(sizes),
        cents=_joined(cents),
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        code=_joined([part for _, part, _ in taken]),
        amount=_joined([part for _, _, part in taken]),
        resources=resources,
    )


def _told(
    options: Sequence[Offer], known: dict[Resource, int], resources: list[Resource]
) -> tuple[Ints, Ints, Ints]:
    """Read what options told in full take; number what was not known before."""
    codes, amounts = [], []
    for option in options:
        for resource, amount in option.uses.items():
            if resource not in known:
                known[resource] = len(resources)
                resources.append(resource)
            codes.append(known[resource])
            amounts.append(amount)
    counts = _ints(len(option.uses) for option in options)
    return counts, _ints(codes), _ints(amounts)


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _joined(parts: list[Ints]) -> Ints:
    if not parts:
        return _ints(())
    return np.concatenate(parts).astype(np.int64, copy=False)
