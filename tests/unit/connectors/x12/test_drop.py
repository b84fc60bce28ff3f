import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.x12.drop import DirectoryDrop, Folder
from domain.errors import InvalidRequest, Unavailable


def test_what_is_written_is_listed_and_read(tmp_path: Path) -> None:
    drop = DirectoryDrop(tmp_path)

    drop.write(Folder.OUTBOUND, "a.edi", b"ISA")

    (found,) = drop.list(Folder.OUTBOUND)
    assert (found.name, found.size) == ("a.edi", 3)
    with drop.read(Folder.OUTBOUND, "a.edi") as stream:
        assert stream.read() == b"ISA"
    assert os.listdir(tmp_path / "outbound") == ["a.edi"]


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert DirectoryDrop(tmp_path / "none").list(Folder.INBOUND) == ()


def test_a_move_replaces_nothing(tmp_path: Path) -> None:
    drop = DirectoryDrop(tmp_path)
    for content in (b"1", b"2"):
        drop.write(Folder.INBOUND, "a.edi", content)
        assert drop.move("a.edi", Folder.INBOUND, Folder.PROCESSED)

    found = {p.name: p.read_bytes() for p in (tmp_path / "processed").iterdir()}

    assert found == {"a.edi": b"1", "a.edi.2": b"2"}


def test_only_the_first_to_move_a_file_has_it(tmp_path: Path) -> None:
    drop = DirectoryDrop(tmp_path)
    drop.write(Folder.INBOUND, "a.edi", b"1")

    moved = [drop.move("a.edi", Folder.INBOUND, Folder.FAILED) for _ in range(2)]

    assert moved == [True, False]


def test_files_are_listed_by_age_then_name(tmp_path: Path) -> None:
    drop = DirectoryDrop(tmp_path)
    for name, at in (("c", 5), ("b", 9), ("a", 9)):
        drop.write(Folder.INBOUND, name, b"1")
        os.utime(tmp_path / "inbound" / name, (at, at))

    found = drop.list(Folder.INBOUND)

    assert [file.name for file in found] == ["c", "a", "b"]
    assert found[0].modified_at == datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("name", ["../a", "", "..", "a/b"])
def test_a_name_with_a_path_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRequest, match="plain name"):
        DirectoryDrop(tmp_path).write(Folder.OUTBOUND, name, b"")


def test_a_file_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        DirectoryDrop(tmp_path).read(Folder.INBOUND, "a.edi")


def test_a_drop_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "outbound").write_text("not a folder")

    with pytest.raises(Unavailable):
        DirectoryDrop(tmp_path).write(Folder.OUTBOUND, "a.edi", b"")
