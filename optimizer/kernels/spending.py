"""What options take of what is limited, written down: compiled."""

from typing import Any

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]
Small = np.ndarray[Any, np.dtype[np.int32]]


@njit(cache=True, nogil=True)
def spend(
    parts: Small,
    size: Ints,
    start: Ints,
    sku_code: Ints,
    units: Ints,
    of_class: Ints,
    by_lines: Ints,
    by_grams: Ints,
    counts: Ints,
    code: Ints,
    amount: Ints,
) -> int:
    """Write down what each option takes of what is limited; return how much that is.

    Load n has lines ``start[n]`` to ``start[n + 1]``; a part is its load, center,
    lane, packing, class and billable grams.
    """
    at = 0
    for r in range(len(size)):
        before = at
        for d in range(size[r]):
            load, center, k = parts[r, d, 0], parts[r, d, 1], parts[r, d, 4]
            for n in range(start[load], start[load + 1]):
                if sku_code[n] >= 0:
                    code[at], amount[at] = sku_code[n] + center, units[n]
                    at += 1
            for n in range(of_class.shape[2]):
                if of_class[center, k, n] >= 0:
                    code[at], amount[at] = of_class[center, k, n], 1
                    if by_lines[center, k, n]:
                        amount[at] = start[load + 1] - start[load]
                    elif by_grams[center, k, n]:
                        amount[at] = parts[r, d, 5]
                    at += 1
        counts[r] = at - before
    return at
