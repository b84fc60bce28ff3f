"""The map of the rooms, enforced: who may import what, and who may know the time."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]

# Tables, by name and by subject.
ROWS = ("store.tables", "store.rows")

# An activity hands a transaction from one function of the store to the next.
TRANSACTION = ("sqlmodel.Session",)

# Room → what it may import besides itself and the standard library.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "domain": ("pydantic",),
    "segmentation": ("domain", "pydantic", "yaml"),
    "optimizer": ("domain", "numpy", "scipy", "numba", "ortools"),
    "connectors": (
        *("domain", "httpx", "pydantic", "cryptography"),
        *("aiolimiter", "circuitbreaker"),
    ),
    "conformance": ("domain", "connectors", "httpx", "pydantic"),
    "store": ("domain", "sqlmodel", "sqlalchemy", "alembic"),
    "verification": ("domain",),
    "activities": (
        *("domain", "segmentation", "optimizer", "store", "verification"),
        *("connectors.ports", "pydantic", "temporalio", *TRANSACTION),
    ),
    "workflows": ("domain", "activities", "pydantic", "temporalio"),
}
ROOMS = (*MAY_IMPORT, "lanewise")

# One library, one home. The simulated world is a foreign system of its own.
HOMES: dict[str, tuple[str, ...]] = {
    "httpx": ("connectors", "conformance", "lanewise/world"),
    "aiolimiter": ("connectors",),
    "circuitbreaker": ("connectors",),
    "ortools": ("optimizer",),
    "numba": ("optimizer",),
    "sqlmodel": ("store",),
    "sqlalchemy": ("store",),
    "alembic": ("store",),
    "temporalio": ("activities", "workflows", "lanewise"),
}

# Who may name a provider's modules: its own folder, the registry, the wiring.
KNOWS_PROVIDERS = ("connectors/registry.py", "lanewise")

# Outside lanewise nobody reads the environment, a clock or unseeded chance.
NEVER = (
    *("os.environ", "os.getenv", "os.putenv", "os.urandom", "secrets"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
    *("datetime.date.today", "time.time", "time.time_ns", "time.localtime"),
    *("time.gmtime", "time.ctime"),
)
SEEDED = ("random.Random", "numpy.random.default_rng", "numpy.random.Generator")

# The pure rooms and the workflows have no stopwatch and make no ids either.
NEVER_IN_PURE = ("time.monotonic", "time.perf_counter", "uuid.uuid1", "uuid.uuid4")
NEVER_IN_WORKFLOWS = (
    *(*NEVER_IN_PURE, "open", "print", "time.sleep", "asyncio.wait"),
    *("asyncio.as_completed", "socket", "subprocess", "threading", "pathlib"),
)
ALSO_NEVER = {
    "domain": NEVER_IN_PURE,
    "segmentation": NEVER_IN_PURE,
    "optimizer": NEVER_IN_PURE,
    "verification": NEVER_IN_PURE,
    "workflows": NEVER_IN_WORKFLOWS,
}


def under(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == p or name.startswith(f"{p}.") for p in prefixes)


def inside(file: str, places: tuple[str, ...]) -> bool:
    return any(file == place or file.startswith(f"{place}/") for place in places)


def imported(tree: ast.AST, file: str) -> Iterator[tuple[int, str]]:
    """Yield the absolute name of everything imported, with its line."""
    package = PurePosixPath(file).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def used(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every dotted name used, imported aliases written out in full."""
    known = {"open": "open", "print": "print"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                known[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in known:
            yield node.lineno, ".".join([known[node.id], *parts])


def wrong_import(file: str, module: str) -> str | None:
    """Say what is wrong with this file importing this module."""
    room, top = file.split("/")[0], module.split(".")[0]
    if top == "lanewise" and room != "lanewise":
        return "nobody imports lanewise"
    if module in TRANSACTION and inside(file, ("activities", "lanewise")):
        return None
    if top in HOMES and not inside(file, HOMES[top]):
        return f"the home of {top} is {' or '.join(HOMES[top])}"
    if module.startswith(ROWS) and room != "store":
        return "rows do not leave the store"
    provider = module.split(".")[1:2] if top == "connectors" else []
    if provider and (ROOT / "connectors" / provider[0]).is_dir():
        homes = (f"connectors/{provider[0]}", *KNOWS_PROVIDERS)
        if not inside(file, homes):
            return f"provider {provider[0]} is named outside its folder"
    if room == "lanewise" or top in (room, "__future__") or top in stdlib():
        return None
    if not under(module, MAY_IMPORT[room]):
        return f"{room} may import only {', '.join(MAY_IMPORT[room])}"
    return None


def wrong_use(file: str, name: str) -> str | None:
    """Say what is wrong with this file using this name."""
    room = file.split("/")[0]
    if room == "lanewise":
        return None
    if under(name, (*NEVER, *ALSO_NEVER.get(room, ()))):
        return "only lanewise reads clocks, the environment or chance"
    chance = name.startswith(("random.", "numpy.random."))
    if chance and name != "numpy.random" and not under(name, SEEDED):
        return "chance comes from a seeded generator"
    return None


def stdlib() -> frozenset[str]:
    return sys.stdlib_module_names


def violations(source: str, file: str) -> list[str]:
    """List what a file of a room does against the map, with lines."""
    tree = ast.parse(source)
    found = [
        (line, name, why)
        for names, judge in (
            (imported(tree, file), wrong_import),
            (used(tree), wrong_use),
        )
        for line, name in names
        if (why := judge(file, name)) is not None
    ]
    return [f"{file}:{line} {name}: {why}" for line, name, why in sorted(set(found))]


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_keeps_to_the_map(room: str) -> None:
    files = sources(room)

    found = [
        violation
        for path in files
        for violation in violations(
            path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
        )
    ]

    assert files
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_packages_are_opened_by_empty_files(room: str) -> None:
    openers = [path for path in sources(room) if path.name == "__init__.py"]

    assert openers
    assert [str(path) for path in openers if path.read_text(encoding="utf-8")] == []


def test_every_room_is_packaged() -> None:
    packaged = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packaged - {"tests", "benchmarks", "examples"} == set(ROOMS)


PLANTED = {
    "a connector in an activity": (
        "activities/shipping.py",
        "import connectors.neutral.client",
    ),
    "httpx in an activity": ("activities/shipping.py", "import httpx"),
    "the app in a room": ("store/orders.py", "from lanewise.settings import Settings"),
    "a solver in the app": ("lanewise/wiring.py", "from ortools.sat import x"),
    "the optimizer in its judge": (
        "verification/verifier.py",
        "from optimizer.pricing import billable_g",
    ),
    "a row outside the store": ("lanewise/wiring.py", "from store.tables import Row"),
    "a row by its subject": ("lanewise/wiring.py", "from store.rows.orders import Row"),
    "a query in an activity": ("activities/a.py", "from sqlmodel import select"),
    "a provider in another": (
        "connectors/karrio/client.py",
        "from connectors.neutral.mapping import quote",
    ),
    "a relative way around": (
        "connectors/karrio/client.py",
        "from ..neutral.mapping import quote",
    ),
    "yaml in the domain": ("domain/order.py", "import yaml"),
    "an import inside a function": ("domain/a.py", "def f():\n    import numpy"),
    "a clock": ("store/a.py", "from datetime import datetime as d\nd.now()"),
    "a clock by module": ("optimizer/a.py", "import time as t\nt.time()"),
    "a stopwatch": ("optimizer/a.py", "from time import monotonic\nmonotonic()"),
    "the environment": ("connectors/a.py", "import os\nos.environ['HOME']"),
    "unseeded chance": ("segmentation/a.py", "import random\nrandom.choice([1])"),
    "numpy's chance": ("optimizer/a.py", "import numpy as np\nnp.random.rand()"),
    "a file in a workflow": ("workflows/a.py", "open('x')"),
    "an id in a workflow": ("workflows/a.py", "import uuid\nuuid.uuid4()"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_violation_is_found(planted: str) -> None:
    file, source = PLANTED[planted]

    assert len(violations(source, file)) == 1


ALLOWED = {
    "the ports in an activity": (
        "activities/a.py",
        "from connectors.ports import CarrierAdapter",
    ),
    "a transaction in an activity": (
        "activities/a.py",
        "from sqlmodel import Session",
    ),
    "a seeded generator": ("optimizer/a.py", "import random\nrandom.Random(7)"),
    "a clock in the app": (
        "lanewise/a.py",
        "from datetime import datetime\ndatetime.now()",
    ),
    "a field that is called now": ("store/a.py", "clock.now()"),
    "workflow time": (
        "workflows/a.py",
        "from temporalio import workflow\nworkflow.now()",
    ),
}


@pytest.mark.parametrize("allowed", ALLOWED)
def test_what_the_map_allows_is_left_alone(allowed: str) -> None:
    file, source = ALLOWED[allowed]

    assert violations(source, file) == []
