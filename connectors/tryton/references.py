"""Our keys, where Tryton keeps what others call a shipment.

While goods are only reserved, a shipment's ``reference`` is our key. Once we
let it go to the floor, it is our key, ``released``, and the key of the release
where that is another one. Keys are percent-encoded: they may hold blanks.
"""

from typing import Any
from urllib.parse import quote, unquote

RELEASED = "released"

_UNQUOTED = "!#$&'()*+,/:;=?@[]|~"


def reference(reservation: str, release: str | None = None) -> str:
    """Write our keys where Tryton keeps what others call a shipment."""
    kept = _word(reservation)
    if release is None:
        return kept
    same = release == reservation
    return f"{kept} {RELEASED}" if same else f"{kept} {RELEASED} {_word(release)}"


def keys_in(text: str) -> tuple[str, str | None]:
    """Return the keys a reference holds, as ``reference`` wrote them."""
    words = text.split(" ")
    key = unquote(words[0])
    if len(words) == 2 and words[1] == RELEASED:
        return key, key
    if len(words) == 3 and words[1] == RELEASED:
        return key, unquote(words[2])
    return (key, None) if len(words) == 1 else ("", None)


def reserved_under(key: str) -> list[Any]:
    """Return the clause that finds what was reserved under a key."""
    word = _word(key)
    later = ["reference", "like", f"{_like(word)} {RELEASED}%"]
    return ["OR", ["reference", "=", word], later]


def released_under(key: str) -> list[Any]:
    """Return the clause that finds what was released under a key."""
    word = _word(key)
    other = ["reference", "like", f"% {RELEASED} {_like(word)}"]
    return ["OR", ["reference", "=", f"{word} {RELEASED}"], other]


def _word(key: str) -> str:
    return quote(key, safe=_UNQUOTED)


def _like(word: str) -> str:
    return word.replace("_", "\\_").replace("%", "\\%")
