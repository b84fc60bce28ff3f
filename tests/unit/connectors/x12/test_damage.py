"""Documents damaged at random: nothing raises, and every answer is right X12."""

import io
import tempfile
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from connectors.x12.defects import Severity
from connectors.x12.examine import examine
from connectors.x12.load_tender import tender_document
from connectors.x12.reading import Terms
from connectors.x12.shipment_status import status_document
from connectors.x12.shipping_advice import advice_document
from connectors.x12.shipping_order import order_document
from connectors.x12.tender_response import response_document
from tests.unit.connectors.x12.partner_side import PartnerSide
from tests.unit.connectors.x12.samples import (
    NOON,
    a_response,
    a_status,
    a_tender,
    an_advice,
    an_order,
    from_partner,
)

TERMS = Terms(zone=UTC, now=NOON)
DAMAGES = ("deletion", "repetition", "swap", "bytes", "element")
ODD = (b"", b"?" * 99, b"0", b"\xff~", b"-1")
WHOLE = {
    "940": from_partner(order_document(an_order(), UTC)),
    "945": from_partner([advice_document(an_advice(), UTC)] * 2),
    "204": from_partner(tender_document(a_tender(), UTC)),
    "990": from_partner(response_document(a_response())),
    "214": from_partner(status_document(a_status(), UTC)),
}


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Change, drop, repeat or swap rows and bytes of a document."""
    content = WHOLE[draw(st.sampled_from(sorted(WHOLE)))]
    rows = content.split(b"\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(1, len(rows) - 1))
        match draw(st.sampled_from(DAMAGES)):
            case "deletion" if len(rows) > 2:
                del rows[at]
            case "repetition":
                rows.insert(at, rows[draw(st.integers(1, len(rows) - 1))])
            case "swap":
                rows[at], rows[-1] = rows[-1], rows[at]
            case "bytes":
                cut = draw(st.integers(0, len(rows[at])))
                rows[at] = rows[at][:cut] + draw(st.binary(max_size=4)) + rows[at][cut:]
            case _:
                parts = rows[at].split(b"*")
                parts[-1] = draw(st.sampled_from(ODD))
                rows[at] = b"*".join(parts)
    return b"\n".join(rows)


@limits(deadline=None, max_examples=150)
@given(damaged())
def test_no_damage_raises_and_each_defect_says_where(content: bytes) -> None:
    for defect in examine(io.BytesIO(content), TERMS):
        assert str(defect).startswith(f"segment {defect.line} ")
        assert defect.kind
        assert defect.message


@limits(deadline=None, max_examples=60)
@given(damaged())
def test_whatever_comes_in_the_answer_is_accepted_by_the_referee(
    content: bytes,
) -> None:
    with tempfile.TemporaryDirectory() as root:
        side = PartnerSide(Path(root))
        side.put(content)
        side.later(hours=1)

        side.collected()

        # `taken` has the referee judge each of our answers.
        side.taken()
        assert side.names("inbound") == []


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_is_wrong_with_what_is_whole(name: str) -> None:
    assert list(examine(io.BytesIO(WHOLE[name]), TERMS)) == []


def test_defects_come_from_every_level() -> None:
    content = WHOLE["945"].replace(b"GE*2*7", b"GE*9*7").replace(b"IEA*1", b"IEA*2")
    content = content.replace(b"W06*F*", b"W06**", 1)

    found = list(examine(io.BytesIO(b"junk" + content), TERMS))

    assert [defect.kind for defect in found] == [
        *("junk", "element-missing", "ge-count", "iea-count"),
    ]
    assert max(defect.severity for defect in found) is Severity.REJECTED
