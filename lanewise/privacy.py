"""Erases a customer, and proves it.

- nothing is erased while an order of theirs is open
- first Temporal's executions: which they are is read from the store
- then the store, in one transaction that ends with the mapping itself
- then the bytes: log cut, file rewritten where something is still found
- then the search, in every file, in every spelling

Whatever step it is stopped at, doing it again goes on from there.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlmodel import Session

from domain.quantities import OrderId
from lanewise.client import Refused
from lanewise.executions import Execution, UnknownOrders
from lanewise.people import Pseudonyms
from lanewise.remains import occurrences, spellings, stands_alone
from store import erasing, traces
from store.engine import Store
from store.people import Alias
from store.traces import Traces

# Of the strings that tell one customer from others, this many are searched for.
SEARCHED = 500


class UnknownCustomer(Refused):
    """Nobody is known by that name."""


@dataclass
class Proof:
    """What a search found afterwards.

    ``found`` counts the customer's own id in the database, alone or inside a
    longer id that is somebody else's (``in_longer_ids``, by table and column).
    ``telling`` counts the strings looked for besides, ``telling_found`` where
    such a string is still in rows of others. ``file_bytes`` is None where there
    is no file to search.
    """

    file_bytes: int | None = None
    found: int = 0
    in_longer_ids: dict[str, int] = field(default_factory=dict)
    telling: int = 0
    telling_found: dict[str, int] = field(default_factory=dict)
    log_cut: bool = True

    @property
    def holds(self) -> bool:
        rest = (self.file_bytes or 0) > 0 and not self.in_longer_ids
        return self.found == 0 and self.log_cut and not rest


@dataclass
class Erasure:
    """What was erased of a customer, what stays on purpose, and the proof."""

    known_as: str
    pseudonym: str
    orders: tuple[OrderId, ...]
    executions: tuple[str, ...]
    erased: dict[str, int]
    decisions_kept: int
    proof: Proof | None = None


class History(Protocol):
    """What workflows have left behind; Temporal's is ``Executions``."""

    async def of_orders(self, orders: Iterable[OrderId]) -> list[Execution]: ...

    async def strays(
        self, customer: Iterable[str], unknown: UnknownOrders
    ) -> list[Execution]: ...

    async def running(self, executions: Iterable[Execution]) -> list[str]: ...

    async def delete(self, executions: Iterable[Execution]) -> None: ...


class Privacy:
    """The right to be forgotten, on one store and one Temporal namespace.

    An SQLite file is searched by opening it, and closing it drops every lock
    this process holds on it: have no other ``Store`` of that file open here.
    """

    def __init__(self, store: Store, executions: History) -> None:
        self._store = store
        self._executions = executions
        self._people = Pseudonyms(store)

    async def look(self, name: str) -> Erasure:
        """Say what would be erased; nothing is changed.

        Raises
        ------
        UnknownCustomer
            When nobody is known by the name.
        Refused
            When an order of the customer is open; it is named.
        """
        alias = await asyncio.to_thread(self._people.find, name)
        if alias is None:
            raise UnknownCustomer(_nobody(name))
        kept, executions = await self._closed(alias)
        rows = await asyncio.to_thread(self._rehearse, alias)
        return _erasure(alias, kept, executions, rows)

    async def erase(self, name: str) -> Erasure:
        """Erase a customer everywhere we can reach, and search for what is left.

        Raises
        ------
        UnknownCustomer
            When nobody is known by the name. Bytes that an erasure before,
            stopped half-way, left in the files are cleaned all the same.
        Refused
            When an order of the customer is open; nothing was erased.
        NotGone
            When Temporal takes too long; nothing but executions was erased.
        """
        alias = await asyncio.to_thread(self._people.find, name)
        if alias is None:
            left = await asyncio.to_thread(self._clean_after_a_crash, name)
            raise UnknownCustomer(_nobody(name) + left)
        kept, executions = await self._closed(alias)
        await self._executions.delete(executions)
        done = await asyncio.to_thread(self._erase_rows, alias, kept)
        erasure = _erasure(alias, kept, executions, done)
        erasure.proof = await asyncio.to_thread(
            self._prove, alias.known_as, kept.telling[:SEARCHED]
        )
        return erasure

    async def _closed(self, alias: Alias) -> tuple[Traces, list[Execution]]:
        """Return all there is of the customer, if all of it is closed."""
        kept = await asyncio.to_thread(self._traces, alias)
        _refuse_open(alias, kept)
        executions = await self._executions.of_orders(kept.orders)
        both = (alias.pseudonym, alias.known_as)
        executions += await self._executions.strays(both, self._unknown)
        running = await self._executions.running(executions)
        if running:
            msg = (
                f"customer {alias.known_as!r} has workflows that still run: "
                f"{_listed(running)}; erase again when they have ended"
            )
            raise Refused(msg)
        return kept, executions

    def _traces(self, alias: Alias) -> Traces:
        with self._store.reading() as session:
            return traces.find(session, alias)

    def _unknown(self, ids: Iterable[OrderId]) -> set[OrderId]:
        with self._store.reading() as session:
            return traces.unknown_orders(session, ids)

    def _rehearse(self, alias: Alias) -> dict[str, int]:
        with self._store.writing() as session:
            rows = erasing.erase(session, alias, secrets.token_hex)
            session.rollback()
        return rows

    def _erase_rows(self, alias: Alias, kept: Traces) -> dict[str, int]:
        with self._store.erasing() as session:
            erasing.reserve(session, alias)
            now = traces.find(session, alias)
            _refuse_open(alias, now)
            if new := sorted(now.orders.keys() - kept.orders.keys()):
                msg = f"orders came in meanwhile: {_listed(new)}; erase again"
                raise Refused(msg)
            return erasing.erase(session, alias, secrets.token_hex)

    def _prove(self, known_as: str, telling: tuple[str, ...]) -> Proof:
        """Clean the bytes, then search for what must not be there."""
        store = self._store
        proof = Proof(telling=len(telling), log_cut=store.settle())
        if not store.files():
            store.compact(erasing.TOUCHED)
        elif any(self._bytes(known_as, telling).values()):
            proof.log_cut = store.compact(erasing.TOUCHED)
        left = self._bytes(known_as, telling)
        proof.file_bytes = left[known_as] if store.files() else None
        self._explain(proof, known_as, [word for word in telling if left[word]])
        return proof

    def _bytes(self, known_as: str, telling: Iterable[str]) -> dict[str, int]:
        files = self._store.files()
        if not files:
            # What cannot be searched as bytes is searched row by row.
            return dict.fromkeys((known_as, *telling), 1)
        # Closing a file drops every lock that this process holds on it.
        self._store.close()
        found = occurrences(files, [known_as])
        rest = [word for word in telling if word != known_as]
        return occurrences(files, rest, ["utf-8"]) | found

    def _explain(self, proof: Proof, known_as: str, telling: list[str]) -> None:
        """Say in which rows something still is, and whether it is theirs."""
        inside: Counter[str] = Counter()
        others: Counter[str] = Counter()
        with self._store.reading() as session:
            for where, text in _rows_with(session, known_as):
                if stands_alone(known_as, text):
                    proof.found += 1
                else:
                    inside[where] += 1
            for word in telling:
                others.update({where for where, _ in _rows_with(session, word)})
        proof.in_longer_ids, proof.telling_found = dict(inside), dict(others)

    def _clean_after_a_crash(self, name: str) -> str:
        """Clean the files of a name that is in their bytes, but in no row."""
        store = self._store
        if not store.files() or not self._bytes(name, ())[name]:
            return ""
        done = store.settle()
        with store.reading() as session:
            if any(True for _ in _rows_with(session, name)):
                return ""
        if self._bytes(name, ())[name]:
            done = store.compact(erasing.TOUCHED)
        left = self._bytes(name, ())[name]
        return _CLEANED if done and not left else _BUSY


_CLEANED = "; what an erasure before had left in the file's bytes is gone now"
_BUSY = (
    "; but the file's bytes still hold the name, and somebody keeps the database "
    "busy: stop the workers for a moment and erase again"
)
_SHOWN = 20


def _rows_with(session: Session, word: str) -> Iterator[tuple[str, str]]:
    for spelling in spellings(word):
        yield from traces.live(session, spelling)


def _refuse_open(alias: Alias, kept: Traces) -> None:
    if kept.open:
        named = [f"{order} ({status.value})" for order, status in kept.open.items()]
        msg = (
            f"customer {alias.known_as!r} has {len(named)} open orders: "
            f"{_listed(named)}; erase when they have ended, or cancel them first"
        )
        raise Refused(msg)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _nobody(name: str) -> str:
    return f"nobody is known as {name!r}: not met yet, or erased already"


def _erasure(
    alias: Alias, kept: Traces, executions: list[Execution], done: dict[str, int]
) -> Erasure:
    return Erasure(
        known_as=alias.known_as,
        pseudonym=alias.pseudonym,
        orders=tuple(kept.orders),
        executions=tuple(sorted(each.workflow_id for each in executions)),
        erased=done,
        decisions_kept=kept.decisions,
    )
