import json
from datetime import UTC
from pathlib import Path

import pytest

from connectors.x12.drop import DirectoryDrop, Folder
from connectors.x12.exchange import Interchange
from connectors.x12.ledger import LAST_CONTROL
from connectors.x12.shipping_order import OrderedLine, order_document
from domain.errors import InvalidRequest, Unavailable
from tests.unit.connectors.x12.partner_side import PartnerSide
from tests.unit.connectors.x12.samples import an_order, events

ORDER = order_document(an_order(), UTC)


@pytest.fixture
def side(tmp_path: Path) -> PartnerSide:
    return PartnerSide(tmp_path)


def control_of(content: bytes) -> str:
    (found,) = (e for e in events(content) if isinstance(e, Interchange))
    return found.control


def test_a_document_is_sent_once_under_its_reference(side: PartnerSide) -> None:
    outbox = side.partner.outbox

    first = outbox.post(ORDER, "ORDER-1", side.now)
    again = side.reopened().outbox.post(ORDER, "ORDER-1", side.now)

    assert again == first
    assert len(side.taken()) == 1
    assert outbox.find("940", "ORDER-1") == first


def test_control_numbers_rise_by_one_also_after_a_restart(side: PartnerSide) -> None:
    for number in range(3):
        side.reopened().outbox.post(ORDER, f"ORDER-{number}", side.now)

    controls = [control_of(content) for content in side.taken()]

    assert controls == ["000000001", "000000002", "000000003"]


def test_the_number_after_the_last_is_one(side: PartnerSide) -> None:
    side.partner.ledger.write("numbers", "interchange", {"last": LAST_CONTROL - 1})

    for number in range(2):
        side.partner.outbox.post(ORDER, f"ORDER-{number}", side.now)

    assert sorted(map(control_of, side.taken())) == ["000000001", "999999999"]


def test_what_cannot_be_sent_uses_up_no_number(side: PartnerSide) -> None:
    bad = an_order(lines=(OrderedLine(sku="LA*MP", units=1),))

    with pytest.raises(InvalidRequest):
        side.partner.outbox.post(order_document(bad, UTC), "BAD", side.now)
    side.partner.outbox.post(ORDER, "GOOD", side.now)

    assert [control_of(content) for content in side.taken()] == ["000000001"]


class FullDisk(DirectoryDrop):
    def write(self, folder: Folder, name: str, content: bytes) -> None:
        msg = "outbound: No space left on device"
        raise Unavailable(msg)


def test_a_file_that_could_not_be_written_is_written_later_as_it_was(
    side: PartnerSide,
) -> None:
    broken = type(side.partner.outbox)(
        side.settings, FullDisk(side.settings.drop), side.partner.ledger
    )

    with pytest.raises(Unavailable):
        broken.post(ORDER, "ORDER-1", side.now)
    unsent = broken.find("940", "ORDER-1")
    side.later(hours=1)
    posted = side.partner.outbox.post(ORDER, "ORDER-1", side.now)

    assert unsent is None
    assert posted.control == 1
    (content,) = side.taken()
    assert b"*260302*1200*U*" in content


@pytest.mark.parametrize("code", ["A", "E", "R"])
def test_an_acknowledgment_finds_its_document(side: PartnerSide, code: str) -> None:
    side.partner.outbox.post(ORDER, "ORDER-1", side.now)
    (content,) = side.taken()

    side.acknowledge(content, code)
    side.collected()

    found = side.partner.outbox.find("940", "ORDER-1")
    assert found is not None
    assert (found.answer, found.refused) == (code, code == "R")


def test_a_refusal_is_not_taken_back_by_an_approval(side: PartnerSide) -> None:
    side.partner.outbox.post(ORDER, "ORDER-1", side.now)
    (content,) = side.taken()

    for code in "RA":
        side.acknowledge(content, code)
        side.collected()

    found = side.partner.outbox.find("940", "ORDER-1")
    assert found is not None
    assert found.answer == "R"


def test_an_interchange_refused_by_ta1_is_refused(side: PartnerSide) -> None:
    side.partner.outbox.post(ORDER, "ORDER-1", side.now)
    other = PartnerSide(side.root.parent / "theirs")
    (content,) = side.taken()
    other.put(content.replace(b"LANEWISE   ", b"STRANGER   "))
    other.collected()
    (answer,) = other.taken()

    head, tail = side.settings.our_id.ljust(15), side.settings.partner_id.ljust(15)
    swapped = answer.replace(head.encode(), b"?" * 15).replace(
        tail.encode(), head.encode()
    )
    side.put(swapped.replace(b"?" * 15, tail.encode()))
    side.collected()

    found = side.partner.outbox.find("940", "ORDER-1")
    assert found is not None
    assert found.refused


def test_what_waits_too_long_for_its_answer_is_found(side: PartnerSide) -> None:
    outbox = side.partner.outbox
    outbox.post(ORDER, "OLD", side.now)
    side.later(hours=23)
    outbox.post(ORDER, "NEW", side.now)

    early = outbox.unacknowledged(side.now)
    side.later(hours=1)
    late = outbox.unacknowledged(side.now)

    assert early == ()
    assert [posted.reference for posted in late] == ["OLD"]


def test_a_partner_that_never_acknowledges_is_not_waited_for(tmp_path: Path) -> None:
    side = PartnerSide(tmp_path, acknowledged_within_h=None)
    side.partner.outbox.post(ORDER, "OLD", side.now)

    side.later(hours=1_000)

    assert side.partner.outbox.unacknowledged(side.now) == ()


def test_what_was_answered_is_waited_for_no_more(side: PartnerSide) -> None:
    side.partner.outbox.post(ORDER, "ORDER-1", side.now)
    (content,) = side.taken()
    side.acknowledge(content)
    side.collected()

    side.later(hours=1_000)

    assert side.partner.outbox.unacknowledged(side.now) == ()


def test_our_files_and_records_are_for_us_alone(side: PartnerSide) -> None:
    side.partner.outbox.post(ORDER, "ORDER-1", side.now)

    paths = [p for p in side.root.parent.rglob("*") if p.is_file()]

    assert paths
    assert all(path.stat().st_mode & 0o007 == 0 for path in paths)
    records = list(side.settings.state.rglob("*.json"))
    assert all(isinstance(json.loads(r.read_bytes()), dict) for r in records)
