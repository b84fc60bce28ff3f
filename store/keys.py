"""Keys of the HTTP API: who may ask for what, until a key is revoked.

A key's secret is nowhere: its SHA-256 is. The secret is 256 random bits, which
nobody finds by trying, so that no slow hash is needed.
"""

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.quantities import Instant, Value
from store.tables import ApiKeyRow


class ApiKey(Value):
    """One key, as it is shown to people."""

    id: str
    name: str
    scopes: tuple[str, ...]
    made_at: Instant
    revoked_at: Instant | None = None


class KeptKey(Value):
    """One key, and the fingerprint of its secret."""

    key: ApiKey
    digest: str


def add(session: Session, key: ApiKey, digest: str) -> None:
    """Keep a key under the fingerprint of its secret."""
    session.add(
        ApiKeyRow(
            id=key.id,
            name=key.name,
            scopes=" ".join(key.scopes),
            digest=digest,
            made_at=key.made_at,
            revoked_at=key.revoked_at,
        )
    )


def find(session: Session, key_id: str) -> KeptKey | None:
    """Return a key that is in force, None if there is none of this id."""
    row = session.get(ApiKeyRow, key_id)
    if row is None or row.revoked_at is not None:
        return None
    return KeptKey(key=_read(row), digest=row.digest)


def listed(session: Session) -> tuple[ApiKey, ...]:
    """List every key ever made, oldest first."""
    statement = select(ApiKeyRow).order_by(col(ApiKeyRow.made_at), col(ApiKeyRow.id))
    return tuple(_read(row) for row in session.exec(statement))


def revoke(session: Session, key_id: str, now: Instant) -> bool:
    """Let a key open nothing any more; False if it does not anyway."""
    statement = (
        update(ApiKeyRow)
        .where(col(ApiKeyRow.id) == key_id, col(ApiKeyRow.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    return session.connection().execute(statement).rowcount > 0


def _read(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes.split()),
        made_at=row.made_at,
        revoked_at=row.revoked_at,
    )
