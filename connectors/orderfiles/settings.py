"""What a folder that orders are dropped into needs to be read."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from connectors.incoming import Fields
from domain.quantities import Edge


class OrderFilesSettings(Edge):
    """Where files come in, where answers go, and where their fields are.

    ``folder`` holds JSON Lines (``.jsonl``), JSON (``.json``: one order or a
    list) and CSV (``.csv``: a row is a line; rows of one order have the same
    id). A file is read once it is complete: writers rename it into place.
    ``answers`` is where acknowledgments and shipments are appended as JSON
    Lines; left out, the source is told nothing.
    """

    folder: Path
    answers: Path | None = None
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{0,20}$")] = ""
    fields: Fields = Fields()
