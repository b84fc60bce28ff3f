"""The first tables, and the guards that keep decisions append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AWARE = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

GUARDS = {
    "sqlite": (
        """
        CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END
        """,
        """
        CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'decisions are append-only'; END $$
        """,
        """
        CREATE TRIGGER decisions_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
    ),
}


def upgrade() -> None:
    op.create_table(
        "active_versions",
        sa.Column("thing", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("since", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("thing"),
    )
    op.create_table(
        "capacity",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "fc", "carrier", "day"),
    )
    op.create_table(
        "capacity_claims",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("expires_at", AWARE, nullable=True),
        sa.CheckConstraint("amount >= 0", name="ck_capacity_claims_amount"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "order_id",
            "revision",
            "kind",
            "fc",
            "carrier",
            "day",
            name="uq_capacity_claims",
        ),
    )
    op.create_index(
        "ix_capacity_claims_cell",
        "capacity_claims",
        ["kind", "fc", "carrier", "day", "stage"],
        unique=False,
    )
    op.create_index("ix_capacity_claims_day", "capacity_claims", ["day"], unique=False)
    op.create_index(
        "ix_capacity_claims_expiry",
        "capacity_claims",
        ["stage", "expires_at"],
        unique=False,
    )
    op.create_table(
        "claims",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("held_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "revision"),
    )
    op.create_table(
        "classifications",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("classified_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("as_of", AWARE, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("network_version", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "revision", name="uq_decisions_revision"),
    )
    op.create_table(
        "hazards",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("valid_from", AWARE, nullable=False),
        sa.Column("valid_until", AWARE, nullable=False),
        sa.Column("withdrawn_at", AWARE, nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "id"),
    )
    op.create_index(
        ("ix_hazards_valid_until"), "hazards", ["valid_until"], unique=False
    )
    op.create_table(
        "inbox",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", AWARE, nullable=False),
        sa.Column("done_at", AWARE, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection", "event_id", name="uq_inbox_event"),
    )
    op.create_index(
        "ix_inbox_open", "inbox", ["done_at", "subject", "sequence"], unique=False
    )
    op.create_index("ix_inbox_subject", "inbox", ["subject", "sequence"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("segment_id", sa.String(), nullable=False),
        sa.Column("valid_until", AWARE, nullable=True),
        sa.PrimaryKeyConstraint("order_id", "segment_id"),
    )
    op.create_index(
        ("ix_memberships_segment_id"), "memberships", ["segment_id"], unique=False
    )
    op.create_table(
        "networks",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("published_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("placed_at", AWARE, nullable=False),
        sa.Column("received_at", AWARE, nullable=False),
        sa.Column("updated_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(("ix_orders_received_at"), "orders", ["received_at"], unique=False)
    op.create_index(("ix_orders_status"), "orders", ["status"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ended_at", AWARE, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index(("ix_outcomes_ended_at"), "outcomes", ["ended_at"], unique=False)
    op.create_table(
        "parcels",
        sa.Column("parcel_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("tracking_number", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("booked_cents", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("parcel_id"),
    )
    op.create_index(("ix_parcels_order_id"), "parcels", ["order_id"], unique=False)
    op.create_index(
        "ix_parcels_tracking", "parcels", ["carrier", "tracking_number"], unique=False
    )
    op.create_table(
        "releases",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "revision", "fc", "key"),
    )
    op.create_table(
        "rule_sets",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("published_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "shipments",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("shipped_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "revision", "fc", "key", "sku"),
    )
    op.create_index(
        "ix_shipments_cell", "shipments", ["fc", "sku", "shipped_at"], unique=False
    )
    op.create_table(
        "skus",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "stock",
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("counted_at", AWARE, nullable=False),
        sa.CheckConstraint("on_hand >= 0", name="ck_stock_on_hand"),
        sa.PrimaryKeyConstraint("fc", "sku"),
    )
    op.create_table(
        "stock_claims",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fc", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("expires_at", AWARE, nullable=True),
        sa.CheckConstraint("units >= 0", name="ck_stock_claims_units"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "order_id", "revision", "fc", "sku", name="uq_stock_claims"
        ),
    )
    op.create_index(
        "ix_stock_claims_cell", "stock_claims", ["fc", "sku", "stage"], unique=False
    )
    op.create_index(
        "ix_stock_claims_expiry", "stock_claims", ["stage", "expires_at"], unique=False
    )
    guards = GUARDS[op.get_bind().dialect.name]
    for guard in guards:
        op.execute(guard)
