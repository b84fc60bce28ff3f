"""Days that were closed with a carrier at a center."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "manifests",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("closed_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_manifests_day", "manifests", ["day", "fc", "carrier"])
