"""What files told us: one list for each file, kept when it has been read whole."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from domain.errors import ContractViolation

Fact = dict[str, Any]

_SUFFIX = ".jsonl"


def problem(text: str) -> Fact:
    """Make a fact for people of a sentence."""
    return {"kind": "problem", "text": text}


class FactLog:
    """The facts of one file; nobody sees them before it is closed.

    A file that is read again after a crash makes the same list again, under
    the same place in the order of files.
    """

    def __init__(self, folder: Path, ordinal: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{ordinal:09d}{_SUFFIX}"
        self._part = folder / f".{ordinal:09d}.part"
        self._file = self._part.open("wb")
        self._count = 0

    def add(self, *facts: Fact) -> None:
        """Put facts behind those that are there."""
        for fact in facts:
            self._count += 1
            self._file.write(json.dumps(fact, sort_keys=True).encode() + b"\n")

    def close(self) -> None:
        """Have the list on disk and let it be seen, unless it is empty."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self._count:
            self._part.replace(self._path)
        else:
            self._part.unlink()

    def abandon(self) -> None:
        """Forget the list: the file will be read again."""
        self._file.close()
        self._part.unlink(missing_ok=True)


def facts_after(folder: Path, cursor: str, most: int) -> Iterator[tuple[str, Fact]]:
    """List the facts after a cursor with their own, in order, at most so many.

    Raises
    ------
    ContractViolation
        When the cursor is none of ours.
    """
    ordinal, line = _place(cursor)
    left = most
    for path in _lists(folder):
        place = int(path.name.removesuffix(_SUFFIX))
        if place < ordinal:
            continue
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                if place == ordinal and number <= line:
                    continue
                if left == 0:
                    return
                left -= 1
                yield f"{place:09d}-{number:07d}", json.loads(text)


def _lists(folder: Path) -> list[Path]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return [folder / n for n in sorted(names) if n.endswith(_SUFFIX)]


def _place(cursor: str) -> tuple[int, int]:
    if not cursor:
        return 0, 0
    ordinal, _, line = cursor.partition("-")
    if not (ordinal.isdecimal() and line.isdecimal()):
        msg = f"cursor {cursor!r}: right is one that `changes` or `updates` gave"
        raise ContractViolation(msg)
    return int(ordinal), int(line)
