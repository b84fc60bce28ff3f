"""Lists of alerts (Atom, RSS) that only link to the alerts: what they link to."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from domain.quantities import Value

CAP = "application/cap+xml"


class Link(Value):
    """Where an alert is, and when it last changed there (empty: not told)."""

    url: str
    changed: str = ""


def links(root: Element) -> tuple[Link, ...]:
    """Return the links of every entry that holds no alert itself, in order.

    An entry's link of CAP's own media type wins over the others.
    """
    found = (*_of_entries(root), *_of_items(root))
    return tuple(dict.fromkeys(found))


def without_link(root: Element) -> int:
    """Count the entries that hold no alert and link to none."""
    listed = (*root.iter("entry"), *root.iter("item"))
    silent = [each for each in listed if each.find(".//alert") is None]
    return len(silent) - len((*_of_entries(root), *_of_items(root)))


def _of_entries(root: Element) -> Iterator[Link]:
    for entry in root.iter("entry"):
        if entry.find(".//alert") is not None:
            continue
        named = [link for link in entry.iter("link") if link.get("href")]
        own = [link for link in named if link.get("type") == CAP]
        usual = [link for link in named if link.get("rel", "alternate") == "alternate"]
        for link in (own or usual)[:1]:
            changed = entry.findtext("updated") or entry.findtext("published") or ""
            yield Link(url=str(link.get("href")).strip(), changed=changed.strip())


def _of_items(root: Element) -> Iterator[Link]:
    for item in root.iter("item"):
        url = (item.findtext("link") or "").strip()
        if item.find(".//alert") is None and url:
            changed = item.findtext("pubDate") or ""
            yield Link(url=url, changed=changed.strip())
