"""What may be strange in an answer of XML."""

from collections.abc import Iterator
from copy import deepcopy
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError, SubElement

FOREIGN = "urn:nobody:has:heard:of:this"

Path = tuple[str | int, ...]


def read(body: bytes) -> Element:
    """Read XML; ValueError for anything else."""
    try:
        return ElementTree.fromstring(body)
    except ParseError as error:
        msg = f"no XML: {error}"
        raise ValueError(msg) from None


def written(document: Element) -> bytes:
    """Write XML, with the prefixes that come."""
    text: str = ElementTree.tostring(document, encoding="unicode")
    return text.encode()


def with_more_elements(document: Element) -> Element:
    """Return XML with an element nobody asked for in every element that has any."""
    changed = deepcopy(document)
    for element in list(changed.iter()):
        if len(element):
            SubElement(element, f"{{{FOREIGN}}}unheardOf", deep="1").text = "1"
    return changed


def paths(document: Element, path: Path = ()) -> Iterator[Path]:
    """Yield the place of every element but the root, by the numbers of its parents."""
    for number, child in enumerate(document):
        yield (*path, number)
        yield from paths(child, (*path, number))


def strange(document: Element, path: Path, word: str) -> Iterator[tuple[str, Element]]:
    """Yield the document with one element changed, and what was done to it."""
    for what, text in (("empty", None), ("another word", word)):
        changed = deepcopy(document)
        found = _at(changed, path)
        for child in list(found):
            found.remove(child)
        found.text = text
        yield f"{what} <{_name(found)}>", changed
    changed = deepcopy(document)
    parent = _at(changed, path[:-1])
    gone = parent[int(path[-1])]
    # One with others in it may be an item of a list, which may well be missing.
    if not len(gone):
        parent.remove(gone)
        yield f"missing <{_name(gone)}>", changed


def _at(document: Element, path: Path) -> Element:
    for number in path:
        document = document[int(number)]
    return document


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
