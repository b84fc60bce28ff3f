"""Keeps one process within the calls per second a counterpart allows."""


class Pace:
    """Lets calls through evenly, at most so many a second.

    Several processes each have a pace of their own: what they exceed together
    the counterpart answers with a rate limit, and the retry policy waits.
    """

    def __init__(self, requests_per_s: int | None) -> None:
        self._gap_s = 1 / requests_per_s if requests_per_s else 0.0
        self._next_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """Take the next free turn; return how long it is until then.

        ``now_s`` is of any clock that only runs forward, the same every time.
        """
        mine_s = max(now_s, self._next_s)
        self._next_s = mine_s + self._gap_s
        return mine_s - now_s
