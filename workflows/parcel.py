"""One parcel's way to the door, from label to last scan.

- it waits for the carrier's scans, which come as signals
- it orders them by sequence and keeps the newest state
- it asks the carrier itself when nothing was heard for too long
- it ends when the parcel is delivered, returned, lost, or its label voided
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.labels import OwnLabel, OwnLabels
    from activities.shipping import Shipping, Tracked, TrackParcel
    from domain.plan import Parcel
    from domain.quantities import Instant, OrderId, ParcelId, Value
    from domain.shipping import PARCEL_FINAL, ParcelScan, ParcelStatus
    from workflows.options import CARRIER, WAREHOUSE
    from workflows.timing import BusinessTime

# Carriers scan at least daily; silence longer than this is worth a question.
SILENCE = timedelta(hours=36)


class FollowParcel(Value):
    """Follow this parcel until it ends.

    ``own_label`` is of a parcel whose warehouse made the label: it is asked
    too, since no connection of ours may reach its carrier.
    """

    parcel_id: ParcelId
    order_id: OrderId
    tracking_number: str
    parcel: Parcel
    as_of: Instant
    own_label: OwnLabel | None = None


class ParcelReport(Value):
    """How a parcel ended, or where it is."""

    parcel_id: ParcelId
    status: ParcelStatus
    handed_over_at: Instant | None = None
    delivered_at: Instant | None = None
    last_at: Instant | None = None
    exceptions: int = 0
    scans: int = 0


_LEFT = (
    ParcelStatus.HANDED_OVER,
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.OUT_FOR_DELIVERY,
    ParcelStatus.DELIVERED,
)


@workflow.defn
class ParcelJourney:
    """A parcel with a label, until it needs nobody any more."""

    @workflow.init
    def __init__(self, command: FollowParcel) -> None:
        self._command = command
        self._time = BusinessTime(command.as_of)
        self._scans: dict[tuple[int, str], ParcelScan] = {}
        self._voided = False
        self._shown = 0

    @workflow.run
    async def run(self, command: FollowParcel) -> ParcelReport:
        """Follow the parcel to its end and report how it went."""
        while not self._ended():
            try:
                await workflow.wait_condition(
                    lambda: self._ended() or len(self._scans) > self._shown,
                    timeout=self._patience(),
                )
            except TimeoutError:
                await self._ask_carrier()
            self._show()
        return self.progress()

    @workflow.signal
    def scanned(self, scan: ParcelScan) -> None:
        """Take one scan; repetitions change nothing."""
        self._time.saw(scan.occurred_at)
        self._scans.setdefault(_position(scan), scan)

    @workflow.signal
    def voided(self) -> None:
        """End the journey: the label was taken back."""
        self._voided = True

    @workflow.query
    def progress(self) -> ParcelReport:
        """Answer where the parcel is."""
        scans = [self._scans[n] for n in sorted(self._scans)]
        known = [s for s in scans if s.status is not ParcelStatus.UNKNOWN]
        status = known[-1].status if known else ParcelStatus.BOOKED
        return ParcelReport(
            parcel_id=self._command.parcel_id,
            status=ParcelStatus.VOIDED if self._voided else status,
            handed_over_at=next(
                (s.occurred_at for s in known if s.status in _LEFT), None
            ),
            delivered_at=next(
                (s.occurred_at for s in known if s.status is ParcelStatus.DELIVERED),
                None,
            ),
            last_at=scans[-1].occurred_at if scans else None,
            exceptions=sum(s.status is ParcelStatus.EXCEPTION for s in known),
            scans=len(scans),
        )

    def _ended(self) -> bool:
        return self._voided or any(
            scan.status in PARCEL_FINAL for scan in self._scans.values()
        )

    def _patience(self) -> timedelta:
        heard = max(
            (scan.occurred_at for scan in self._scans.values()),
            default=self._command.parcel.hand_over_at,
        )
        return self._time.until(heard + SILENCE)

    async def _ask_carrier(self) -> None:
        # Whatever the answer, the next question waits its turn again.
        self._time.rest(SILENCE)
        try:
            tracked = await self._track()
        except ActivityError as error:
            workflow.logger.warning("%s: %s", error.activity_type, error.cause)
            return
        for scan in tracked.scans:
            self.scanned(scan)

    async def _track(self) -> Tracked:
        own = self._command.own_label
        if own is not None:
            return await workflow.execute_activity_method(
                OwnLabels.track_own,
                own,
                summary=f"Ask {own.fc} where the parcel is",
                **WAREHOUSE,
            )
        return await workflow.execute_activity_method(
            Shipping.track_parcel,
            TrackParcel(
                carrier=self._command.parcel.carrier,
                tracking_number=self._command.tracking_number,
                fc=self._command.parcel.fc,
            ),
            summary=f"Ask {self._command.parcel.carrier} where the parcel is",
            **CARRIER,
        )

    def _show(self) -> None:
        scans = [self._scans[n] for n in sorted(self._scans)]
        self._shown = len(scans)
        workflow.set_current_details(
            "| when | what | note |\n|---|---|---|\n"
            + "\n".join(
                f"| {scan.occurred_at:%a %d %b %H:%M}Z | {scan.status.value} "
                f"| {scan.note} |"
                for scan in scans
            )
        )


def _position(scan: ParcelScan) -> tuple[int, str]:
    """Return where a scan belongs: by its number, else by its instant."""
    if scan.sequence:
        return scan.sequence, ""
    return int(scan.occurred_at.timestamp()), scan.event_id
