"""How many orders of a wave can be served at most, proven; money does not count.

Serving each order is worth one and nothing costs anything, so that prices only say
what orders are kept from by scarce things: the dual of the most that can be served.
"""

from dataclasses import replace

import numpy as np

from optimizer.climbing import Climb
from optimizer.kernels.menus import NEVER
from optimizer.menus import Hall
from optimizer.meter import Meter
from optimizer.proofs import proof_of

ONE = 1_000_000
"""What serving an order is worth here; prices are parts of it."""


def reachable(hall: Hall, served: int, steps: int, meter: Meter) -> int:
    """Return how many orders can be served at most, if so many can.

    Prices are found in so many steps; the bound is true whatever they are.
    """
    menus, able = hall.menus, len(hall.able)
    if served == able:
        return able
    free = menus._replace(
        cost=np.zeros_like(menus.cost),
        split=np.zeros_like(menus.split),
        beyond=np.zeros_like(menus.beyond),
    )
    least = np.where(hall.least < NEVER, 0, NEVER)
    cheap = replace(hall, menus=free, least=least)
    climb = Climb(cheap, np.zeros(len(hall.rows), dtype=np.int64), ONE, meter)
    climb.ascend(float((able - served) * ONE), able, steps, all_can=True)
    proof = proof_of(cheap, climb.prices, ONE)
    return max(served, min(able, -proof.total // ONE))
