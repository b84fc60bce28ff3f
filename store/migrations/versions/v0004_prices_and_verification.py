"""What is scarce and its prices; what the verifier looked at and found."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AWARE = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "scarce",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("millicents", sa.BigInteger(), nullable=False),
        sa.Column("strict_millicents", sa.BigInteger(), nullable=False),
        sa.Column("network_version", sa.String(), nullable=False),
        sa.Column("found_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("kind", "fc", "sku", "carrier", "day"),
    )
    op.create_table(
        "verified_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("plans", sa.Integer(), nullable=False),
        sa.Column("violations", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "violations",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("found_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
