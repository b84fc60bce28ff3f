"""The table carrier under the kit: it has no counterpart but itself."""

import pytest

from conformance import carriers, webhooks, wire
from conformance.bench import CarrierBench
from conformance.running import Check
from domain.shipping import BookParcel
from tests.conformance.verdicts import passes
from tests.unit.connectors.table.test_table import (
    OWN,
    a_carrier,
    a_question,
    a_van_parcel,
)

# Finding answers none, although it is not said to be an ability: who owes
# nothing for a label may make it again without looking.
LEFT_OUT = {"what it says it cannot do it refuses"}
NOT_SUPPORTED = {"what was booked is found"}
NOT_TRIED = {check.name for check in (*wire.CHECKS, *webhooks.CHECKS)} | {
    "a lost reply at any step leaves one label",
    "half a reply at any step leaves one label",
    "what was never sent is not booked",
    "an expired quote is not bought",
    "after handover it is too late to void",
}


@pytest.fixture
def bench() -> CarrierBench:
    def parcel(key: str) -> BookParcel:
        return a_van_parcel(key)

    return CarrierBench(
        connect=a_carrier,
        run="kit",
        carrier=OWN,
        question=a_question(),
        parcel=parcel,
    )


@pytest.mark.parametrize(
    "check",
    [check for check in carriers.CHECKS if check.name not in LEFT_OUT],
    ids=lambda check: check.name,
)
async def test_the_table_carrier_passes(
    bench: CarrierBench, check: Check[CarrierBench]
) -> None:
    await passes(check, bench, not_supported=NOT_SUPPORTED, not_tried=NOT_TRIED)
