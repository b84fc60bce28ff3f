"""Rows of a model, put together block by block."""

import numpy as np

from benchmarks.waving.solving import Floats, Ints, Model
from optimizer.shared import Shared


class Rows:
    """Blocks of rows over numbered variables, added one after the other."""

    def __init__(self) -> None:
        self._count = 0
        self._least: list[Floats] = []
        self._most: list[Floats] = []
        self._entries: list[tuple[Ints, Ints, Floats]] = []

    def add(
        self, groups: Ints, variables: Ints, amounts: Ints, least: Floats, most: Floats
    ) -> None:
        """Add a row for each group; entries name the group that they are of."""
        self._entries.append(
            (groups + self._count, variables, amounts.astype(np.float64))
        )
        self._least.append(least)
        self._most.append(most)
        self._count += len(least)

    def each(
        self, keys: Ints, variables: Ints, least: float, most: float | Floats
    ) -> None:
        """Add a row for each different key, in which its variables count one."""
        known, groups = np.unique(keys, return_inverse=True)
        self.add(
            groups.reshape(-1),
            variables,
            np.ones(len(variables), dtype=np.int64),
            np.full(len(known), least),
            np.broadcast_to(np.asarray(most, dtype=np.float64), len(known)).copy(),
        )

    def limited(
        self, taker: Ints, variable: Ints, code: Ints, amount: Ints, shared: Shared
    ) -> None:
        """Add a row for everything that could run out.

        Of the entries with one taker and one code no more than one is ever taken.
        """
        resources, supply = shared.codes.resources, shared.supply
        keys, same = np.unique(taker * len(resources) + code, return_inverse=True)
        dearest = np.zeros(len(keys), dtype=np.int64)
        np.maximum.at(dearest, same.reshape(-1), amount)
        wanted = np.zeros(len(resources), dtype=np.int64)
        np.add.at(wanted, keys % len(resources), dearest)
        free = np.zeros(len(resources), dtype=np.int64)
        for at in np.flatnonzero(wanted).tolist():
            limit = supply.limit(resources[at])
            free[at] = wanted[at] if limit is None else max(0, limit)
        scarce = wanted > free
        keep = scarce[code]
        number = np.cumsum(scarce) - 1
        self.add(
            *(number[code[keep]], variable[keep], amount[keep]),
            least=np.full(int(scarce.sum()), -np.inf),
            most=free[scarce].astype(np.float64),
        )

    def model(self, cents: Floats) -> Model:
        row, variable, amount = (
            np.concatenate(part) for part in zip(*self._entries, strict=True)
        )
        return Model(
            cents,
            np.concatenate(self._least),
            np.concatenate(self._most),
            row,
            variable,
            amount,
        )
