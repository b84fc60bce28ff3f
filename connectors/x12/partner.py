"""One partner: its settings, its drop, our records of it, and both directions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from connectors.x12.drop import DirectoryDrop, FileDrop
from connectors.x12.inbox import Inbox, Take
from connectors.x12.ledger import Ledger
from connectors.x12.outbox import Outbox
from connectors.x12.settings import X12Settings


@dataclass(frozen=True)
class Partner:
    """What the adapters of one partner share."""

    settings: X12Settings
    ledger: Ledger
    outbox: Outbox
    inbox: Inbox
    real_time: Callable[[], datetime]

    @classmethod
    def of(
        cls,
        settings: X12Settings,
        real_time: Callable[[], datetime],
        drop: FileDrop | None = None,
    ) -> "Partner":
        """Open a partner's drop; another transport than a directory may be given."""
        drop = drop or DirectoryDrop(settings.drop)
        ledger = Ledger(settings.state)
        outbox = Outbox(settings, drop, ledger)
        inbox = Inbox(settings, drop, ledger, outbox)
        return cls(settings, ledger, outbox, inbox, real_time)

    def collect(self, take: Take, *expected: str) -> None:
        """Read what has arrived, of these transaction sets."""
        self.inbox.collect(take, frozenset(expected), self.real_time())
