"""Lets simulated days pass, but never while somebody thinks."""

import asyncio
import time
from collections.abc import Callable

from lanewise.world.desk import Advance
from lanewise.world.stage import RESTING, SETTLED, Stage

# How long nothing must move before time may pass: longer after facts that make
# somebody decide again, so that simulated days never pass while we think.
QUIET_S, THINKING_S = 0.04, 0.6
THOUGHT_ABOUT = frozenset({"short-picked", "cancelled"})
# A fact about a parcel nobody knows may wait in the inbox for good.
INBOX_PATIENCE_S = 8.0
# How long the last facts may take to reach orders after nothing else happens.
LAST_WORD_S = 60.0


async def pass_days(
    stage: Stage,
    ready: Callable[[], bool] = lambda: True,
    show: Callable[[str], None] = lambda when: None,
) -> None:
    """Let time pass until nothing more happens and every order came to rest.

    Parameters
    ----------
    ready
        Tells whether everything that starts by itself was started.
    show
        Called again and again with the business time, to the minute.
    """
    heard, pause_s, when = 0, THINKING_S, ""
    idle_since: float | None = None
    while True:
        show(when)
        if not ready() or not await _quiet(stage, pause_s):
            await asyncio.sleep(QUIET_S)
            continue
        turn = await stage.turn()
        if turn.moved:
            # Their word is on its way: somebody may have to think about it.
            idle_since, pause_s = None, THINKING_S
            continue
        wish = Advance(wait_s=5, until=turn.next_at)
        state = await asyncio.to_thread(stage.world.advance, wish)
        news = await asyncio.to_thread(stage.world.told, heard)
        heard += len(news)
        # Time has jumped: memberships may have ended meanwhile.
        stage.bell.ring()
        pause_s = THINKING_S if THOUGHT_ABOUT.intersection(news) else QUIET_S
        when = state["now"][:16]
        if state["state"] != "idle":
            idle_since = None
            continue
        idle_since = idle_since or time.monotonic()
        if stage.all_in(SETTLED) or time.monotonic() > idle_since + LAST_WORD_S:
            show(when)
            return


async def _quiet(stage: Stage, pause_s: float) -> bool:
    """Tell whether everybody waits for the world: nothing moved for a while."""
    if not stage.all_in(RESTING):
        return False
    before = await asyncio.to_thread(stage.world.activity)
    for _ in range(round(INBOX_PATIENCE_S / QUIET_S)):
        if not stage.facts_waiting():
            break
        await asyncio.sleep(QUIET_S)
    await asyncio.sleep(pause_s)
    after = await asyncio.to_thread(stage.world.activity)
    return stage.all_in(RESTING) and after == before
