"""Where files are exchanged: a small port, and a directory behind it."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from domain.errors import InvalidRequest, OutcomeUnknown, Unavailable


class Folder(StrEnum):
    """The folders of a drop; a partner sees only the first two."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    PROCESSED = "processed"
    FAILED = "failed"


@dataclass(frozen=True)
class DroppedFile:
    """One file as it was listed."""

    name: str
    size: int
    modified_at: datetime


class FileDrop(Protocol):
    """What an exchange of files needs: a directory, SFTP, a bucket."""

    def list(self, folder: Folder) -> tuple[DroppedFile, ...]:
        """List whole files, oldest first, then by name."""

    def read(self, folder: Folder, name: str) -> BinaryIO:
        """Open a file for reading from its start."""

    def write(self, folder: Folder, name: str, content: bytes) -> None:
        """Put a file there as a whole or not at all; the same name is replaced."""

    def move(self, name: str, origin: Folder, target: Folder) -> bool:
        """Move a file; False when somebody else was first. Nothing is replaced."""


# Names under which partners and we put what is still being written.
PARTIAL_SUFFIXES = (".tmp", ".part", ".partial", ".filepart", ".writing", ".inprogress")


class DirectoryDrop:
    """A directory with one folder for each direction and outcome."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def list(self, folder: Folder) -> tuple[DroppedFile, ...]:
        """List whole files, oldest first, then by name; hidden ones are partial."""
        found: list[DroppedFile] = []
        try:
            with os.scandir(self._folder(folder)) as entries:
                for entry in entries:
                    if _partial(entry.name) or not entry.is_file():
                        continue
                    found.append(_dropped(entry))
        except FileNotFoundError:
            # A partner may take a file, or the folder, between two looks.
            return _in_order(found)
        except OSError as error:
            raise Unavailable(_said(folder, error)) from error
        return _in_order(found)

    def read(self, folder: Folder, name: str) -> BinaryIO:
        """Open a file for reading from its start; Unavailable when it is gone."""
        try:
            return (self._folder(folder) / _named(name)).open("rb")
        except OSError as error:
            raise Unavailable(_said(folder, error)) from error

    def write(self, folder: Folder, name: str, content: bytes) -> None:
        """Write beside, flush to disk, then rename: readers see all or nothing."""
        directory = self._folder(folder)
        beside = directory / f".{_named(name)}.writing"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            write_through(beside, content)
        except OSError as error:
            raise Unavailable(_said(folder, error)) from error
        try:
            beside.replace(directory / name)
        except OSError as error:
            raise OutcomeUnknown(_said(folder, error)) from error

    def move(self, name: str, origin: Folder, target: Folder) -> bool:
        """Move a file; a name taken in the target gets a number."""
        directory = self._folder(target)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            (self._folder(origin) / _named(name)).rename(_free(directory, name))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise Unavailable(_said(origin, error)) from error
        return True

    def _folder(self, folder: Folder) -> Path:
        return self._root / folder.value


def write_through(path: Path, content: bytes) -> None:
    """Write a file that only we may read, and have it on disk when it returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _free(directory: Path, name: str) -> Path:
    free, number = directory / name, 1
    while free.exists():
        number += 1
        free = directory / f"{name}.{number}"
    return free


def _in_order(found: list[DroppedFile]) -> tuple[DroppedFile, ...]:
    return tuple(sorted(found, key=lambda file: (file.modified_at, file.name)))


def _dropped(entry: "os.DirEntry[str]") -> DroppedFile:
    facts = entry.stat()
    modified_at = datetime.fromtimestamp(facts.st_mtime, UTC)
    return DroppedFile(entry.name, facts.st_size, modified_at)


def _partial(name: str) -> bool:
    return name.startswith((".", "~")) or name.lower().endswith(PARTIAL_SUFFIXES)


def _named(name: str) -> str:
    if not name or name != Path(name).name or name in (".", ".."):
        msg = f"file name {name!r}; right is a plain name without a path"
        raise InvalidRequest(msg)
    return name


def _said(folder: Folder, error: OSError) -> str:
    return f"{folder}: {error.strerror or type(error).__name__}"
