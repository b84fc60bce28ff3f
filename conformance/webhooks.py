"""What must hold of any adapter that is sent webhooks."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.bench import Bench, Delivery, given
from conformance.mutations import places, strange
from conformance.running import NotTried, Section, ensure, reads, said
from conformance.wire import told
from connectors.ports import WebhookScheme
from domain.errors import ConnectorError

GARBAGE = (b"", b"\xff\xfe", b"[]", b'"x"', b"{", b"null")

AnyBench = Bench[Any]


async def only_genuine_webhooks_are_believed(bench: AnyBench) -> None:
    """A genuine webhook is believed and read; a changed or unsigned one is not.

    The names of its headers may come in any case.
    """
    async with bench.adapter() as (sender, _):
        for sent in _sent(bench):
            headers, body = sent.headers, sent.body
            ensure(sender.verify_webhook(headers, body), "a genuine one is refused")
            upper = {name.upper(): value for name, value in headers.items()}
            ensure(sender.verify_webhook(upper, body), "header names are case-bound")
            ensure(sender.parse_webhook(body), "a genuine webhook tells nothing")
            signed = sender.capabilities().webhooks is not WebhookScheme.SHARED_SECRET
            for what, other, changed in _forgeries(sent, signed=signed):
                believed = sender.verify_webhook(other, changed)
                ensure(not believed, f"{what} is believed")


async def repeated_and_reordered_webhooks_are_known(bench: AnyBench) -> None:
    """A copy of a fact has the same ``event_id``, and another fact another.

    In whatever order they come.
    """
    async with bench.adapter() as (sender, _):
        sent = _sent(bench)
        once = [fact for one in sent for fact in sender.parse_webhook(one.body)]
        again = [fact for one in sent[::-1] for fact in sender.parse_webhook(one.body)]
        ids = {fact.event_id for fact in once}
        ensure({fact.event_id for fact in again} == ids, "a copy has another id")
        ensure(len(ids) == len({told(f) for f in once}), "two facts share one id")


async def strange_webhooks_do_no_harm(bench: AnyBench) -> None:
    """Garbage, halves, nulls and new words end in facts or a ConnectorError.

    Never in another exception.
    """
    async with bench.adapter() as (sender, _):
        for body in GARBAGE:
            _survives(sender, body, repr(body))
        for sent in _sent(bench):
            _survives(sender, sent.body[: len(sent.body) // 2], "half a body")
            document = _json(sent.body)
            for path in places(document):
                for what, changed in strange(document, path):
                    body = json.dumps(changed).encode()
                    _survives(sender, body, f"{path}: {what}")


CHECKS = reads(
    Section.WEBHOOKS,
    only_genuine_webhooks_are_believed,
    repeated_and_reordered_webhooks_are_known,
    strange_webhooks_do_no_harm,
)


def _forgeries(sent: Delivery, *, signed: bool) -> Iterator[tuple[str, Any, bytes]]:
    """Yield what must not be believed: what it is, its headers and its body."""
    if signed:
        # Who knows a shared secret may say anything: nothing is signed.
        yield "a changed body", sent.headers, sent.body + b" "
        yield "an empty body", sent.headers, b""
    yield "one without a signature", {}, sent.body
    for name, value in sent.headers.items():
        if len(value) > 20:
            forged = {**sent.headers, name: value[:-6] + "AAAAA="}
            yield f"a forged {name}", forged, sent.body


def _survives(sender: Any, body: bytes, what: str) -> None:
    try:
        sender.parse_webhook(body)
    except ConnectorError:
        return
    except Exception as error:
        ensure(False, f"{what} ends in {said(error)}")


def _sent(bench: AnyBench) -> tuple[Delivery, ...]:
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
