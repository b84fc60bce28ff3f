"""Events, memberships of every kind of subject, rule sets with a life of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AWARE = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "orders",
        sa.Column("customer_id", sa.String(), nullable=False, server_default=""),
    )
    op.create_index("ix_orders_customer_id", "orders", ["customer_id"])
    _fill_customers()
    op.add_column(
        "rule_sets",
        sa.Column("status", sa.String(), nullable=False, server_default="active"),
    )
    op.create_index("ix_rule_sets_status", "rule_sets", ["status"])
    _retire_all_but_the_active()
    op.create_table(
        "rule_set_moves",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rule_set_moves_version", "rule_set_moves", ["version"])
    _events()
    _memberships()
    _conditions()
    op.create_table(
        "pseudonyms",
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("known_as", sa.String(), nullable=False),
        sa.Column("made_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym"),
        sa.UniqueConstraint("known_as"),
    )


def _fill_customers() -> None:
    """Repeat each order's customer from its document, as new orders do."""
    extract = {
        "sqlite": "json_extract(document, '$.customer_id')",
        "postgresql": "document::json ->> 'customer_id'",
    }[op.get_bind().dialect.name]
    op.execute(f"UPDATE orders SET customer_id = COALESCE({extract}, '')")


def _retire_all_but_the_active() -> None:
    op.execute(
        "UPDATE rule_sets SET status = 'retired' WHERE version NOT IN "
        "(SELECT version FROM active_versions WHERE thing = 'rule_sets')"
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurred_at", AWARE, nullable=False),
        sa.Column("received_at", AWARE, nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("value_cents", sa.BigInteger(), nullable=True),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "event_id"),
    )
    op.create_index("ix_events_subject_time", "events", ["subject", "occurred_at"])
    op.create_index("ix_events_time", "events", ["occurred_at"])
    op.create_table(
        "profiles",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_at", AWARE, nullable=False),
        sa.Column("last_at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind"),
    )
    op.create_table(
        "scores",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("found_at", AWARE, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "daily_units",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "day"),
    )


def _memberships() -> None:
    op.create_table(
        "subject_states",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("evaluated_at", AWARE, nullable=True),
        sa.Column("recheck_at", AWARE, nullable=True),
        sa.Column("dirty_from", AWARE, nullable=True),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index("ix_subject_states_recheck_at", "subject_states", ["recheck_at"])
    op.create_index("ix_subject_states_dirty_from", "subject_states", ["dirty_from"])
    op.create_table(
        "subject_memberships",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("segment_id", sa.String(), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "segment_id"),
    )
    op.create_index(
        "ix_subject_memberships_segment_id", "subject_memberships", ["segment_id"]
    )
    op.create_table(
        "membership_changes",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("segment_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", AWARE, nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("published_at", AWARE, nullable=True),
        sa.PrimaryKeyConstraint("subject", "segment_id", "version", "at"),
    )
    op.create_index(
        "ix_membership_changes_segment", "membership_changes", ["segment_id", "at"]
    )
    op.create_index(
        "ix_membership_changes_open", "membership_changes", ["published_at", "at"]
    )
    op.create_table(
        "interests",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "subject"),
    )
    op.create_index("ix_interests_subject", "interests", ["subject"])
    op.create_table(
        "tellings",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", AWARE, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "why"),
    )
    op.create_index("ix_tellings_at", "tellings", ["at"])


def _conditions() -> None:
    op.create_table(
        "conditions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("valid_from", AWARE, nullable=False),
        sa.Column("valid_until", AWARE, nullable=True),
        sa.Column("withdrawn_at", AWARE, nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_conditions_valid_until", "conditions", ["valid_until"])
