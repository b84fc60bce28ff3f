from datetime import UTC

import pytest

from connectors.x12.defects import Severity
from connectors.x12.exchange import Group, Interchange, TransactionSet
from connectors.x12.shipping_advice import advice_document
from connectors.x12.tender_response import response_document
from tests.unit.connectors.x12.samples import (
    a_response,
    an_advice,
    defects_of,
    events,
    from_partner,
    kinds,
)

ADVICE = from_partner(advice_document(an_advice(), UTC))


@pytest.mark.parametrize(
    ("right", "wrong", "kind", "code"),
    [
        (b"SE*13*", b"SE*12*", "se-count", "4"),
        (b"SE*13*0001", b"SE*13*0002", "se-control", "3"),
        (b"SE*13*0001~\n", b"", "se-missing", "2"),
        (b"GE*1*7", b"GE*2*7", "ge-count", "5"),
        (b"GE*1*7", b"GE*1*8", "ge-control", "4"),
        (b"GE*1*7~\n", b"", "ge-missing", "3"),
        (b"IEA*1*000000007", b"IEA*2*000000007", "iea-count", "021"),
        (b"IEA*1*000000007", b"IEA*1*000000008", "iea-control", "001"),
        (b"IEA*1*000000007~\n", b"", "iea-missing", "023"),
        (b"000000007*0*P", b"00000000X*0*P", "isa-control", "018"),
        (b"*7*X*004010", b"*seven*X*004010", "gs-control", "6"),
        (b"GS*SW", b"GS*OW", "functional-id", "6"),
        (b"ST*945*0001", b"ST*945", "st-control", "7"),
    ],
)
def test_what_headers_and_trailers_disagree_on_is_told(
    right: bytes, wrong: bytes, kind: str, code: str
) -> None:
    assert right in ADVICE

    found = {d.kind: d.code for d in defects_of(ADVICE.replace(right, wrong))}

    assert found[kind] == code


def test_a_clean_document_has_no_defects() -> None:
    assert defects_of(ADVICE) == []


def test_leading_zeros_of_control_numbers_do_not_count() -> None:
    assert kinds(ADVICE.replace(b"IEA*1*000000007", b"IEA*1*7")) == set()


def test_lost_segments_reject_a_set_but_a_wrong_trailer_of_a_group_does_not() -> None:
    lost = defects_of(ADVICE.replace(b"SE*13*", b"SE*14*"))
    mislabeled = defects_of(ADVICE.replace(b"GE*1*7", b"GE*1*9"))

    assert [d.severity for d in lost] == [Severity.REJECTED]
    assert [d.severity for d in mislabeled] == [Severity.ACCEPTED_WITH_ERRORS]


def test_groups_of_different_kinds_in_one_interchange_are_told_apart() -> None:
    other = from_partner(response_document(a_response()))
    group = other[other.index(b"GS*") : other.index(b"IEA*")]
    both = ADVICE.replace(b"IEA*1*", group + b"IEA*2*")

    found = events(both)

    assert kinds(both) == set()
    assert [e.functional_id for e in found if isinstance(e, Group)] == ["SW", "GF"]
    assert [e.id for e in found if isinstance(e, TransactionSet)] == ["945", "990"]


def test_several_interchanges_in_one_file_each_bring_their_separators() -> None:
    other = ADVICE.translate(bytes.maketrans(b"*~", b"|'"))

    found = events(ADVICE + other)

    assert kinds(ADVICE + other) == set()
    controls = [e.separators.element for e in found if isinstance(e, Interchange)]
    assert controls == ["*", "|"]


def test_an_interchange_cut_off_keeps_what_was_whole() -> None:
    two = from_partner([advice_document(an_advice(), UTC)] * 2)
    cut = two[: two.rindex(b"W03*")]

    sets = [e for e in events(cut) if isinstance(e, TransactionSet)]

    assert [[d.kind for d in s.defects] for s in sets] == [[], ["se-missing"]]
    assert {"ge-missing", "iea-missing"} <= kinds(cut)


def test_an_isa_in_the_middle_ends_what_was_open() -> None:
    cut = ADVICE[: ADVICE.index(b"SE*13")]

    found = [e for e in events(cut + ADVICE) if isinstance(e, TransactionSet)]

    assert [len(s.defects) for s in found] == [1, 0]


@pytest.mark.parametrize("gone", [b"GS*", b"ST*"])
def test_a_missing_header_is_told_and_nothing_raises(gone: bytes) -> None:
    start = ADVICE.index(gone)
    content = ADVICE[:start] + ADVICE[ADVICE.index(b"\n", start) + 1 :]

    assert kinds(content) & {"gs-missing", "stray-segment", "st-missing"}
    assert max(d.severity for d in defects_of(content)) >= Severity.ACCEPTED_WITH_ERRORS


def test_a_control_number_used_twice_in_a_group_is_told() -> None:
    two = from_partner([advice_document(an_advice(), UTC)] * 2)
    again = two.replace(b"*0002~", b"*0001~")

    assert kinds(again) == {"st-control-twice"}
