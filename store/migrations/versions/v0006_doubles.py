"""Labels that stood beside another for the same parcel."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "doubles",
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("found_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("carrier", "booking_id"),
    )
