"""Days closed with carriers at centers: which labels stand on which form."""

from datetime import date

from sqlmodel import Session, col, select

from domain.quantities import CarrierId, FcId, Instant, Value
from domain.shipping import Manifest
from store.statements import upsert
from store.tables import ManifestRow


class KeptManifest(Value):
    """A form as it was made; its picture is not kept."""

    fc: FcId
    day: date
    manifest: Manifest
    closed_at: Instant

    @property
    def bookings(self) -> frozenset[str]:
        """Return the labels that it answers for, those left out as well."""
        return frozenset((*self.manifest.bookings, *self.manifest.left_out))


def keep(session: Session, kept: KeptManifest) -> None:
    """Keep a form in place of what was known under its key."""
    slim = kept.manifest.model_copy(update={"document": None, "raw": ""})
    row = {
        "key": slim.key,
        "fc": kept.fc,
        "carrier": slim.carrier,
        "day": kept.day,
        "document": slim.model_dump_json(),
        "closed_at": kept.closed_at,
    }
    upsert(session, ManifestRow, ("key",), [row])


def of_day(
    session: Session, fc: FcId, carrier: CarrierId, day: date
) -> tuple[KeptManifest, ...]:
    """List the forms of a carrier at a center on a day, the oldest first."""
    statement = (
        select(ManifestRow)
        .where(
            ManifestRow.day == day,
            ManifestRow.fc == fc,
            ManifestRow.carrier == carrier,
        )
        .order_by(col(ManifestRow.closed_at), col(ManifestRow.key))
    )
    return tuple(
        KeptManifest(
            fc=FcId(row.fc),
            day=row.day,
            manifest=Manifest.model_validate_json(row.document),
            closed_at=row.closed_at,
        )
        for row in session.exec(statement)
    )
