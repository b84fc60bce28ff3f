"""What the commands on segments stand on: a store, rule sets by name, a history."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlmodel import Session

from domain.quantities import FcId, SkuId
from domain.segment import RuleSet
from domain.sku import Sku
from lanewise import past
from lanewise.cli.console import Exit, err, fail
from lanewise.importers.catalog import StockRow, read_skus, read_stock
from lanewise.importers.mapping import load_mapping
from lanewise.importers.network import read_network
from lanewise.past import Ground, Past, Told
from lanewise.settings import Settings
from lanewise.wiring import real_time
from segmentation import ruleset
from segmentation.classify import Rules
from segmentation.ruleset import RuleSetError
from store import segments as segment_store
from store.engine import Store

T = TypeVar("T")

ACTIVE, SHADOW, STARTER = "active", "shadow", "starter"

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
On = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="HISTORY",
        help="'store', or a JSONL file of orders, each with its facts or without.",
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(help="Only orders of the history from then on (UTC)."),
]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Only the newest so many of the history.")
]
NetworkFile = Annotated[
    Path | None,
    typer.Option("--network", help="A network; the active one if left out."),
]
SkusFile = Annotated[
    Path | None, typer.Option("--skus", help="SKUs; the store's if left out.")
]
SkusMapping = Annotated[
    Path | None, typer.Option("--skus-mapping", help="How to read the SKUs.")
]
StockFile = Annotated[
    Path | None, typer.Option("--stock", help="What is where; the store's if left out.")
]


@contextmanager
def opened() -> Iterator[Store]:
    """Open the store, making it where there is none yet."""
    store = _store()
    try:
        store.migrate()
        yield store
    finally:
        store.close()


@contextmanager
def opened_if_there() -> Iterator[Store | None]:
    """Open the store, but make no database where there is none yet."""
    url = _store().url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        yield None
        return
    with opened() as store:
        yield store


def _store() -> Store:
    return Store(Settings().database_url.get_secret_value())


def ask(store: Store | None, question: Callable[[Session], T], otherwise: T) -> T:
    """Ask the store something; without one the answer is ``otherwise``."""
    if store is None:
        return otherwise
    with store.reading() as session:
        return question(session)


def text_of(file: Path) -> str:
    """Read a rule set's file as text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fail(f"{file}: line 1, column 1: the file is not UTF-8", Exit.REFUSED)
    except OSError as error:
        fail(f"cannot read {str(file)!r}: {error.strerror}", Exit.REFUSED)


def loaded(file: Path) -> RuleSet:
    """Read a rule set's file; what is wrong is said with its place."""
    try:
        return ruleset.load(file)
    except RuleSetError as error:
        fail(str(error), Exit.REFUSED)


def named(name: str, store: Store | None) -> RuleSet:
    """Return the rule set of a file, a stored version, or one with a role.

    ``active`` and ``shadow`` are those of the store; ``starter`` is the one
    Lanewise comes with, which is also in force where none was published.
    """
    if name == STARTER:
        return ruleset.starter()
    if name == ACTIVE:
        return ask(store, segment_store.active, None) or ruleset.starter()
    kept = ask(store, lambda session: _kept(session, name), None)
    if kept is not None:
        return kept
    if not name.endswith((".yaml", ".yml")) and not Path(name).exists():
        fail(f"{name!r} is neither a file nor a version that is kept", Exit.UNKNOWN)
    return loaded(Path(name))


def _kept(session: Session, name: str) -> RuleSet | None:
    if name == SHADOW:
        return segment_store.shadow(session)
    return segment_store.get(session, name)


def utc(instant: datetime | None) -> datetime | None:
    """Read an instant without a zone as UTC."""
    if instant is None or instant.tzinfo is not None:
        return instant
    return instant.replace(tzinfo=UTC)


def history(
    source: str,
    store: Store | None,
    since: datetime | None = None,
    limit: int | None = None,
) -> tuple[Past, ...]:
    """Read a history; an empty one is refused."""
    found = past.read(source, store, since=utc(since), limit=limit)
    if not found:
        fail(f"the history {source!r} has no orders", Exit.REFUSED)
    return found


def ground(
    store: Store | None,
    network: Path | None = None,
    skus: Path | None = None,
    skus_mapping: Path | None = None,
    stock: Path | None = None,
) -> Ground:
    """Return what orders are held against: the store's, but for files given."""
    if network is None and skus is None and stock is None:
        return Ground() if store is None else past.ground_of(store, real_time())
    if network is None or skus is None:
        fail("give both --network and --skus, or neither", Exit.USAGE)
    mapping = load_mapping(skus_mapping) if skus_mapping else None
    goods = {s.id: s for s in read_skus(skus, mapping) if isinstance(s, Sku)}
    free: dict[tuple[FcId, SkuId], int] = {}
    for row in read_stock(stock) if stock else ():
        if isinstance(row, StockRow):
            free[row.fc, row.sku] = row.units
    return Ground(network=read_network(network), skus=goods, stock=free)


def told(pasts: tuple[Past, ...], around: Ground, rules: Rules) -> list[Told]:
    """Tell the facts of every order as of its instant, showing how far it got."""
    if around.network is None and not any(p.stated for p in pasts):
        fail(
            "no network is published and the history states no facts; "
            "give --network and --skus",
            Exit.USAGE,
        )
    with err.status(f"Telling the facts of {len(pasts):,} orders …"):
        return list(past.tell(pasts, around, rules))
