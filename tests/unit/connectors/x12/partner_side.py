"""The other side of a drop: a partner that puts files there and takes ours."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from connectors.x12.acknowledgment import (
    GroupVerdict,
    SetVerdict,
    acknowledgment_document,
)
from connectors.x12.drop import DirectoryDrop
from connectors.x12.partner import Partner
from connectors.x12.reading import KNOWN_SETS, Received, Terms, Typed, read_set
from connectors.x12.writer import Document
from tests.unit.connectors.x12.referee import complaints
from tests.unit.connectors.x12.samples import NOON, from_partner, only_set, settings


class PartnerSide:
    """A partner with a clock of its own that both sides look at."""

    def __init__(self, root: Path, **overrides: Any) -> None:
        self.root = root / "drop"
        self.now = NOON
        self.settings = settings(root, **overrides)
        self.partner = self.reopened()
        self._controls = count(100)

    def reopened(self) -> Partner:
        """Open our side as a process does that has just started."""
        drop = DirectoryDrop(self.settings.drop)
        return Partner.of(self.settings, lambda: self.now, drop)

    def later(self, **by: int) -> None:
        self.now += timedelta(**by)

    def put(self, content: bytes, name: str = "", at: datetime | None = None) -> str:
        """Put a file into the drop, as old as the clock says (or older)."""
        name = name or f"in-{next(self._controls)}.edi"
        folder = self.root / "inbound"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        self._age(folder / name, at or self.now)
        return name

    def send(self, document: Document | Sequence[Document], **overrides: Any) -> str:
        """Write documents under the next control number, and put them there."""
        values = {"control": next(self._controls), "at": self.now, **overrides}
        return self.put(from_partner(document, **values))

    def taken(self) -> list[bytes]:
        """Take our files away, in order, each accepted by the referee."""
        files = sorted((self.root / "outbound").glob("*"), key=lambda p: p.name[-13:])
        contents = [file.read_bytes() for file in files]
        for file in files:
            file.unlink()
        for content in contents:
            assert complaints(content) == []
        return contents

    def documents(self) -> list[Typed]:
        """Take our files away and read what is in them."""
        terms = Terms(zone=UTC, now=self.now)
        found = [read_set(only_set(c), terms).document for c in self.taken()]
        return [document for document in found if document is not None]

    def acknowledge(self, content: bytes, code: str = "A") -> str:
        """Answer one of our files with a 997."""
        received = only_set(content)
        group = GroupVerdict(
            received.group.functional_id, received.group.control, "004010"
        )
        group.add(SetVerdict(received.id, received.control, code))
        document = acknowledgment_document(group)
        assert document is not None
        return self.send(document)

    def collected(self, *expected: str) -> list[Received]:
        """Let our side read what has arrived; return what it understood."""
        found: list[Received] = []

        def take(received: Received) -> tuple[dict[str, Any], ...]:
            found.append(received)
            return ({"kind": "seen", "set": received.verdict.id},)

        self.partner.inbox.collect(take, frozenset(expected) or KNOWN_SETS, self.now)
        return found

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).glob("*"))

    def report(self, name: str, folder: str = "failed") -> str:
        return (self.root / folder / f"{name}.report.txt").read_text()

    @staticmethod
    def _age(path: Path, at: datetime) -> None:
        os.utime(path, (at.timestamp(), at.timestamp()))
