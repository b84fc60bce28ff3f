from datetime import timedelta

from domain.quantities import CarrierId
from domain.shipping import ParcelScan, ParcelStatus
from tests.conformance.worlds import START
from workflows.parcel import _position


def a_scan(status: ParcelStatus, hours: int, sequence: int = 0) -> ParcelScan:
    return ParcelScan(
        event_id=f"{status}/{hours}",
        carrier=CarrierId("heron"),
        tracking_number="1Z",
        status=status,
        sequence=sequence,
        occurred_at=START + timedelta(hours=hours),
    )


def test_scans_nobody_numbered_are_ordered_by_their_instant() -> None:
    delivered = a_scan(ParcelStatus.DELIVERED, 9)
    taken = a_scan(ParcelStatus.HANDED_OVER, 1)
    copy = taken.model_copy()

    places = {_position(scan): scan.status for scan in (delivered, taken, copy)}

    assert [places[place] for place in sorted(places)] == [
        ParcelStatus.HANDED_OVER,
        ParcelStatus.DELIVERED,
    ]


def test_numbered_scans_keep_their_number() -> None:
    late, early = a_scan(ParcelStatus.DELIVERED, 1, 2), a_scan(ParcelStatus.LOST, 9, 1)

    assert _position(early) < _position(late)
