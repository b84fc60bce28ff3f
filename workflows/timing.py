"""Business time inside a workflow: known from what events and activities say."""

from datetime import datetime, timedelta

from temporalio import workflow

# A timer that fires early (a standing clock, a skew) is armed again, not sooner.
SHORTEST = timedelta(minutes=1)


class BusinessTime:
    """The newest business instant heard of, carried on by the workflow's clock.

    In production both clocks agree. In a simulated world business time stands
    still and jumps; what was heard last is then the best that is known.
    """

    def __init__(self, as_of: datetime | None = None) -> None:
        self._seen: datetime | None = None
        self._at: datetime = workflow.now()
        self._rest_until: datetime | None = None
        if as_of is not None:
            self.saw(as_of)

    def saw(self, instant: datetime) -> None:
        """Take note that it is at least this late."""
        if self._seen is None or instant > self.now():
            self._seen, self._at = instant, workflow.now()

    def now(self) -> datetime:
        """Return the business instant, as far as this workflow knows."""
        if self._seen is None:
            return workflow.now()
        return self._seen + (workflow.now() - self._at)

    def until(self, instant: datetime, shortest: timedelta = SHORTEST) -> timedelta:
        """Return how long to sleep until then, but not less than some time."""
        target = max(instant, self._rest_until) if self._rest_until else instant
        return max(shortest, target - self.now())

    def rest(self, pause: timedelta) -> None:
        """Let no deadline fire again before this pause is over."""
        self._rest_until = self.now() + pause


def soonest(*spans: timedelta | None) -> timedelta | None:
    """Return the shortest of the spans given; None where none is."""
    return min((span for span in spans if span is not None), default=None)
