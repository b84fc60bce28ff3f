"""What a counterpart really said, kept beside what we made of it."""

import json
from typing import Annotated, Any

from pydantic import Field

MAX_RAW_CHARACTERS = 4_000

# Not part of what a value is dumped to: it reaches neither Temporal nor a log.
Raw = Annotated[str, Field(exclude=True, repr=False)]


def raw_of(source: Any) -> str:
    """Return a document, text or bytes as text, cut to 4,000 characters."""
    if isinstance(source, bytes):
        return source[:MAX_RAW_CHARACTERS].decode("utf-8", "replace")
    if isinstance(source, str):
        return source[:MAX_RAW_CHARACTERS]
    return json.dumps(source, default=str)[:MAX_RAW_CHARACTERS]
