"""Rows of people, under pseudonyms, and of who may call."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from store.rows.columns import UtcDateTime


class CustomerRow(SQLModel, table=True):
    """One customer, under a pseudonym."""

    __tablename__ = "customers"

    id: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)


class PseudonymRow(SQLModel, table=True):
    """Whose pseudonym is whose; erasing a person deletes the row."""

    __tablename__ = "pseudonyms"

    pseudonym: str = Field(primary_key=True)
    known_as: str = Field(unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)


class ApiKeyRow(SQLModel, table=True):
    """One key of the HTTP API: the fingerprint of its secret, never the secret."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True)
    name: str
    scopes: str
    digest: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
