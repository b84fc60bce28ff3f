"""One database: how it is opened, migrated, read and written."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from domain.errors import StoreUnreachable

Answer = TypeVar("Answer")

BUSY_TIMEOUT_MS = 30_000
ATTEMPTS = 5
# PostgreSQL: serialization_failure and deadlock_detected; nothing was done.
RETRYABLE_STATES = frozenset({"40001", "40P01"})
# Any number, as long as everybody who migrates this database takes the same.
MIGRATION_LOCK = 7_201_911
MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """A database of ours: an SQLite file, or PostgreSQL by its URL.

    Opening connects to nothing yet. Every writing transaction on SQLite begins
    as ``IMMEDIATE``: one that reads first and writes later would be refused
    under concurrency, whatever the timeout. Reading transactions see one
    consistent snapshot and cannot write.

    Parameters
    ----------
    url
        ``sqlite:///path/to/file`` or ``postgresql://user@host/database``.
    """

    def __init__(self, url: str) -> None:
        self.url = _with_driver(make_url(url))
        self._engine = _open(self.url)
        if self.url.get_backend_name() == "sqlite":
            self._reader = self._engine.execution_options(writes=False)
            self._writer = self._engine.execution_options(writes=True)
        else:
            self._reader = self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._writer = self._engine.execution_options(
                isolation_level="READ COMMITTED"
            )

    def migrate(self) -> None:
        """Bring the tables to the newest version; safe to call at every start.

        The folder of an SQLite file is made if it is not there.

        Raises
        ------
        StoreUnreachable
            When the database does not answer.
        """
        if self.url.get_backend_name() == "sqlite" and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        try:
            connecting = self._writer.connect()
        except OperationalError as error:
            msg = f"the database is not reached: {error.orig}"
            raise StoreUnreachable(msg) from error
        with connecting as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"),
                    {"key": MIGRATION_LOCK},
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that sees one snapshot and writes nothing."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end, undone on any error."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def write(self, work: Callable[[Session], Answer]) -> Answer:
        """Do work in a writing transaction, again when it lost a deadlock.

        Parameters
        ----------
        work
            Called with the session, once per attempt (at most five); it must
            have no effect outside the database.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                with self.writing() as session:
                    return work(session)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in RETRYABLE_STATES:
                    raise
        with self.writing() as session:
            return work(session)

    @contextmanager
    def erasing(self) -> Iterator[Session]:
        """Open a writing transaction that overwrites with zeros what it deletes.

        Only SQLite can do that; on PostgreSQL it is a writing transaction like
        any other, and ``compact`` does what can be done.
        """
        with self.writing() as session:
            if not self.files():
                yield session
                return
            connection = session.connection()
            usual = connection.exec_driver_sql("PRAGMA secure_delete").scalar_one()
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            try:
                yield session
            finally:
                connection.exec_driver_sql(f"PRAGMA secure_delete = {usual:d}")

    def settle(self) -> bool:
        """Move what SQLite's log holds into the file, and cut the log to nothing.

        Returns
        -------
        bool
            False when a reader elsewhere kept the log for longer than half a
            minute. Always True on PostgreSQL, whose log is not ours to cut.
        """
        if not self.files():
            return True
        row = self._bare("PRAGMA wal_checkpoint(TRUNCATE)")
        return row is not None and row[0] == 0

    def compact(self, tables: Iterable[str]) -> bool:
        """Rewrite an SQLite file without its free pages; vacuum PostgreSQL's tables.

        Returns
        -------
        bool
            False when the file was locked by somebody for too long.
        """
        if self.files():
            try:
                self._bare("VACUUM")
            except sqlite3.OperationalError:
                return False
            return self.settle()
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for table in tables:
                connection.exec_driver_sql(f'VACUUM "{table}"')
        return True

    def files(self) -> tuple[Path, ...]:
        """List the files of an SQLite store: database, log, index of the log."""
        if self.url.get_backend_name() != "sqlite" or not self.url.database:
            return ()
        return tuple(Path(self.url.database + end) for end in ("", "-wal", "-shm"))

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    def _bare(self, statement: str) -> tuple[Any, ...] | None:
        """Run what SQLite refuses inside a transaction."""
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            # The transaction before may have been one that only reads.
            cursor.execute("PRAGMA query_only = OFF")
            cursor.execute(statement)
            row: tuple[Any, ...] | None = cursor.fetchone()
            cursor.close()
            return row
        finally:
            connection.close()


def _with_driver(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        msg = f"url: {backend!r} is not supported; use sqlite:///file or postgresql://"
        raise ValueError(msg)
    if url.database in (None, "", ":memory:"):
        msg = "url: an SQLite store needs a file, as in sqlite:///lanewise.db"
        raise ValueError(msg)
    return url


def _open(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        connect_args={
            "check_same_thread": False,
            # No implicit BEGIN by the driver: `_begin` says which kind it is.
            "isolation_level": None,
            "timeout": BUSY_TIMEOUT_MS / 1000,
        },
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
