"""What was sent, received and numbered: small JSON files that survive a crash."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from connectors.x12.drop import write_through
from domain.errors import ContractViolation

LAST_CONTROL = 999_999_999

Record = dict[str, Any]


class Ledger:
    """Records by kind and name, for one partner; several processes may share it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the partner's lock; a crash lets go of it."""
        self._root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._root / "lock", os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def read(self, kind: str, name: str) -> Record | None:
        """Return a record, None when there is none."""
        path = self._path(kind, name)
        try:
            found = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            msg = f"record {kind}/{name}: {error}; restore it from a copy"
            raise ContractViolation(msg) from None
        if not isinstance(found, dict):
            msg = f"record {kind}/{name}: expected a JSON object"
            raise ContractViolation(msg)
        return found

    def write(self, kind: str, name: str, record: Record) -> None:
        """Keep a record, as a whole or not at all, in place of an earlier one."""
        path = self._path(kind, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        write_through(beside, json.dumps(record, sort_keys=True).encode())
        beside.replace(path)

    def remove(self, kind: str, name: str) -> None:
        """Forget a record; never kept is fine."""
        self._path(kind, name).unlink(missing_ok=True)

    def names(self, kind: str) -> list[str]:
        """List the names of a kind, sorted."""
        try:
            found = os.listdir(self._root / kind)
        except FileNotFoundError:
            return []
        return sorted(
            unquote(name.removesuffix(".json"))
            for name in found
            if name.endswith(".json") and not name.startswith(".")
        )

    @property
    def facts(self) -> Path:
        return self._root / "facts"

    def peek_number(self, counter: str) -> int:
        """Tell the next of a counter without using it; call it while locked."""
        last = int((self.read("numbers", counter) or {}).get("last", 0))
        return 1 if last >= LAST_CONTROL else last + 1

    def next_number(self, counter: str) -> int:
        """Use the next of a counter, 1 after 999999999; call it while locked."""
        number = self.peek_number(counter)
        self.write("numbers", counter, {"last": number})
        return number

    def _path(self, kind: str, name: str) -> Path:
        return self._root / kind / f"{quote(name, safe='')}.json"
