"""Where EasyPost keeps a label, and what kind of file it is; pure."""

from urllib.parse import urlsplit

from connectors.easypost.reading import Document, child, text

MEDIA_TYPES = {
    "png": "image/png",
    "pdf": "application/pdf",
    "zpl": "application/zpl",
    "epl2": "application/x-epl2",
    "epl": "application/x-epl2",
}
NO_TYPES = {"", "application/octet-stream", "binary/octet-stream", "text/plain"}


def url_of(shipment: Document, wanted: str) -> str:
    """Return where the label is in a format (any for an empty one), or nothing."""
    label = child(shipment, "postage_label")
    first = text(label, "label_url")
    if not wanted:
        return first
    converted = text(label, f"label_{wanted.lower()}_url")
    if converted:
        return converted
    kind = text(label, "label_file_type").lower()
    same = kind == MEDIA_TYPES[wanted.lower()] or _ending(first) == wanted.lower()
    return first if same else ""


def media_type_of(url: str, said: str) -> str:
    """Return a file's type: as its server says, else by how its name ends."""
    plain = said.partition(";")[0].strip().lower()
    if plain not in NO_TYPES and "/" in plain:
        return plain
    return MEDIA_TYPES.get(_ending(url), "application/octet-stream")


def _ending(url: str) -> str:
    return urlsplit(url).path.rpartition(".")[2].lower()
