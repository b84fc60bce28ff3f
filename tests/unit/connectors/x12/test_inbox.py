from datetime import UTC, timedelta
from pathlib import Path

import pytest

from connectors.x12.envelope import read_envelopes
from connectors.x12.exchange import TransactionSet
from connectors.x12.facts import facts_after
from connectors.x12.reading import Received
from connectors.x12.shipping_advice import advice_document
from connectors.x12.tender_response import response_document
from domain.errors import ContractViolation
from tests.unit.connectors.x12.partner_side import PartnerSide
from tests.unit.connectors.x12.samples import a_response, an_advice, from_partner

ADVICE = advice_document(an_advice(), UTC)


@pytest.fixture
def side(tmp_path: Path) -> PartnerSide:
    return PartnerSide(tmp_path)


def test_a_whole_file_is_read_once_acknowledged_and_filed_away(
    side: PartnerSide,
) -> None:
    name = side.send(ADVICE)

    first, second = side.collected(), side.collected()

    assert [r.verdict.code for r in first] == ["A"]
    assert second == []
    assert side.names("processed") == [name]
    (answer,) = side.taken()
    assert b"AK5*A" in answer


def test_a_file_still_being_written_is_left_alone(side: PartnerSide) -> None:
    whole = from_partner(ADVICE, control=5)
    side.put(whole[:-30], "slow.edi")

    early = side.collected()
    side.put(whole, "slow.edi")
    complete = side.collected()

    assert early == []
    assert [r.verdict.code for r in complete] == ["A"]


def test_a_file_that_stopped_growing_is_read_as_cut_off(side: PartnerSide) -> None:
    whole = from_partner([ADVICE, ADVICE], control=5)
    name = side.put(whole[: whole.rindex(b"W03*")])

    side.later(seconds=61)
    found = side.collected()

    assert [r.verdict.code for r in found] == ["A"]
    assert side.names("failed") == [name, f"{name}.report.txt"]
    assert "ends without SE" in side.report(name)


@pytest.mark.parametrize("name", [".a.edi", "a.edi.tmp", "a.edi.filepart", "~a.edi"])
def test_names_of_partial_files_are_not_read(side: PartnerSide, name: str) -> None:
    side.put(from_partner(ADVICE), name)

    assert side.collected() == []


def test_files_are_read_oldest_first(side: PartnerSide) -> None:
    for number, minutes in (("1", 1), ("3", 3), ("2", 2)):
        document = advice_document(an_advice(number=f"ORDER-{number}"), UTC)
        content = from_partner(document, control=int(number))
        side.put(content, f"{9 - minutes}.edi", side.now - timedelta(hours=9 - minutes))

    numbers = [getattr(r.document, "number", "") for r in side.collected()]

    assert numbers == ["ORDER-1", "ORDER-2", "ORDER-3"]


def test_the_same_content_is_not_taken_twice(side: PartnerSide) -> None:
    content = from_partner(ADVICE)
    side.put(content)
    side.collected()

    again = side.put(content)

    assert side.collected() == []
    assert "received before" in side.report(again)


def test_a_control_number_used_twice_is_refused_with_a_ta1(side: PartnerSide) -> None:
    side.send(ADVICE, control=9)
    side.collected()
    side.taken()

    other = advice_document(an_advice(number="OTHER"), UTC)
    name = side.send(other, control=9)

    assert side.collected() == []
    assert "used before" in side.report(name)
    (answer,) = side.taken()
    assert b"TA1*000000009*260302*1200*R*025~" in answer


def test_a_partner_that_starts_over_may_be_tolerated(tmp_path: Path) -> None:
    side = PartnerSide(tmp_path, tolerate=("duplicate-control",))
    side.send(ADVICE, control=9)
    side.collected()

    side.send(advice_document(an_advice(number="OTHER"), UTC), control=9)

    assert len(side.collected()) == 1


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        (b"BIRCHWOOD3PL   ", b"SOMEBODY ELSE  ", b"R*006"),
        (b"LANEWISE       ", b"NOT US         ", b"R*008"),
        (b"*0*P*>", b"*0*T*>", b"R*020"),
    ],
)
def test_what_is_not_for_us_or_not_from_the_partner_is_refused(
    side: PartnerSide, right: bytes, wrong: bytes, code: bytes
) -> None:
    name = side.put(from_partner(ADVICE).replace(right, wrong))

    assert side.collected() == []
    assert side.names("failed") == [name, f"{name}.report.txt"]
    (answer,) = side.taken()
    assert code in answer


def test_a_rejected_set_is_told_to_both_sides_and_the_rest_is_taken(
    side: PartnerSide,
) -> None:
    two = from_partner([ADVICE, ADVICE], control=5)
    name = side.put(two.replace(b"SE*13*0002", b"SE*14*0002"))

    found = side.collected()

    assert [r.verdict.control for r in found] == ["0001"]
    assert "SE counts '14' segments; there are 13" in side.report(name)
    (answer,) = side.taken()
    assert b"AK5*R*4~" in answer
    assert b"AK9*P*2*2*1~" in answer
    kinds = [f["kind"] for _, f in facts_after(side.partner.ledger.facts, "", 10)]
    assert kinds == ["seen", "problem"]


def test_one_file_may_hold_interchanges_and_groups_of_several_kinds(
    side: PartnerSide,
) -> None:
    response = response_document(a_response())
    side.put(from_partner(ADVICE, control=1) + from_partner(response, control=2))

    found = side.collected()

    assert [r.verdict.id for r in found] == ["945", "990"]
    assert len(side.taken()) == 2


def test_a_set_that_is_not_expected_here_is_answered_so(side: PartnerSide) -> None:
    side.send(response_document(a_response()))

    assert side.collected("945") == []
    (answer,) = side.taken()
    assert b"AK5*R*1~" in answer


def test_acknowledgments_are_not_acknowledged(side: PartnerSide) -> None:
    side.acknowledge(from_partner(ADVICE))

    side.collected()

    assert side.taken() == []


def test_a_ta1_is_sent_when_it_is_asked_for(side: PartnerSide) -> None:
    side.send(ADVICE, wants_ta1=True)

    side.collected()

    answers = side.taken()
    assert sum(b"TA1*" in answer and b"*A*000~" in answer for answer in answers) == 1


@pytest.mark.parametrize("content", [b"", b"   \r\n", b"<html>no</html>"])
def test_a_file_that_is_no_x12_is_set_aside_with_a_report(
    side: PartnerSide, content: bytes
) -> None:
    name = side.put(content)
    side.later(seconds=61)

    assert side.collected() == []
    assert "no ISA" in side.report(name)


def test_a_crash_half_way_shows_nothing_and_is_made_up_for(
    side: PartnerSide,
) -> None:
    side.put(from_partner([ADVICE, ADVICE], control=5))
    origins: list[str] = []

    def crash(received: Received) -> tuple[dict[str, str], ...]:
        origins.append(received.origin)
        if len(origins) == 2:
            raise MemoryError
        return ({"kind": "seen"},)

    with pytest.raises(MemoryError):
        side.partner.inbox.collect(crash, frozenset({"945"}), side.now)
    before = list(facts_after(side.partner.ledger.facts, "", 10))
    side.partner = side.reopened()
    again = [received.origin for received in side.collected()]

    assert before == []
    assert again == origins
    assert len(list(facts_after(side.partner.ledger.facts, "", 10))) == 2


def test_a_file_that_breaks_us_off_again_and_again_is_set_aside(
    side: PartnerSide,
) -> None:
    name = side.send(ADVICE)

    def crash(received: Received) -> tuple[dict[str, str], ...]:
        raise MemoryError

    for _ in range(3):
        with pytest.raises(MemoryError):
            side.partner.inbox.collect(crash, frozenset({"945"}), side.now)
    side.send(advice_document(an_advice(number="NEXT"), UTC))
    found = side.collected()

    assert [getattr(r.document, "number", "") for r in found] == ["NEXT"]
    assert "broke off 3 times" in side.report(name)


def test_a_cursor_gives_what_came_after_it(side: PartnerSide) -> None:
    side.put(from_partner([ADVICE] * 3, control=5))
    side.collected()
    side.send(ADVICE)
    side.collected()

    seen = [""]
    while page := list(facts_after(side.partner.ledger.facts, seen[-1], 2)):
        seen += [cursor for cursor, _ in page]

    assert seen == sorted(set(seen))
    assert len(seen) == 1 + 4


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1"])
def test_a_cursor_that_is_none_of_ours_is_refused(
    side: PartnerSide, cursor: str
) -> None:
    with pytest.raises(ContractViolation, match="cursor"):
        list(facts_after(side.partner.ledger.facts, cursor, 2))


def test_names_from_outside_do_not_leave_the_drop(side: PartnerSide) -> None:
    party = from_partner(ADVICE).replace(b"BIRCHWOOD3PL   ", b"../../../x     ")
    side.put(party)

    side.collected()

    names = [path.name for path in side.settings.state.rglob("*interchange*")]
    assert all("/" not in name for name in names)
    assert list(side.root.parent.glob("x*")) == []


def test_a_long_file_is_taken_set_by_set(side: PartnerSide) -> None:
    content = from_partner([ADVICE] * 200, control=5)
    side.put(content)

    found = side.collected()

    assert len(found) == 200
    (answer,) = side.taken()
    with (side.root / "processed" / side.names("processed")[0]).open("rb") as stream:
        sets = [e for e in read_envelopes(stream) if isinstance(e, TransactionSet)]
    assert answer.count(b"AK2*") == len(sets) == 200
