import re

from hypothesis import given
from hypothesis import strategies as st

from lanewise.world.labels import pdf_label, zpl_label


@given(rows=st.lists(st.text(max_size=30), min_size=2, max_size=5))
def test_every_object_of_the_pdf_is_where_its_table_says(rows: list[str]) -> None:
    document = pdf_label(rows)

    start = int(re.findall(rb"startxref\n(\d+)\n", document)[-1])
    offsets = [int(o) for o in re.findall(rb"(\d{10}) 00000 n", document[start:])]
    assert document[start:].startswith(b"xref\n0 6\n")
    assert [
        document[o:].startswith(b"%d 0 obj" % n) for n, o in enumerate(offsets, 1)
    ] == [True] * 5


def test_text_cannot_break_out_of_its_row() -> None:
    assert rb"\(a\\b\)" in pdf_label(["(a\\b)", "x"])
    assert b"^XZ^XA" not in zpl_label(["^XZ^XA", "x"])


def test_a_zpl_label_holds_the_tracking_number_as_bar_code() -> None:
    label = zpl_label(["heron", "HERO1"]).decode()

    assert label.startswith("^XA")
    assert label.rstrip().endswith("^XZ")
    assert re.search(r"\^BCN.*\^FDHERO1\^FS", label)
