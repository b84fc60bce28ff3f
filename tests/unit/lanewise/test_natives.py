"""A process does not end under threads that Python did not start."""

import _thread
from threading import Event

from lanewise.cli.natives import natives, wait_for_natives


def test_it_waits_for_a_foreign_thread_to_leave_python() -> None:
    # pytest may have some of its own.
    before, entered, left = natives(), Event(), Event()

    def work() -> None:
        entered.set()
        for _ in range(200_000):
            pass
        left.set()

    _thread.start_new_thread(work, ())
    entered.wait(5)

    assert wait_for_natives(but=before)
    assert left.is_set()


def test_one_that_never_leaves_is_not_waited_for_for_ever() -> None:
    before, entered, stop = natives(), Event(), Event()

    def work() -> None:
        entered.set()
        stop.wait(30)

    _thread.start_new_thread(work, ())
    entered.wait(5)

    assert not wait_for_natives(patience_s=0.05, but=before)
    stop.set()
    assert wait_for_natives(but=before)
