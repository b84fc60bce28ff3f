"""Runs checks over one adapter, and says what passed, failed or is not there."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from traceback import walk_tb
from typing import Generic, TypeVar

from domain.errors import Unsupported

# Whose lines tell a reader nothing about the adapter.
_NOT_THEIRS = re.compile(
    r"(asyncio|conformance|httpx|json|pydantic|connectors\.(http|answers))(\.|$)"
)

GUIDE = "docs/connectors/writing-one.md"

T = TypeVar("T")
B = TypeVar("B", contravariant=True)


class NotSo(AssertionError):
    """What a check expects of every adapter is not so."""


class NotTried(Exception):
    """The bench has no way to bring about what this check needs."""


class Section(StrEnum):
    """Where the guide tells how to make it so: the anchors of its headings."""

    WIRE = "on-the-wire"
    ERRORS = "which-error-when"
    READING = "what-is-read"
    WEBHOOKS = "webhooks"
    ONCE = "no-effect-twice"
    CARRIERS = "a-carrier"
    WAREHOUSES = "a-warehouse"
    TRANSPORTS = "a-freight-carrier"
    HAZARDS = "a-feed-of-alerts"
    FORECASTS = "a-forecast"
    ORDERS = "an-order-source"
    CLOCKS = "a-clock"
    CURSORS = "cursors"


class Verdict(StrEnum):
    """How one check went."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_SUPPORTED = "not supported"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Check(Generic[B]):
    """One thing that must be so; ``effects`` if it books, reserves or sends."""

    work: Callable[[B], Awaitable[None]]
    section: Section
    effects: bool

    @property
    def name(self) -> str:
        return self.work.__name__.replace("_", " ")

    @property
    def expected(self) -> str:
        """Say what is expected of every adapter."""
        return " ".join((self.work.__doc__ or "").split())

    @property
    def read(self) -> str:
        """Tell where to read how it is done."""
        return f"{GUIDE}#{self.section}"


@dataclass(frozen=True)
class Result:
    """A check, its verdict, and why: what came instead of what was expected."""

    check: str
    verdict: Verdict
    why: str = ""
    expected: str = ""
    read: str = ""

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.verdict}: {self.check}",
                f"  expected: {self.expected}",
                f"  came:     {self.why or 'just that'}",
                f"  read:     {self.read}",
            )
        )


@dataclass(frozen=True)
class Report:
    """Every check of a run, in order."""

    results: tuple[Result, ...]

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(r for r in self.results if r.verdict is Verdict.FAILED)

    @property
    def passed(self) -> tuple[Result, ...]:
        return tuple(r for r in self.results if r.verdict is Verdict.PASSED)


async def run(checks: Iterable[Check[T]], bench: T, *, effects: bool = True) -> Report:
    """Run checks one after the other; each makes a fresh adapter.

    Parameters
    ----------
    effects
        False to leave out whatever books, reserves or sends.
    """
    chosen = [check for check in checks if effects or not check.effects]
    return Report(tuple([await judge(check, bench) for check in chosen]))


async def judge(check: Check[T], bench: T) -> Result:
    """Run one check; whatever it raises becomes a verdict."""
    verdict, why = Verdict.PASSED, ""
    try:
        await check.work(bench)
    except Unsupported as error:
        verdict, why = Verdict.NOT_SUPPORTED, str(error)
    except NotTried as error:
        verdict, why = Verdict.NOT_TRIED, str(error)
    except NotSo as error:
        verdict, why = Verdict.FAILED, str(error)
    except Exception as error:
        # An adapter may fail in any way; that is what this is to find out.
        verdict, why = Verdict.FAILED, said(error)
    return Result(check.name, verdict, why, check.expected, check.read)


def said(error: BaseException) -> str:
    """Return an error's kind and words, and the adapter's line it came from."""
    frames = [
        f"{Path(frame.f_code.co_filename).name}:{line}"
        for frame, line in walk_tb(error.__traceback__)
        if not _NOT_THEIRS.match(frame.f_globals.get("__name__", ""))
    ]
    at = f" (at {frames[-1]})" if frames else ""
    return f"{type(error).__name__}: {error}{at}"


def ensure(so: object, otherwise: str) -> None:
    """Raise ``NotSo`` with a sentence unless it is so."""
    if not so:
        raise NotSo(otherwise)


async def raising(
    kinds: type[Exception] | tuple[type[Exception], ...], work: Awaitable[object]
) -> Exception:
    """Return the error that some work ends with; ``NotSo`` for none or another."""
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    named = " or ".join(kind.__name__ for kind in wanted)
    try:
        answer = await work
    except Unsupported as error:
        if Unsupported not in wanted:
            raise
        return error
    except wanted as error:
        return error
    except Exception as error:
        msg = f"expected {named}, got {type(error).__name__}: {error}"
        raise NotSo(msg) from error
    msg = f"expected {named}, got an answer: {str(answer)[:120]}"
    raise NotSo(msg)


def reads(
    section: Section, *works: Callable[[T], Awaitable[None]]
) -> tuple[Check[T], ...]:
    """Return checks that change nothing at the counterpart."""
    return tuple(Check(work, section, effects=False) for work in works)


def effects(
    section: Section, *works: Callable[[T], Awaitable[None]]
) -> tuple[Check[T], ...]:
    """Return checks that book, reserve, offer or tell something."""
    return tuple(Check(work, section, effects=True) for work in works)
