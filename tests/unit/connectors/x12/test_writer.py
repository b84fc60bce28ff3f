import string
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from connectors.x12.exchange import Interchange
from connectors.x12.separators import Separators
from connectors.x12.shipping_advice import advice_document
from connectors.x12.shipping_order import OrderedLine, order_document
from connectors.x12.writer import Document, plain, write_interchange
from domain.errors import InvalidRequest
from tests.unit.connectors.x12.referee import complaints
from tests.unit.connectors.x12.samples import (
    an_advice,
    an_envelope,
    an_order,
    events,
    kinds,
)

ORDER = order_document(an_order(), UTC)


def test_the_isa_is_padded_to_its_106_characters() -> None:
    content = write_interchange(an_envelope(line_breaks=False), [ORDER])

    assert content[103:107] == b"*>~G"
    assert content[:106].count(b"*") == 16


def test_a_5010_interchange_declares_its_repetition_separator() -> None:
    separators = Separators(repetition="^")
    content = write_interchange(
        an_envelope(version="005010", separators=separators), [ORDER]
    )

    assert content[82:83] == b"^"
    assert b"*00501*" in content[:106]


def test_a_5010_interchange_without_repetition_separator_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="repetition separator"):
        write_interchange(an_envelope(version="005010"), [ORDER])


@pytest.mark.parametrize("sku", ["LA*MP", "LA~MP", "LA>MP", "LÄMP", "LA\nMP"])
def test_an_identifier_that_cannot_be_sent_is_refused_not_changed(sku: str) -> None:
    order = an_order(lines=(OrderedLine(sku=sku, units=1),))

    with pytest.raises(InvalidRequest, match="W0105"):
        write_interchange(an_envelope(), [order_document(order, UTC)])


def test_other_separators_let_the_same_identifier_through() -> None:
    order = an_order(lines=(OrderedLine(sku="LA*MP", units=1),))
    separators = Separators(element="|", component=":", segment="'")

    content = write_interchange(
        an_envelope(separators=separators), [order_document(order, UTC)]
    )

    assert b"|LA*MP'" in content
    assert complaints(content) == []


def test_text_for_people_is_put_into_letters_that_can_be_sent() -> None:
    assert plain("Zoë*Straße ~ 5\n\x07北", Separators()) == "Zoe Stra e 5"


def test_too_long_a_number_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(InvalidRequest, match="22"):
        order_document(an_order(number="N" * 23), UTC)


def test_documents_of_two_kinds_do_not_share_a_group() -> None:
    with pytest.raises(InvalidRequest, match="one kind"):
        write_interchange(an_envelope(), [ORDER, advice_document(an_advice(), UTC)])


def test_what_breaks_the_grammar_is_not_sent() -> None:
    with pytest.raises(InvalidRequest, match="940 W05"):
        write_interchange(an_envelope(), [Document("940", (("W76", "5"),))])


PRINTABLE = st.text(string.printable + "äß北\x00\x1f", max_size=90)
SEPARATORS = st.lists(
    st.sampled_from("*|~!^:>\\'\x1c\x1d\x1e\n"), min_size=4, max_size=4, unique=True
)


@limits(deadline=None, max_examples=60)
@given(note=PRINTABLE, name=PRINTABLE, chosen=SEPARATORS)
def test_no_text_gets_out_of_its_element(
    note: str, name: str, chosen: list[str]
) -> None:
    element, component, segment, _ = chosen
    separators = Separators(element, component, segment)
    party = an_order().parties[0].model_copy(update={"name": name, "city": name})
    order = an_order(notes=(note,), parties=(party,))

    content = write_interchange(
        an_envelope(separators=separators), [order_document(order, UTC)]
    )

    assert kinds(content) == set()
    assert sum(isinstance(event, Interchange) for event in events(content)) == 1
