import asyncio
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pytest

from domain.order import OrderStatus
from domain.quantities import CustomerId, OrderId
from lanewise.client import Refused
from lanewise.executions import Execution, UnknownOrders
from lanewise.people import Pseudonyms, draw, order_in
from lanewise.privacy import Privacy, UnknownCustomer
from store import orders, people
from store.engine import Store
from tests.builders import MONDAY, an_order
from tests.unit.store.lives import a_life, everything


@dataclass
class RememberedExecutions:
    """Executions by hand: which there are, which run, which were deleted."""

    kept: list[Execution] = field(default_factory=list)
    still: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    breaks: bool = False

    async def of_orders(self, wanted: Iterable[OrderId]) -> list[Execution]:
        own = tuple(f"order/{order}" for order in wanted)
        return [each for each in self.kept if each.workflow_id in own]

    async def strays(
        self, customer: Iterable[str], unknown: UnknownOrders
    ) -> list[Execution]:
        return [each for each in self.kept if each.passing]

    async def running(self, executions: Iterable[Execution]) -> list[str]:
        ids = {each.workflow_id for each in executions}
        return [name for name in self.still if name in ids]

    async def delete(self, executions: Iterable[Execution]) -> None:
        if self.breaks:
            raise ConnectionError
        self.deleted += [each.workflow_id for each in executions]
        self.kept = [e for e in self.kept if e.workflow_id not in self.deleted]


@pytest.fixture
def executions() -> RememberedExecutions:
    names = ("order/o-1", "order/o-1", "evaluate/x", "order/o-2")
    return RememberedExecutions([Execution(name, "run", False) for name in names])


def bytes_of(store: Store, word: str) -> int:
    """Count a word in the files, as somebody from outside would."""
    store.close()
    there = [file for file in store.files() if file.exists()]
    return sum(file.read_bytes().count(word.encode()) for file in there)


@contextmanager
def held_open(store: Store) -> Iterator[None]:
    """Let another process's connection keep the log from vanishing by itself."""
    with closing(sqlite3.connect(str(store.url.database))) as other:
        other.execute("SELECT count(*) FROM orders").fetchall()
        yield


async def test_an_erased_customer_is_in_no_byte_and_no_row(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    life = a_life(sqlite_store)
    assert bytes_of(sqlite_store, life.alias.known_as) > 0

    with held_open(sqlite_store):
        erasure = await Privacy(sqlite_store, executions).erase("CUST-ADA")

        assert {secret: bytes_of(sqlite_store, secret) for secret in life.secrets} == (
            dict.fromkeys(life.secrets, 0)
        )
    assert erasure.proof is not None
    assert (erasure.proof.holds, erasure.proof.file_bytes) == (True, 0)
    assert erasure.proof.telling_found == {}
    assert erasure.erased["pseudonyms"] == 1


async def test_free_pages_from_before_are_rewritten(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    a_life(sqlite_store)
    with sqlite_store.writing() as session:
        for n in range(400):
            note = f"CUST-ADA {n} " + "x" * 200
            people.pseudonym_of(session, CustomerId(note), MONDAY, draw)
    with closing(sqlite3.connect(str(sqlite_store.url.database))) as old:
        old.execute("PRAGMA secure_delete = OFF")
        old.execute("DELETE FROM pseudonyms WHERE length(known_as) > 100")
        old.commit()
    assert bytes_of(sqlite_store, "CUST-ADA") > 100

    erasure = await Privacy(sqlite_store, executions).erase("CUST-ADA")

    assert bytes_of(sqlite_store, "CUST-ADA") == 0
    assert erasure.proof is not None
    assert erasure.proof.holds


async def test_rows_are_erased_on_either_database(
    store: Store, executions: RememberedExecutions
) -> None:
    life = a_life(store)

    erasure = await Privacy(store, executions).erase(life.alias.pseudonym)

    left = str(everything(store))
    assert not [secret for secret in life.secrets if secret in left]
    assert erasure.proof is not None
    assert (erasure.proof.found, erasure.proof.holds) == (0, True)


async def test_temporal_forgets_every_run_of_theirs_and_no_other(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    a_life(sqlite_store)
    a_life(sqlite_store, "CUST-BEN", number=2)

    await Privacy(sqlite_store, executions).erase("CUST-ADA")

    assert sorted(executions.deleted) == ["evaluate/x", "order/o-1", "order/o-1"]
    assert [each.workflow_id for each in executions.kept] == ["order/o-2"]


async def test_while_an_order_is_open_nothing_is_erased(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    a_life(sqlite_store, status=OrderStatus.RELEASED)
    before = everything(sqlite_store)

    with pytest.raises(Refused, match=r"1 open orders: o-1 \(released\)"):
        await Privacy(sqlite_store, executions).erase("CUST-ADA")

    assert (everything(sqlite_store), executions.deleted) == (before, [])


async def test_while_a_workflow_runs_nothing_is_erased(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    a_life(sqlite_store)
    executions.still = ["order/o-1"]

    with pytest.raises(Refused, match="order/o-1"):
        await Privacy(sqlite_store, executions).erase("CUST-ADA")

    assert executions.deleted == []


async def test_an_order_that_comes_in_meanwhile_stops_it(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    life = a_life(sqlite_store)

    class Busy(RememberedExecutions):
        async def delete(self, executions: Iterable[Execution]) -> None:
            late = an_order(id="o-late", customer_id=life.alias.pseudonym)
            with sqlite_store.writing() as session:
                orders.admit(session, late, MONDAY)

    with pytest.raises(Refused, match="o-late"):
        await Privacy(sqlite_store, Busy()).erase("CUST-ADA")

    assert Pseudonyms(sqlite_store).find("CUST-ADA") is not None


async def test_an_order_being_accepted_at_that_moment_is_waited_for(
    store: Store, executions: RememberedExecutions
) -> None:
    life = a_life(store)
    late = an_order(id="o-late", customer_id=life.alias.known_as)
    accepting = threading.Event()

    def accept() -> None:
        with store.writing() as session:
            orders.admit(session, order_in(session, late, MONDAY), MONDAY)
            accepting.set()
            # Long enough for the erasure to come this far.
            threading.Event().wait(0.3)

    class Late(RememberedExecutions):
        async def delete(self, executions: Iterable[Execution]) -> None:
            threads.append(threading.Thread(target=accept))
            threads[0].start()
            await asyncio.to_thread(accepting.wait)

    threads: list[threading.Thread] = []
    with pytest.raises(Refused, match="o-late"):
        await Privacy(store, Late()).erase("CUST-ADA")

    threads[0].join()
    assert Pseudonyms(store).find("CUST-ADA") == life.alias


async def test_stopped_after_temporal_it_goes_on_from_there(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    a_life(sqlite_store)
    executions.breaks = True
    with pytest.raises(ConnectionError):
        await Privacy(sqlite_store, executions).erase("CUST-ADA")

    executions.breaks = False
    erasure = await Privacy(sqlite_store, executions).erase("CUST-ADA")

    assert erasure.proof is not None
    assert erasure.proof.holds


async def test_stopped_before_the_bytes_it_cleans_them_when_asked_again(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    life = a_life(sqlite_store)
    with held_open(sqlite_store):
        with sqlite_store.writing() as session:
            people.forget(session, life.alias.pseudonym)
        with sqlite_store.writing() as session:
            session.connection().exec_driver_sql("DELETE FROM events")
        assert bytes_of(sqlite_store, "CUST-ADA") > 0

        with pytest.raises(UnknownCustomer, match="is gone now"):
            await Privacy(sqlite_store, executions).erase("CUST-ADA")

        assert bytes_of(sqlite_store, "CUST-ADA") == 0


async def test_a_longer_id_of_somebody_else_is_explained(
    sqlite_store: Store, executions: RememberedExecutions
) -> None:
    a_life(sqlite_store, "CUST-1")
    a_life(sqlite_store, "CUST-12", number=2)

    erasure = await Privacy(sqlite_store, executions).erase("CUST-1")

    proof = erasure.proof
    assert proof is not None
    assert (proof.holds, proof.found) == (True, 0)
    assert proof.in_longer_ids["pseudonyms.known_as"] == 1
    assert Pseudonyms(sqlite_store).find("CUST-12") is not None


async def test_a_look_counts_the_same_rows_and_changes_none(
    store: Store, executions: RememberedExecutions
) -> None:
    a_life(store)
    before = everything(store)
    work = Privacy(store, executions)

    seen = await work.look("CUST-ADA")

    assert (everything(store), executions.deleted, seen.proof) == (before, [], None)
    assert seen.erased == (await work.erase("CUST-ADA")).erased


@pytest.mark.parametrize("step", ["look", "erase"])
async def test_nobody_by_that_name_is_a_sentence(
    store: Store, executions: RememberedExecutions, step: str
) -> None:
    with pytest.raises(UnknownCustomer, match="nobody is known as 'CUST-X'"):
        await getattr(Privacy(store, executions), step)("CUST-X")
