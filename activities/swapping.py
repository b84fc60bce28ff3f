"""Gives up an order's old claims and takes new ones in one transaction, or neither."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import HoldLost
from domain.plan import Decision
from store import decisions, stock
from store.claims import Claim, Held
from store.engine import Store


def swap(
    store: Store,
    decision: Decision,
    claim: Claim,
    replaces: tuple[int, ...],
    now: datetime,
) -> bool:
    """Keep a decision in place of earlier revisions.

    Returns
    -------
    bool
        False when what it needs was taken by others; nothing changed then.
    """

    def work(session: Session) -> None:
        for revision in replaces:
            stock.release(session, decision.order_id, revision)
        held = stock.hold(session, claim, now)
        if not isinstance(held, Held):
            raise HoldLost(str(held))
        decisions.record(session, decision)

    try:
        store.write(work)
    except HoldLost:
        return False
    return True
