"""Keeps the garbage collector off what was there before a large plan began.

A wave makes objects by the hundred thousand, and each full collection would walk
over the whole snapshot again: hundreds of milliseconds at once.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# So many orders make a plan large. What is younger than a few thousand objects
# is collected first, so the snapshot of a single order is not worth it.
LARGE = 256


@contextmanager
def set_aside(orders: int) -> Iterator[None]:
    """Let collections during a large plan look at what it makes, at nothing else.

    Two plans at once may end this for each other; then it only takes longer.
    """
    if orders < LARGE or not gc.isenabled():
        yield
        return
    # Young garbage would else grow old with what is set aside.
    gc.collect(1)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
