"""What may be strange in an answer: more fields, none, unheard-of words.

Documents are JSON, or XML as ``conformance.markup`` has it.
"""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from conformance import markup

WORD = "never-heard-of-this"
EXTRA = {"unheard-of": None, "unheardOf": [1, {"deep": WORD}]}

# An answer of more places is tried at these many, evenly spread.
MOST_PLACES = 60

Path = tuple[str | int, ...]


def read(body: bytes) -> Any:
    """Read a body as JSON or XML; ValueError for any other."""
    return markup.read(body) if body.lstrip()[:1] == b"<" else json.loads(body)


def written(document: Any) -> bytes:
    """Write a document again as it was read."""
    if isinstance(document, Element):
        return markup.written(document)
    return json.dumps(document).encode()


def with_more_fields(document: Any) -> Any:
    """Return a document whose every object has fields nobody asked for.

    An object of numbers alone is taken for a table by name, where one more
    field would be one more row.
    """
    if isinstance(document, Element):
        return markup.with_more_elements(document)
    if isinstance(document, dict):
        if document and all(isinstance(v, int | float) for v in document.values()):
            return document
        return {**{k: with_more_fields(v) for k, v in document.items()}, **EXTRA}
    if isinstance(document, list):
        return [with_more_fields(item) for item in document]
    return document


def places(document: Any) -> list[Path]:
    """List where something can be changed in a document, at most sixty places."""
    markup_too = isinstance(document, Element)
    found = list(markup.paths(document) if markup_too else _paths(document, ()))
    step = max(1, -(-len(found) // MOST_PLACES))
    return found[::step]


def strange(document: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the document with one place changed, and what was done to it."""
    if isinstance(document, Element):
        yield from markup.strange(document, path, WORD)
        return
    # An empty list in a list's place would be nothing strange.
    a_list = isinstance(_at(document, path), list)
    other: tuple[str, Any] = ("an object", {}) if a_list else ("a list", [])
    for what, value in (("null", None), ("another word", WORD), other):
        yield what, _put(document, path, value)
    if isinstance(path[-1], str):
        yield "missing", _put(document, path, _GONE)


_GONE = object()


def _paths(document: Any, path: Path) -> Iterator[Path]:
    inside: Any = ()
    if isinstance(document, dict):
        inside = document.items()
    elif isinstance(document, list):
        inside = _some(document)
    for key, value in inside:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _some(items: list[Any]) -> Iterator[tuple[int, Any]]:
    """Yield the items that stand for the others of their list.

    The first one; of numbers and words the one in the middle too, since rows
    of them may begin before what is looked at.
    """
    plain = items and not isinstance(items[0], dict | list)
    chosen = sorted({0, len(items) // 2}) if plain else [0]
    return ((number, items[number]) for number in chosen[: len(items)])


def _at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def _put(document: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(document, dict) and first in document:
        changed = {**document, first: _put(document[first], rest, value)}
        return {k: v for k, v in changed.items() if v is not _GONE}
    if isinstance(document, list) and isinstance(first, int) and first < len(document):
        return [
            _put(item, rest, value) if number == first else item
            for number, item in enumerate(document)
        ]
    return document
