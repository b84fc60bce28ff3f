"""Searches the bytes of files for words that must not be there any more."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

BLOCK = 8 * 1024 * 1024
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
# What an id may go on with: `C-1` inside `C-12` is another customer's.
_IN_ID = "A-Za-z0-9._:-"


def spellings(word: str) -> tuple[str, ...]:
    """Return how a word may be written: as it is, and in JSON, escaped or not."""
    escaped = (json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1])
    return tuple(dict.fromkeys((word, *escaped)))


def occurrences(
    files: Iterable[Path],
    words: Iterable[str],
    encodings: Iterable[str] = ENCODINGS,
) -> dict[str, int]:
    """Count each word in the files' bytes, whatever stands before and after it.

    Files that are not there hold nothing. A process that has one of the files
    open as a database must not search it: closing it drops the locks of all.

    Parameters
    ----------
    encodings
        In which the words are looked for; each spelling is in each of them.
    """
    codes = tuple(encodings)
    patterns = {
        word: {s.encode(code) for s in spellings(word) for code in codes}
        for word in dict.fromkeys(words)
    }
    longest = max((len(p) for each in patterns.values() for p in each), default=1)
    found = dict.fromkeys(patterns, 0)
    for window, fresh_from in _windows(files, longest):
        for word, each in patterns.items():
            found[word] += sum(
                _count(window, pattern, fresh_from) for pattern in each if pattern
            )
    return found


def stands_alone(word: str, text: str) -> bool:
    """Tell whether the word is in the text, and not inside a longer id only."""
    return any(
        re.search(f"(?<![{_IN_ID}]){re.escape(spelling)}(?![{_IN_ID}])", text)
        for spelling in spellings(word)
    )


def _windows(files: Iterable[Path], longest: int) -> Iterator[tuple[bytes, int]]:
    """Yield overlapping pieces, each with where what it adds begins."""
    for file in files:
        if not file.exists():
            continue
        tail = b""
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                yield tail + block, len(tail)
                tail = (tail + block)[-(longest - 1) :] if longest > 1 else b""


def _count(window: bytes, pattern: bytes, fresh_from: int) -> int:
    """Count what ends in the new part; the rest was counted before."""
    start = max(0, fresh_from - len(pattern) + 1)
    return window.count(pattern, start)
