"""What a partner told since a cursor, and what its 997s said of documents of ours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from connectors.x12.facts import Fact, facts_after
from connectors.x12.outbox import ACCEPTED

T = TypeVar("T", bound=BaseModel)

AT_MOST = 500
_CANCEL = "/cancel"


def canceling(reference: str) -> str:
    """Name the document that takes back what was sent under a reference."""
    return f"{reference}{_CANCEL}"


@dataclass(frozen=True)
class Answered:
    """A 997 about a document of ours, or about the one that cancels it."""

    reference: str
    canceling: bool
    refused: bool
    code: str
    control: int
    why: str
    at: datetime

    @classmethod
    def of(cls, fact: Fact) -> "Answered":
        """Read what was kept when the 997 came."""
        posted = str(fact["reference"])
        reference = posted.removesuffix(_CANCEL)
        return cls(
            reference=reference,
            canceling=reference != posted,
            refused=fact["answer"] not in ACCEPTED,
            code=str(fact["answer"]),
            control=int(fact["control"]),
            why="; ".join(map(str, fact["complaints"])),
            at=datetime.fromisoformat(str(fact["at"])),
        )

    def words(self, set_id: str) -> str:
        """Say what was refused, and why."""
        what = "the cancellation of " if self.canceling else ""
        why = self.why or "no reason given"
        return f"{set_id} {what}{self.reference} was refused ({self.code}): {why}"


@dataclass(frozen=True)
class Page(Generic[T]):
    """Facts after a cursor, oldest first, and problems for people among them."""

    told: tuple[T, ...]
    cursor: str
    more: bool
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Telling(Generic[T]):
    """How one kind of partner's facts are read.

    ``kind`` is the name under which they are kept, ``set_id`` the document of
    ours that its 997s answer, and ``meaning`` what such an answer says besides.
    """

    kind: str
    model: type[T]
    set_id: str
    meaning: Callable[[Answered], T | None]

    def page(self, folder: Path, cursor: str) -> Page[T]:
        """List what was told after a cursor, at most 500 facts of it."""
        told: list[T] = []
        problems: list[str] = []
        found = list(facts_after(folder, cursor, AT_MOST + 1))
        for _, fact in found[:AT_MOST]:
            if fact["kind"] == "problem":
                problems.append(str(fact["text"]))
            elif fact["kind"] == self.kind:
                read = self.model.model_validate(fact[self.kind])
                raw = str(fact.get("raw", ""))
                told.append(read.model_copy(update={"raw": raw}))
            else:
                answered = Answered.of(fact)
                if answered.refused:
                    problems.append(answered.words(self.set_id))
                meant = self.meaning(answered)
                told += [] if meant is None else [meant]
        return Page(
            told=tuple(told),
            cursor=found[:AT_MOST][-1][0] if found else cursor,
            more=len(found) > AT_MOST,
            problems=tuple(problems),
        )
