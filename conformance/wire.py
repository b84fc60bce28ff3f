"""Checks of any adapter that only read: bad wires, bad answers, webhooks, secrets."""

import base64
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from conformance import mischief
from conformance.bench import Bench, Delivery, given
from conformance.mischief import Mischief
from conformance.mutations import EXTRA, places, strange, with_more_fields
from conformance.running import NotTried, ensure, raising
from connectors.ports import Capabilities, WebhookScheme
from domain.errors import (
    AuthFailed,
    ConnectorError,
    ContractViolation,
    RateLimited,
    Unavailable,
)

MOST_STRANGE = 200

Ask = Callable[[], Awaitable[object]]


class Sender(Protocol):
    """The part of an adapter that knows its webhooks."""

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""

    def verify_webhook(self, headers: Any, body: bytes) -> bool:
        """Tell whether this counterpart really sent these bytes."""

    def parse_webhook(self, body: bytes) -> tuple[Any, ...]:
        """Read the facts in a webhook."""


async def rate_limit(ask: Ask, spoilt: Mischief) -> None:
    """A rate limit is told with how long to wait, and not retried."""
    spoilt.on(1, mischief.limited)
    error = await raising(RateLimited, ask())
    waits_s = getattr(error, "retry_after_s", None)
    ensure(waits_s == mischief.RETRY_AFTER_S, f"waits {waits_s} s, told to wait 7")
    ensure(len(spoilt.requests) == 1, "the adapter asked again by itself")


async def bad_wires(ask: Ask, spoilt: Mischief) -> None:
    """A read without a whole answer is unavailable; nothing is made up."""
    for trick in (
        *(mischief.unsent, mischief.busy, mischief.lost),
        *(mischief.truncated, mischief.broken),
    ):
        spoilt.on(1, trick)
        await raising(Unavailable, ask())


async def garbage(ask: Ask, spoilt: Mischief) -> None:
    """Half an answer that pretends to be whole is a contract violation."""
    spoilt.on(1, mischief.garbled)
    error = await raising(ContractViolation, ask())
    ensure(getattr(error, "raw", ""), "the violation keeps nothing of what was said")


async def more_fields(ask: Ask, spoilt: Mischief) -> None:
    """Fields nobody asked for change nothing."""
    before = await ask()
    spoilt.always(mischief.changing(with_more_fields))
    after = await ask()
    ensure(_told(before) == _told(after), f"with {EXTRA} it reads otherwise")


async def strange_fields(ask: Ask, spoilt: Mischief) -> None:
    """Nulls, missing fields and unheard-of words end in an answer or our errors."""
    seen: list[Any] = []

    def note(document: Any) -> Any:
        seen.append(document)
        return document

    spoilt.always(mischief.changing(note))
    await ask()
    tried = 0
    for nth, document in enumerate(seen, start=1):
        for path in places(document):
            for what, changed in strange(document, path):
                if (tried := tried + 1) > MOST_STRANGE:
                    return
                await _survives(ask, spoilt, nth, changed, f"{path}: {what}")


async def _survives(
    ask: Ask, spoilt: Mischief, nth: int, changed: Any, what: str
) -> None:
    spoilt.always(None)
    spoilt.on(nth, mischief.changing(lambda _: changed))
    try:
        await ask()
    except ConnectorError:
        return
    except Exception as error:
        ensure(False, f"{what} ends in {type(error).__name__}: {error}")


async def secrets(
    bench: Bench[Any], adapter: object, ask: Ask, spoilt: Mischief
) -> None:
    """What must not be shown is in no message, no raw answer and no repr."""
    spoilt.on(1, mischief.echoing)
    error = await raising(AuthFailed, ask())
    shown = [str(error), repr(error), getattr(error, "raw", ""), repr(adapter)]
    shown += [repr(value) for value in vars(adapter).values()]
    for secret in bench.secrets:
        encoded = base64.b64encode(secret.encode()).decode()
        found = any(secret in text or encoded in text for text in shown)
        ensure(not found, "a secret is shown in an error, a raw answer or a repr")


def webhooks_genuine(bench: Bench[Any], sender: Sender) -> None:
    """Genuine webhooks are believed and read; any other is not."""
    for sent in _webhooks(bench):
        ensure(
            sender.verify_webhook(sent.headers, sent.body), "a genuine one is refused"
        )
        upper = {name.upper(): value for name, value in sent.headers.items()}
        ensure(sender.verify_webhook(upper, sent.body), "header names are case-bound")
        if sender.capabilities().webhooks is not WebhookScheme.SHARED_SECRET:
            # Who knows a shared secret may say anything: nothing is signed.
            _refuses(sender, sent.headers, sent.body + b" ", "a changed body")
            _refuses(sender, sent.headers, b"", "an empty body")
        _refuses(sender, {}, sent.body, "one without a signature")
        for name, value in sent.headers.items():
            if len(value) > 20:
                forged = {**sent.headers, name: value[:-6] + "AAAAA="}
                _refuses(sender, forged, sent.body, f"a forged {name}")
        ensure(sender.parse_webhook(sent.body), "a genuine webhook tells nothing")


def webhooks_repeated(bench: Bench[Any], sender: Sender) -> None:
    """Copies of a fact have one id, other facts another, in any order."""
    sent = _webhooks(bench)
    once = [fact for one in sent for fact in sender.parse_webhook(one.body)]
    again = [fact for one in sent[::-1] for fact in sender.parse_webhook(one.body)]
    ids = {fact.event_id for fact in once}
    ensure({fact.event_id for fact in again} == ids, "a copy has another id")
    ensure(len(ids) == len({_told(f) for f in once}), "two facts share one id")


def webhooks_strange(bench: Bench[Any], sender: Sender) -> None:
    """Garbage is a contract violation; unheard-of words are no crash."""
    for body in (b"", b"\xff\xfe", b"[]", b'"x"', b"{", b"null"):
        _survives_webhook(sender, body, repr(body))
    for sent in _webhooks(bench):
        document = _json(sent.body)
        _survives_webhook(sender, sent.body[: len(sent.body) // 2], "half a body")
        for path in places(document):
            for what, changed in strange(document, path):
                _survives_webhook(
                    sender, json.dumps(changed).encode(), f"{path}: {what}"
                )


def _survives_webhook(sender: Sender, body: bytes, what: str) -> None:
    try:
        sender.parse_webhook(body)
    except ConnectorError:
        return
    except Exception as error:
        ensure(False, f"{what} ends in {type(error).__name__}: {error}")


def _refuses(sender: Sender, headers: Any, body: bytes, what: str) -> None:
    ensure(not sender.verify_webhook(headers, body), f"{what} is believed")


def _webhooks(bench: Bench[Any]) -> tuple[Delivery, ...]:
    sent = tuple(given(bench.webhooks, "webhooks")())
    if not sent:
        msg = "no webhook came"
        raise NotTried(msg)
    return sent


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {}


def _told(value: object) -> str:
    """Return what a value tells, without the raw answer beside it."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return f"[{', '.join(_told(item) for item in value)}]"
    dump = getattr(value, "model_dump_json", None)
    return dump() if dump is not None else repr(value)
