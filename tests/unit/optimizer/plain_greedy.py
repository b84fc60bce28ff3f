"""First come, first served, then mended one order at a time: what must be beaten."""

import numpy as np

from optimizer.contest import Contest, Ints


def polished_in_turn(contest: Contest, passes: int = 4) -> Ints:
    """Choose in turn; then let each order change its mind while that saves."""
    chosen = np.full(contest.orders, -1, dtype=np.int64)
    for _ in range(1 + passes):
        before = chosen.copy()
        for order in range(contest.orders):
            chosen[order] = _best(contest, chosen, order)
        if np.array_equal(chosen, before):
            break
    return chosen


def _best(contest: Contest, chosen: Ints, order: int) -> int:
    tried = chosen.copy()
    found, least = -1, None
    for column in range(int(contest.first[order]), int(contest.first[order + 1])):
        tried[order] = column
        if contest.feasible(tried):
            cents = contest.cost(tried)
            if least is None or cents < least:
                found, least = column, cents
    return found
