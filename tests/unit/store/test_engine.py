import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from domain.quantities import OrderId
from store import engine, orders
from store.engine import Store
from tests.builders import MONDAY, an_order


def test_the_migrations_make_exactly_the_tables_declared(store: Store) -> None:
    with store.writing() as session:
        context = MigrationContext.configure(session.connection())

        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrating_again_changes_nothing(store: Store) -> None:
    with store.writing() as session:
        orders.admit(session, an_order(id="o-1"), MONDAY)

    store.migrate()

    with store.reading() as session:
        assert orders.get(session, OrderId("o-1")) is not None


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.writing() as session:
            orders.admit(session, an_order(id="o-1"), MONDAY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with store.reading() as session:
        assert orders.get(session, OrderId("o-1")) is None


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    with store.reading() as session, pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        orders.admit(session, an_order(id="o-1"), MONDAY)


def test_a_reading_transaction_sees_one_snapshot(store: Store) -> None:
    with store.reading() as reader:
        before = orders.counts(reader)
        with store.writing() as writer:
            orders.admit(writer, an_order(id="o-1"), MONDAY)

        assert orders.counts(reader) == before


def test_work_that_lost_a_deadlock_is_done_again(store: Store) -> None:
    calls: list[int] = []

    def work(session: object) -> str:
        calls.append(len(calls))
        if len(calls) == 1:
            raise _deadlock()
        return "done"

    assert store.write(work) == "done"
    assert calls == [0, 1]


def test_sqlite_files_are_opened_for_many_processes(sqlite_store: Store) -> None:
    pragmas = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1}

    with sqlite_store.reading() as session:
        found = {
            name: session.connection().execute(text(f"PRAGMA {name}")).scalar_one()
            for name in pragmas
        }

    assert found == pragmas


def test_settling_cuts_the_log_to_nothing(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        orders.admit(session, an_order(id="o-1"), MONDAY)
    _, log, _ = sqlite_store.files()
    assert log.stat().st_size > 0

    assert sqlite_store.settle()

    assert log.stat().st_size == 0


def test_settling_says_when_a_reader_keeps_the_log(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 20)
    with sqlite_store.reading() as reader:
        orders.counts(reader)
        with sqlite_store.writing() as session:
            orders.admit(session, an_order(id="o-1"), MONDAY)

        assert not sqlite_store.settle()

    assert sqlite_store.settle()


def test_compacting_leaves_everything_where_it_was(store: Store) -> None:
    with store.erasing() as session:
        orders.admit(session, an_order(id="o-1"), MONDAY)

    assert store.compact(["orders"])

    with store.reading() as session:
        assert orders.get(session, OrderId("o-1")) is not None


def test_only_sqlite_has_files_of_its_own(store: Store) -> None:
    names = [file.name for file in store.files()]

    on_files = store.url.get_backend_name() == "sqlite"
    assert names == ["lanewise.db", "lanewise.db-wal", "lanewise.db-shm"] * on_files


@pytest.mark.parametrize("url", ["mysql://somewhere", "sqlite://"])
def test_an_address_it_cannot_serve_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^url: "):
        Store(url)


def _deadlock() -> DBAPIError:
    from sqlalchemy.exc import OperationalError

    class Deadlock(Exception):
        sqlstate = "40P01"

    return OperationalError("UPDATE", {}, Deadlock())
