"""Run by Alembic: migrate over the connection that the store hands in."""

from alembic import context
from sqlmodel import SQLModel

from store import tables

assert tables.OrderRow.metadata is SQLModel.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
