from datetime import UTC

import pytest

from connectors.x12.defects import Severity
from connectors.x12.dictionary import V4010, V5010, segment_rules
from connectors.x12.sets import base_version, set_rule
from connectors.x12.shipment_status import status_document
from connectors.x12.shipping_advice import advice_document
from connectors.x12.shipping_order import order_document
from tests.unit.connectors.x12.samples import (
    a_status,
    an_advice,
    an_order,
    defects_of,
    from_partner,
    judged,
    kinds,
    tree,
)

ADVICE = from_partner(advice_document(an_advice(), UTC))
ORDER = from_partner(order_document(an_order(), UTC))
STATUS = from_partner(status_document(a_status(), UTC))


@pytest.mark.parametrize(
    ("right", "wrong", "kind", "where", "code"),
    [
        (b"W06*F*", b"W06**", "element-missing", "W0601", "1"),
        (b"W06*F*", b"W06*FF*", "too-long", "W0601", "5"),
        (b"W06*F*", b"W06*?*", "code", "W0601", "7"),
        (b"N1*WH*EAST", b"N1*W*EAST", "too-short", "N101", "4"),
        (b"20260302*SHP1", b"20261302*SHP1", "date", "W0603", "8"),
        (b"*8*1600*UT", b"*8*2500*UT", "time", "G6204", "9"),
        (b"W12*CC*3*3", b"W12*CC*3*three", "number", "W1203", "6"),
        (b"W03*5", b"W03*5*10", "condition", "W0303", "2"),
        (b"N9*2I*1Z999", b"N9*2I", "condition", "N902", "2"),
        (b"LX*1~", b"LX*1*2*3~", "too-many-elements", "LX02", "3"),
        (b"*VN*LAMP", b"*VN*LA>MP", "component-in-data", "W1208", "6"),
    ],
)
def test_a_wrong_element_is_told_by_segment_and_position(
    right: bytes, wrong: bytes, kind: str, where: str, code: str
) -> None:
    assert right in ADVICE

    found = defects_of(ADVICE.replace(right, wrong, 1))

    assert (kind, where, code) in {
        (d.kind, f"{d.segment}{d.element:02d}", d.code) for d in found if d.element
    }


def test_a_mandatory_segment_that_is_missing_rejects() -> None:
    start, end = ADVICE.index(b"N1*"), ADVICE.index(b"N9*")
    content = (ADVICE[:start] + ADVICE[end:]).replace(b"SE*13*", b"SE*12*")

    (found,) = defects_of(content)

    assert (found.kind, found.segment, found.code) == ("segment-missing", "N1", "3")
    assert found.severity is Severity.REJECTED


@pytest.mark.parametrize(
    ("inserted", "kind", "code"),
    [
        (b"QQ7*1~\n", "unknown-segment", "1"),
        (b"B2A*00~\n", "not-in-set", "6"),
        (b"W06*F*AGAIN~\n", "out-of-order", "7"),
    ],
)
def test_a_segment_that_does_not_belong_is_told(
    inserted: bytes, kind: str, code: str
) -> None:
    content = ADVICE.replace(b"LX*1~", inserted + b"LX*1~")
    content = content.replace(b"SE*13*", b"SE*14*")

    found = {d.kind: d.code for d in defects_of(content)}

    assert found[kind] == code
    assert len(list(tree(content).deep("W12"))) == 2


def test_a_loop_without_its_first_segment_is_told_and_still_found() -> None:
    content = ADVICE.replace(b"LX*1~\n", b"").replace(b"LX*2~\n", b"")
    content = content.replace(b"SE*13*", b"SE*11*")

    root, defects = judged(content)

    assert {d.kind for d in defects} == {"unexpected", "out-of-order"}
    assert len(list(root.deep("W12"))) == 2


def test_more_than_the_most_is_told_once() -> None:
    content = ADVICE.replace(b"W27*M*SWFT~\n", b"W27*M*SWFT~\n" * 4)
    content = content.replace(b"SE*13*", b"SE*16*")

    assert [(d.kind, d.code) for d in defects_of(content)] == [("too-many", "5")]


def test_a_segment_belongs_to_the_innermost_loop_that_may_hold_it() -> None:
    root = tree(ORDER)
    last = list(root.deep("W01"))[-1]

    assert [node.element(2) for node in last.all("N9")] == ["L-9"]
    assert [node.element(2) for node in root.all("N9")] == ["ORDER-1"]


def test_a_reference_of_fifty_characters_is_right_in_5010_only() -> None:
    long = ORDER.replace(b"N9*CO*ORDER-1", b"N9*CO*" + b"O" * 50)

    assert kinds(long) == {"too-long"}
    assert kinds(long.replace(b"*004010", b"*005010")) == set()


def test_a_status_without_details_is_right_in_4010_only() -> None:
    start, end = STATUS.index(b"LX*"), STATUS.index(b"SE*6")
    bare = STATUS[:start] + b"SE*3" + STATUS[STATUS.index(b"*0001~", end) :]

    assert kinds(bare) == set()
    assert kinds(bare.replace(b"*004010", b"*005010")) == {"segment-missing"}


@pytest.mark.parametrize("name", ["940", "945", "204", "990", "214", "997"])
@pytest.mark.parametrize("version", [V4010, V5010])
def test_every_segment_of_a_set_is_in_the_dictionary(name: str, version: str) -> None:
    rule = set_rule(name, version)
    assert rule is not None

    pending, used = list(rule.uses), set()
    while pending:
        use = pending.pop()
        used.add(use.id)
        pending += use.loop

    assert used <= set(segment_rules(version))


@pytest.mark.parametrize(
    ("version", "base"),
    [
        ("004010", V4010),
        ("004010UCS", V4010),
        ("004060VICS", V4010),
        ("005010", V5010),
        ("006020", V5010),
        ("003060", None),
        ("", None),
        ("4010", None),
    ],
)
def test_versions_are_read_by_the_grammar_at_or_below_them(
    version: str, base: str | None
) -> None:
    assert base_version(version) == base
