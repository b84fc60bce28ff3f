"""Lets threads that Python did not start finish what they do in Python.

Temporal's client answers from threads of its own. Where the last answer of a
command comes, its thread is still waking our loop when the loop is done; a
process that ends meanwhile takes Python away under it and aborts, after all
its work (temporalio/sdk-python#300; 19 of 60 short commands on one busy core).
"""

import sys
import threading
import time

LOOK_EVERY_S = 0.002
# A thread may be about to enter: nobody must be seen this many times in turn.
CALM = 5
PATIENCE_S = 5.0


def natives() -> frozenset[int]:
    """Return the threads in Python code that were not started by Python."""
    ours = {
        thread.ident
        for thread in threading.enumerate()
        if not isinstance(thread, threading._DummyThread)
    }
    return frozenset(ident for ident in sys._current_frames() if ident not in ours)


def wait_for_natives(
    patience_s: float = PATIENCE_S, *, but: frozenset[int] = frozenset()
) -> bool:
    """Wait until no foreign thread runs Python code; False if one goes on and on.

    Parameters
    ----------
    patience_s
        After how many seconds to give up.
    but
        Threads that were there before the work began: they are of the program
        that runs us, and may never leave.
    """
    until = time.monotonic() + patience_s
    calm = 0
    while calm < CALM:
        if time.monotonic() > until:
            return False
        # Sleeping is what lets them have the interpreter.
        time.sleep(LOOK_EVERY_S)
        calm = 0 if natives() - but else calm + 1
    return True
