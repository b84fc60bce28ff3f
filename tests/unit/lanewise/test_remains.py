from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanewise import remains
from lanewise.remains import occurrences, spellings, stands_alone

WORD = "CUST-ÅDA"


@pytest.mark.parametrize("encoding", remains.ENCODINGS)
def test_a_word_is_found_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(b"\xff\x01" + f"x{WORD}y {WORD}".encode(encoding))

    found = occurrences([file], [WORD, "BEN-7"])

    # The two of UTF-16 find each other's text, shifted by one byte.
    assert found[WORD] >= 2
    assert found["BEN-7"] == 0


def test_a_word_is_found_as_json_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_text('{"known_as": "CUST-\\u00c5DA", "other": "CUST-ÅDA"}', "utf-8")

    assert occurrences([file], [WORD]) == {WORD: 2}


def test_files_that_are_not_there_hold_nothing(tmp_path: Path) -> None:
    assert occurrences([tmp_path / "none"], [WORD]) == {WORD: 0}


@settings(max_examples=60, deadline=None)
@given(
    before=st.binary(max_size=40),
    between=st.binary(max_size=40),
    block=st.integers(1, 24),
)
def test_a_word_across_two_blocks_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, before: bytes, between: bytes, block: int
) -> None:
    file = tmp_path_factory.mktemp("blocks") / "store.db"
    whole = before + b"CUST-7" + between + b"CUST-7"
    file.write_bytes(whole)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remains, "BLOCK", block)
        found = occurrences([file], ["CUST-7"], ["utf-8"])

    assert found == {"CUST-7": whole.count(b"CUST-7")}


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("C-1", True),
        ('{"customer_id":"C-1"}', True),
        ("customer/C-1", True),
        ("C-12", False),
        ("ABC-1", False),
        ("C-1.old, C-12", False),
        ("C-12, C-1", True),
    ],
)
def test_an_id_inside_a_longer_one_is_somebody_else(text: str, alone: bool) -> None:
    assert stands_alone("C-1", text) is alone


def test_a_plain_word_has_one_spelling() -> None:
    assert spellings("CUST-7") == ("CUST-7",)
    assert spellings('a"b') == ('a"b', 'a\\"b')
