from datetime import UTC

import pytest

from connectors.x12.acknowledgment import (
    Acknowledgment,
    GroupVerdict,
    SetVerdict,
    acknowledgment_document,
    read_acknowledgment,
)
from connectors.x12.reading import Terms, read_set
from connectors.x12.separators import Separators
from connectors.x12.shipping_advice import advice_document
from connectors.x12.writer import Document, write_interchange
from tests.unit.connectors.x12.referee import complaints
from tests.unit.connectors.x12.samples import (
    NOON,
    an_advice,
    an_envelope,
    from_partner,
    only_set,
    tree,
)

TERMS = Terms(zone=UTC, now=NOON)
ADVICE = from_partner(advice_document(an_advice(), UTC))


def answer(content: bytes) -> Document:
    """Judge a file with one set as the inbox does."""
    received = only_set(content)
    group = GroupVerdict(
        received.group.functional_id, received.group.control, received.group.version
    )
    group.add(read_set(received, TERMS).verdict)
    group.announced = received.group.announced
    group.defects = tuple(received.group.defects)
    document = acknowledgment_document(group)
    assert document is not None
    return document


def rows(content: bytes) -> list[str]:
    written = write_interchange(an_envelope(), [answer(content)])
    assert complaints(written) == []
    lines = written.decode().replace("~", "").split()
    return [line for line in lines if line.startswith("AK")]


def test_a_clean_set_is_accepted() -> None:
    assert rows(ADVICE) == ["AK1*SW*7", "AK2*945*0001", "AK5*A", "AK9*A*1*1*1"]


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (b"SE*13*", b"SE*12*", ["AK5*R*4", "AK9*R*1*1*0"]),
        (b"SE*13*0001", b"SE*13*0009", ["AK5*R*3", "AK9*R*1*1*0"]),
        (b"GE*1*7", b"GE*1*8", ["AK5*A", "AK9*E*1*1*1*4"]),
        (b"GE*1*7", b"GE*3*7", ["AK5*A", "AK9*E*3*1*1*5"]),
        (
            b"W06*F*",
            b"W06*?*",
            ["AK3*W06*2**8", "AK4*1**7*?", "AK5*E*5", "AK9*E*1*1*1"],
        ),
        (
            b"W06*F*",
            b"W06**",
            ["AK3*W06*2**8", "AK4*1**1", "AK5*R*5", "AK9*R*1*1*0"],
        ),
        (
            b"LX*2~",
            b"ZZ9*2~",
            ["AK3*ZZ9*9**1", "AK5*E*5", "AK9*E*1*1*1"],
        ),
    ],
)
def test_what_is_wrong_is_answered_with_its_code(
    right: bytes, wrong: bytes, expected: list[str]
) -> None:
    assert right in ADVICE

    found = rows(ADVICE.replace(right, wrong))

    assert [row for row in found if row in expected] == expected


def test_a_set_we_do_not_take_is_answered_as_not_supported() -> None:
    content = ADVICE.replace(b"ST*945*", b"ST*856*")

    assert rows(content)[-2:] == ["AK5*R*1", "AK9*R*1*1*0"]


def test_bad_data_is_quoted_without_what_would_break_the_answer() -> None:
    content = ADVICE.replace(b"N1*WH*EAST", b"N1*WHAT~IS*EAST")
    content = content.replace(b"*SHP1~", b"*" + b"S>" * 40 + b"~")

    assert any(row.startswith("AK4*4**") for row in rows(content))


def test_an_answer_comes_back_as_it_was() -> None:
    content = from_partner(answer(ADVICE.replace(b"SE*13*", b"SE*12*")))

    found = read_acknowledgment(tree(content))

    assert isinstance(found, Acknowledgment)
    assert (found.functional_id, found.control, found.code) == ("SW", "7", "R")
    assert found.of("945", "0001").code == "R"


def test_a_group_answered_as_a_whole_answers_every_set() -> None:
    body = (("AK1", "OW", "12"), ("AK9", "A", "1", "1", "1"))

    found = read_acknowledgment(tree(from_partner(Document("997", body))))

    assert found is not None
    assert found.of("940", "0001").code == "A"


def test_a_group_partly_accepted_says_so() -> None:
    group = GroupVerdict("SW", "7", "004010")
    for code in "AER":
        group.add(SetVerdict("945", "0001", code))

    assert group.code == "P"


@pytest.mark.parametrize("control", ["", "x1", "1234567890"])
def test_a_group_without_a_usable_number_cannot_be_answered(control: str) -> None:
    assert acknowledgment_document(GroupVerdict("SW", control, "004010")) is None


def test_an_answer_passes_the_referee_in_5010() -> None:
    document = answer(ADVICE.replace(b"W06*F*", b"W06**"))

    written = write_interchange(
        an_envelope(version="005010", separators=Separators(repetition="^")),
        [document],
    )

    assert complaints(written) == []
