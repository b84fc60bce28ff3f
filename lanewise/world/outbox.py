"""Webhooks on their way: signed, retried until acknowledged, counted."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.http import Circuit, HttpClient, Timeouts
from connectors.neutral.webhooks import signed_headers
from domain.errors import ConnectorError
from lanewise.world.luck import happens, luck
from lanewise.world.spec import Receiver, WebhookSpec

Subject = tuple[str, str]


@dataclass
class Message:
    """One fact to be told; ``final`` says that none follows on its subject."""

    connection: str
    subject: str
    event: dict[str, Any]
    final: bool


@dataclass
class Tally:
    """What became of one connection's webhooks.

    ``sent`` counts deliveries, each with one fact or more; ``acknowledged``
    counts facts, copies included.
    """

    facts: int = 0
    sent: int = 0
    acknowledged: int = 0
    duplicated: int = 0
    reordered: int = 0
    failed_attempts: int = 0


@dataclass
class Outbox:
    """Facts to be delivered, in order per subject unless told to shuffle.

    A connection without a receiver keeps its facts in the books only.
    """

    spec: WebhookSpec
    receivers: dict[str, Receiver]
    real_time: Callable[[], datetime]
    seed: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    _queues: dict[Subject, deque[Message]] = field(default_factory=dict)
    _held: dict[Subject, Message] = field(default_factory=dict)
    _ready: dict[str, deque[Subject]] = field(default_factory=dict)
    _senders: dict[str, int] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _pending: int = 0

    def __post_init__(self) -> None:
        self._dice = luck(self.seed, "webhooks")
        self._client: HttpClient | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def pending(self) -> int:
        return self._pending

    def post(
        self,
        connection: str,
        subject: str,
        event: dict[str, Any],
        *,
        final: bool = False,
    ) -> None:
        """Tell a fact; it is on its way when this returns."""
        message = Message(connection, subject, event, final)
        tally = self.tallies.setdefault(connection, Tally())
        tally.facts += 1
        self.messages.append(message)
        if connection not in self.receivers:
            return
        key = (connection, subject)
        reorder = happens(self._dice, self.spec.reorder_permille)
        if reorder and not final and key not in self._held:
            tally.reordered += 1
            self._held[key] = message
            return
        late = self._held.pop(key, None)
        self._enqueue(key, [message, *([late] if late else [])])

    def let_go(self) -> int:
        """Send what was held back to arrive late; return how many."""
        held = list(self._held.items())
        self._held.clear()
        for key, message in held:
            self._enqueue(key, [message])
        return len(held)

    async def drained(self, wait_s: float) -> bool:
        """Wait until every webhook is acknowledged, but no longer than that."""
        if self._empty.is_set() or wait_s <= 0:
            return self._empty.is_set()
        try:
            await asyncio.wait_for(self._empty.wait(), wait_s)
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Stop delivering."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _enqueue(self, key: Subject, messages: list[Message]) -> None:
        queue = self._queues.setdefault(key, deque())
        if not queue:
            self._ready.setdefault(key[0], deque()).append(key)
        for message in messages:
            copies = 1 + happens(self._dice, self.spec.duplicate_permille)
            self.tallies[key[0]].duplicated += copies - 1
            queue.extend([message] * copies)
            self._pending += copies
        self._empty.clear()
        if self._senders.get(key[0], 0) < self.spec.parallel:
            self._senders[key[0]] = self._senders.get(key[0], 0) + 1
            # It begins when the clock has finished its jump: batches fill up.
            task = asyncio.create_task(self._send_all(key[0]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send_all(self, connection: str) -> None:
        """Deliver batch after batch; a subject is in one batch at a time."""
        ready = self._ready[connection]
        while ready:
            keys = [ready.popleft() for _ in range(min(len(ready), self.spec.batch))]
            await self._deliver(connection, [self._queues[key][0] for key in keys])
            for key in keys:
                queue = self._queues[key]
                queue.popleft()
                if queue:
                    ready.append(key)
                else:
                    del self._queues[key]
            self._pending -= len(keys)
        self._senders[connection] -= 1
        if self._pending == 0:
            self._empty.set()

    async def _deliver(self, connection: str, batch: list[Message]) -> None:
        tally = self.tallies[connection]
        wait_ms = self.spec.retry_min_ms
        while True:
            tally.sent += 1
            if await self._attempt(connection, batch):
                tally.acknowledged += len(batch)
                return
            tally.failed_attempts += 1
            await asyncio.sleep(wait_ms / 1000)
            wait_ms = min(self.spec.retry_max_ms, wait_ms * 2)

    async def _attempt(self, connection: str, batch: list[Message]) -> bool:
        receiver = self.receivers.get(connection)
        if receiver is None:
            return True
        events = [message.event for message in batch]
        body = json.dumps({"events": events}).encode()
        name = f"{events[0]['event_id']}+{len(events) - 1}"
        headers = signed_headers(receiver.secret, name, self.real_time(), body)
        try:
            await self._http().deliver(receiver.url, body, headers)
        except ConnectorError:
            return False
        return True

    def _http(self) -> HttpClient:
        if self._client is None:
            limit_s = self.spec.timeout_ms / 1000
            self._client = HttpClient(
                "",
                timeouts=Timeouts(connect_s=limit_s, read_s=limit_s),
                # A receiver that comes back is told at once.
                circuit=Circuit(failures=0),
            )
        return self._client
