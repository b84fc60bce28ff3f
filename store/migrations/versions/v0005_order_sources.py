"""Order sources: how far they were read, and what they were told."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AWARE = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "order_sources",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("read_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "sourced_orders",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "source_id"),
    )
    op.create_index("ix_sourced_orders_order_id", "sourced_orders", ["order_id"])
    op.create_table(
        "told_shipments",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("told_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("connection", "key"),
    )
