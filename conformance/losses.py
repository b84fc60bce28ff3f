"""Effects whose answer is lost: what the activities then do, and what must stand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance import mischief
from conformance.mischief import Mischief, Trick
from conformance.running import NotTried
from connectors.ports import Capabilities, Idempotency
from domain.errors import OutcomeUnknown, Unavailable, Unsupported

T = TypeVar("T")

PROTECTED = {Idempotency.KEY_HEADER, Idempotency.UNIQUE_REFERENCE}

# An effect of more requests than these is not tried at each of them.
MOST_STEPS = 6


@dataclass(frozen=True)
class Loss:
    """An answer to spoil: of which request (1 is the first), and how."""

    nth: int
    trick: Trick

    @property
    def name(self) -> str:
        """Return a short name: references may have no more than 30 characters."""
        return f"{self.trick.__name__[:4]}-{self.nth}"

    def __str__(self) -> str:
        return f"the answer to request {self.nth} was {self.trick.__name__}"


async def at_every_step(
    tricks: tuple[Trick, ...], lose: Callable[[Loss], Awaitable[bool]]
) -> None:
    """Spoil the first answer of an effect, then the second, while there is one.

    Parameters
    ----------
    lose
        Does the effect with that loss, and tells whether it came so far.
    """
    for trick in tricks:
        for nth in range(1, MOST_STEPS + 1):
            if not await lose(Loss(nth, trick)):
                break


@dataclass(frozen=True)
class Effect(Generic[T]):
    """An effect, and how it is found again."""

    act: Callable[[], Awaitable[T]]
    find: Callable[[], Awaitable[T | None]]

    async def despite(self, loss: Loss, spoilt: Mischief) -> tuple[T, bool]:
        """Do as the activities do: what is found is adopted, else it is done again.

        Returns
        -------
        tuple
            What stands, and whether there was such an answer to lose.
        """
        spoilt.on(loss.nth, loss.trick)
        try:
            made = await self.act()
            return made, len(spoilt.requests) >= loss.nth
        except (OutcomeUnknown, Unavailable):
            spoilt.calm()
            return await self.find() or await self.act(), True
        finally:
            spoilt.calm()


def protected(capabilities: Capabilities) -> None:
    """Raise ``Unsupported`` where a counterpart does not know a repetition."""
    if capabilities.idempotency not in PROTECTED:
        msg = "this counterpart does not know a repetition: it is looked up"
        raise Unsupported(msg)


def went_over_http(spoilt: Mischief) -> None:
    """Raise ``NotTried`` where there was no answer that could be lost."""
    if not spoilt.requests:
        msg = "nothing went over HTTP: no answer could be lost there"
        raise NotTried(msg)


LOST = (mischief.lost,)
HALVED = (mischief.truncated,)
EITHER = (*LOST, *HALVED)
