"""Tryton's server, as it is, but for its clock: somebody else winds it.

What Tryton stamps on records is business time to whoever reads it. In a
simulated world business time stands still and jumps: the file named by
``WOUND_CLOCK`` holds the instant it jumped to last. From there it creeps, a
hundredth as fast as real time, for Tryton tells a record's versions apart by
their stamps; and it never goes back.
"""

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from trytond.backend.sqlite import database
from trytond.cli import main
from trytond.transaction import Transaction

CREEP = 0.01


class Wound:
    """A clock that stands where it was wound to, but for a creep."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._text = ""
        self._wound = self._last = datetime(1970, 1, 1)  # noqa: DTZ001
        self._since_s = 0.0

    def now(self) -> datetime:
        """Return the instant, naive and in UTC as Tryton keeps it."""
        with self._lock:
            text = self._file.read_text("ascii")
            if text != self._text:
                self._text, self._since_s = text, time.monotonic()
                self._wound = datetime.fromisoformat(text)
            crept = timedelta(seconds=(time.monotonic() - self._since_s) * CREEP)
            self._last = max(
                self._last + timedelta(microseconds=1), self._wound + crept
            )
            return self._last


clock = Wound(Path(os.environ["WOUND_CLOCK"]))


def now() -> str:
    """Tell the instant a transaction began, the same as long as it lasts."""
    transaction = Transaction()
    of_transaction = database._nows.setdefault(transaction, {})
    if transaction.started_at not in of_transaction:
        of_transaction[transaction.started_at] = clock.now().isoformat(" ")
    return of_transaction[transaction.started_at]


# Each connection to the database looks this name up when it is opened.
database.now = now

if __name__ == "__main__":
    sys.exit(main())
