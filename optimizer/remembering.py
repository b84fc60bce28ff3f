"""Remembers what was worked out last, for all threads that plan at once."""

from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Remembered(Generic[Key, Kept]):
    """The latest answers by their question; the oldest go when there are too many.

    Two threads may work out the same answer; either is kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Key, Kept] = {}
        self._turn = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Kept | None:
        """Return the answer, None where it is not known (any more)."""
        return self._kept.get(key)

    def keep(self, key: Key, answer: Kept) -> Kept:
        """Remember an answer as the latest, and return it."""
        with self._turn:
            self._kept.pop(key, None)
            self._kept[key] = answer
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return answer
