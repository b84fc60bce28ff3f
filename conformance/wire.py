"""What must hold of whatever asks something: bad wires, odd answers, secrets."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance import mischief, mutations
from conformance.bench import Bench
from conformance.mischief import Mischief
from conformance.running import NotSo, NotTried, Section, ensure, raising, reads, said
from domain.errors import (
    AuthFailed,
    ConnectorError,
    ContractViolation,
    RateLimited,
    Unavailable,
)

MOST_STRANGE = 200

Ask = Callable[[], Awaitable[object]]
AnyBench = Bench[Any]


async def a_rate_limit_is_told_and_not_retried(bench: AnyBench) -> None:
    """HTTP 429 is RateLimited with the seconds of Retry-After.

    Nothing asks again by itself: the activity waits, and tries again.
    """
    async with asking(bench) as (ask, spoilt):
        spoilt.on(1, mischief.limited)
        error = await raising(RateLimited, ask())
        waits_s = getattr(error, "retry_after_s", None)
        told_s = mischief.RETRY_AFTER_S
        ensure(waits_s == told_s, f"waits {waits_s} s, told to wait {told_s}")
        ensure(len(spoilt.requests) == 1, "the adapter asked again by itself")


async def a_read_without_an_answer_is_unavailable(bench: AnyBench) -> None:
    """A read that is not reached, busy, slow, cut short or broken is Unavailable."""
    async with asking(bench) as (ask, spoilt):
        for trick in (
            *(mischief.unsent, mischief.busy, mischief.lost, mischief.slow),
            *(mischief.truncated, mischief.broken),
        ):
            spoilt.on(1, trick)
            try:
                await raising(Unavailable, ask())
            except NotSo as error:
                msg = f"when an answer is {trick.__name__}: {error}"
                raise NotSo(msg) from None


async def half_an_answer_is_a_contract_violation(bench: AnyBench) -> None:
    """An answer cut in half that pretends to be whole is a ContractViolation.

    It keeps what was said in ``raw``.
    """
    async with asking(bench) as (ask, spoilt):
        spoilt.on(1, mischief.garbled)
        error = await raising(ContractViolation, ask())
        ensure(
            getattr(error, "raw", ""), "the violation keeps nothing of what was said"
        )


async def unheard_of_fields_change_nothing(bench: AnyBench) -> None:
    """With fields nobody asked for in every object, it reads the same."""
    async with asking(bench) as (ask, spoilt):
        before = await ask()
        spoilt.always(mischief.changing(mutations.with_more_fields))
        after = await ask()
        ensure(
            told(before) == told(after), f"with {mutations.EXTRA} it reads otherwise"
        )


async def nulls_and_unheard_of_words_do_no_harm(bench: AnyBench) -> None:
    """A null, missing or unheard-of field ends in an answer or a ConnectorError.

    Never in another exception: what is unknown becomes UNKNOWN.
    """
    async with asking(bench) as (ask, spoilt):
        async for what, outcome in oddly_answered(ask, spoilt):
            ensure_ours(what, outcome)


async def secrets_are_never_shown(bench: AnyBench) -> None:
    """A refusal that repeats what was sent is AuthFailed, and shows no secret.

    Neither in its message, nor in what it keeps of the answer, nor in any repr.
    """
    async with bench.adapter() as (adapter, spoilt), _reached(spoilt):
        spoilt.on(1, mischief.echoing)
        error = await raising(AuthFailed, bench.ask(adapter))
        shown = [str(error), repr(error), getattr(error, "raw", ""), repr(adapter)]
        shown += [repr(value) for value in vars(adapter).values()]
        for secret in bench.secrets:
            encoded = base64.b64encode(secret.encode()).decode()
            found = any(secret in text or encoded in text for text in shown)
            ensure(not found, "a secret is shown in an error, a raw answer or a repr")


CHECKS = (
    *reads(
        Section.WIRE,
        a_rate_limit_is_told_and_not_retried,
        a_read_without_an_answer_is_unavailable,
        half_an_answer_is_a_contract_violation,
    ),
    *reads(
        Section.READING,
        unheard_of_fields_change_nothing,
        nulls_and_unheard_of_words_do_no_harm,
    ),
    *reads(Section.WIRE, secrets_are_never_shown),
)


@dataclass(frozen=True)
class Oddity:
    """What was changed in an answer, and where."""

    path: mutations.Path
    what: str

    @property
    def in_an_item(self) -> bool:
        """Tell whether it is in one of a list, and not about the list itself."""
        return any(isinstance(step, int) for step in self.path)

    def __str__(self) -> str:
        return f"{self.what} at {'.'.join(map(str, self.path))}"


@asynccontextmanager
async def asking(bench: AnyBench) -> AsyncIterator[tuple[Ask, Mischief]]:
    """Make an adapter that can be asked something harmless over a spoilt wire."""
    async with bench.adapter() as (adapter, spoilt), _reached(spoilt):
        yield partial(bench.ask, adapter), spoilt


@asynccontextmanager
async def _reached(spoilt: Mischief) -> AsyncIterator[None]:
    """Nothing is proved about a wire that nothing went over."""
    try:
        yield
    except NotSo:
        if spoilt.requests:
            raise
    if not spoilt.requests:
        msg = (
            "no request went through connectors.http.HttpClient, so the wire could not "
            "be spoilt: right for files and tables, wrong for anything over HTTP"
        )
        raise NotTried(msg)


async def oddly_answered(
    ask: Ask, spoilt: Mischief
) -> AsyncIterator[tuple[Oddity, object]]:
    """Ask with one place of an answer changed each time; yield what came of it.

    That is what was answered, or the exception it ended in.
    """
    documents: list[Any] = []

    def note(document: Any) -> Any:
        documents.append(document)
        return document

    spoilt.always(mischief.changing(note))
    await ask()
    spoilt.always(None)
    tried = 0
    for nth, document in enumerate(documents, start=1):
        for path in mutations.places(document):
            for what, changed in mutations.strange(document, path):
                if (tried := tried + 1) > MOST_STRANGE:
                    return
                spoilt.on(nth, mischief.saying(changed))
                yield Oddity(path, what), await outcome_of(ask)
                spoilt.calm()


async def outcome_of(ask: Ask) -> object:
    """Return what is answered, or the exception it ends in."""
    try:
        return await ask()
    except Exception as error:
        return error


def ensure_ours(what: object, outcome: object) -> None:
    """Raise ``NotSo`` for an exception that is none of the closed set."""
    if isinstance(outcome, Exception):
        ours = isinstance(outcome, ConnectorError)
        ensure(ours, f"{what} ends in {said(outcome)}")


def told(value: object) -> str:
    """Return what a value tells, without the raw answer beside it."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return f"[{', '.join(told(item) for item in value)}]"
    dump = getattr(value, "model_dump_json", None)
    return dump() if dump is not None else repr(value)
