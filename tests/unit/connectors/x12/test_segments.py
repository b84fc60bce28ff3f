import io
import tracemalloc
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from connectors.x12.defects import Defect, Severity
from connectors.x12.segments import MAX_SEGMENT_BYTES, Header, Segment, read_segments
from connectors.x12.shipping_advice import advice_document
from tests.unit.connectors.x12.samples import an_advice as an_advice_value
from tests.unit.connectors.x12.samples import (
    defects_of,
    events,
    from_partner,
    kinds,
    only_set,
)


def an_advice() -> bytes:
    return from_partner(advice_document(an_advice_value(), UTC))


def segments(content: bytes) -> list[Segment]:
    pieces = read_segments(io.BytesIO(content))
    return [piece for piece in pieces if isinstance(piece, Segment)]


def test_separators_are_read_from_the_positions_of_the_isa() -> None:
    odd = an_advice().translate(bytes.maketrans(b"*>~", b"|:!"))

    (header,) = (p for p in read_segments(io.BytesIO(odd)) if isinstance(p, Header))

    assert header.separators.element == "|"
    assert header.separators.component == ":"
    assert header.separators.segment == "!"
    assert header.separators.repetition is None
    assert kinds(odd) == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b""),
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"~\n", b"\n"),
        lambda text: text.replace(b"~\n", b"\r\n"),
        lambda text: text.replace(b"~\n", b"\r"),
        lambda text: text.replace(b"\n", b"\n\n  "),
        lambda text: text + b"\r\n\x1a\x00\x00   ",
        lambda text: b"\r\n  " + text,
        lambda text: text.replace(b"~\n", b"\x1c"),
    ],
    ids=[
        *("one-line", "crlf", "terminator-is-lf", "terminator-is-crlf"),
        *("terminator-is-cr", "blank-lines", "padded-end", "padded-start"),
        "control-terminator",
    ],
)
def test_line_ends_and_padding_are_no_data(change) -> None:  # type: ignore[no-untyped-def]
    plain, noisy = an_advice(), change(an_advice())

    assert [s.elements for s in segments(noisy)] == [
        s.elements for s in segments(plain)
    ]
    assert kinds(noisy) == set()


def test_a_mixed_file_with_terminator_lf_may_have_crlf_later() -> None:
    lines = an_advice().replace(b"~\n", b"\n").split(b"\n")
    mixed = lines[0] + b"\n" + b"\r\n".join(lines[1:])

    assert kinds(mixed) == set()


def test_a_byte_order_mark_is_noted_and_passed_over() -> None:
    assert kinds(b"\xef\xbb\xbf" + an_advice()) == {"byte-order-mark"}
    assert only_set(b"\xef\xbb\xbf" + an_advice()).id == "945"


def test_a_lower_case_file_is_read_and_told() -> None:
    lower = an_advice().replace(b"W12*", b"w12*").replace(b"ISA*", b"isa*")

    assert kinds(lower) == {"lower-case"}
    assert [s.id for s in only_set(lower).segments].count("W12") == 2


def test_an_isa_of_the_wrong_length_is_read_by_its_separators() -> None:
    short = an_advice().replace(b"LANEWISE       *", b"LANEWISE*")

    wrong = [d for d in defects_of(short) if d.kind == "isa-width"]

    assert [(d.element, d.value) for d in wrong] == [(8, "LANEWISE")]
    assert only_set(short).id == "945"


def test_an_isa_that_ends_early_is_told_and_nothing_raises() -> None:
    assert "isa-broken" in kinds(b"ISA*00*    ")
    assert "isa-broken" in kinds(an_advice()[:60])


def test_a_separator_that_is_a_letter_is_refused() -> None:
    broken = bytearray(an_advice())
    broken[105:106] = b"A"

    assert "separators" in kinds(bytes(broken))


@pytest.mark.parametrize("content", [b"", b"  \r\n", b"Dear partner,\nplease resend."])
def test_a_file_without_an_interchange_says_so(content: bytes) -> None:
    assert "no-interchange" in kinds(content)


def test_what_follows_an_interchange_is_told_and_the_next_one_read() -> None:
    content = an_advice() + b"-- END OF FILE 1 --\n" + an_advice()

    assert kinds(content) == {"junk"}
    assert sum(isinstance(event, Segment) for event in segments(content)) > 20


def test_the_word_visa_begins_no_interchange() -> None:
    assert kinds(b"VISA*0001 " + an_advice()) == {"junk"}


def test_an_overlong_segment_is_passed_over_and_the_next_is_read() -> None:
    long = b"NTE**" + b"x" * (3 * MAX_SEGMENT_BYTES) + b"~"
    content = an_advice().replace(b"W03*", long + b"W03*")

    assert "segment-too-long" in kinds(content)
    assert only_set(content).segments[-2].id == "W03"


def test_bytes_that_are_no_text_are_told_where_they_stand() -> None:
    content = an_advice().replace(b"N1*WH*EAST", b"N1*WH*\xc4ST\x01")

    (found,) = defects_of(content)

    assert (found.kind, found.segment, found.element) == ("character", "N1", 2)


def test_a_large_file_is_read_in_little_memory() -> None:
    line = b"NTE**" + b"x" * 75 + b"~\n"
    head, tail = an_advice().split(b"W03*")
    content = head + line * 15_000 + b"W03*" + tail
    tracemalloc.start()

    count = sum(isinstance(p, Segment) for p in read_segments(io.BytesIO(content)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count > 15_000
    assert peak < 600_000


@limits(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_no_bytes_raise(noise: bytes) -> None:
    for content in (noise, an_advice()[:106] + noise, b"ISA*" + noise):
        found = defects_of(content)
        assert all(isinstance(defect, Defect) for defect in found)


@limits(deadline=None, max_examples=200)
@given(data=st.data())
def test_no_damage_to_a_document_raises_or_goes_unseen(data: st.DataObject) -> None:
    content = bytearray(an_advice())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    found = defects_of(bytes(content))

    assert all(str(defect) for defect in found)
    assert max((d.severity for d in found), default=0) <= Severity.REJECTED
    assert events(bytes(content)) or found
