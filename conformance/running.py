"""Runs checks over one adapter, and says what passed, failed or is not there."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import Unsupported

B = TypeVar("B")


class NotSo(AssertionError):
    """What a check expects of every adapter is not so."""


class NotTried(Exception):
    """The bench has no way to bring about what this check needs."""


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
    effects: bool

    @property
    def name(self) -> str:
        return self.work.__name__.replace("_", " ")


@dataclass(frozen=True)
class Result:
    """A check, its verdict, and why."""

    check: str
    verdict: Verdict
    why: str = ""


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


async def run(checks: Iterable[Check[B]], bench: B, *, effects: bool = True) -> Report:
    """Run checks one after the other; each makes a fresh adapter.

    Parameters
    ----------
    effects
        False to leave out whatever books, reserves or sends.
    """
    chosen = [check for check in checks if effects or not check.effects]
    return Report(tuple([await judge(check, bench) for check in chosen]))


async def judge(check: Check[B], bench: B) -> Result:
    """Run one check; whatever it raises becomes a verdict."""
    try:
        await check.work(bench)
    except Unsupported as error:
        return Result(check.name, Verdict.NOT_SUPPORTED, str(error))
    except NotTried as error:
        return Result(check.name, Verdict.NOT_TRIED, str(error))
    except NotSo as error:
        return Result(check.name, Verdict.FAILED, str(error))
    except Exception as error:
        # An adapter may fail in any way; that is what this is to find out.
        return Result(check.name, Verdict.FAILED, f"{type(error).__name__}: {error}")
    return Result(check.name, Verdict.PASSED)


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


def checks_of(
    reads: Sequence[Callable[[B], Awaitable[None]]],
    effects: Sequence[Callable[[B], Awaitable[None]]],
) -> tuple[Check[B], ...]:
    """Return checks, the harmless ones first."""
    return (
        *(Check(work, effects=False) for work in reads),
        *(Check(work, effects=True) for work in effects),
    )
