"""How much was worked, and whether to go on.

Work is counted in thousands of columns looked at. Somebody may stop the work at
any time; whoever later allows as much work as was done then, stops at the same
place and so repeats the answer.
"""

from optimizer.problem import Effort

LOOKS_PER_WORK = 1_000


class Meter:
    """Counts the work of one choice."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self._stopped = False
        self.work = 0

    def spend(self, looks: int) -> None:
        """Note work that was done; no step is without any."""
        self.work += max(1, looks // LOOKS_PER_WORK)

    @property
    def stopped(self) -> bool:
        """Ask whether to give whatever there is by now; a yes stays one.

        A no counts as work, so that no two questions are asked at the same.
        """
        if self.asked():
            return True
        self.work += 1
        return False

    def asked(self) -> bool:
        """Ask without counting, as often as a running solver likes."""
        allowed = self._effort.work
        enough = allowed is not None and self.work >= allowed
        self._stopped = self._stopped or enough or self._effort.stopped()
        return self._stopped
