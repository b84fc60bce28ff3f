"""One partner: its settings, its drop, our records of it, and both directions."""

from asyncio import to_thread
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, TypeVar

from connectors.x12.drop import DirectoryDrop, FileDrop
from connectors.x12.inbox import Inbox, Take
from connectors.x12.ledger import Ledger
from connectors.x12.outbox import Outbox
from connectors.x12.settings import X12Settings
from domain.errors import OutcomeUnknown, Unavailable

P = ParamSpec("P")
T = TypeVar("T")


async def looked_up(ask: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Ask our files beside the event loop; a disk that fails is Unavailable."""
    try:
        return await to_thread(ask, *args, **named)
    except OSError as error:
        msg = f"x12: {error.strerror or type(error).__name__}"
        raise Unavailable(msg) from error


async def done(act: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Act on our files beside the event loop; a disk that fails leaves doubt."""
    try:
        return await to_thread(act, *args, **named)
    except OSError as error:
        msg = f"x12: {error.strerror or type(error).__name__}"
        raise OutcomeUnknown(msg) from error


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
