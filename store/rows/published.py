"""Rows of what is published in versions: networks, rule sets, SKUs."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from store.rows.columns import Serial, UtcDateTime


class NetworkRow(SQLModel, table=True):
    """One immutable version of the network."""

    __tablename__ = "networks"

    version: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)
    published_at: datetime = Field(sa_type=UtcDateTime)


class RuleSetRow(SQLModel, table=True):
    """One version of the segments; immutable once it left draft."""

    __tablename__ = "rule_sets"

    version: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)
    published_at: datetime = Field(sa_type=UtcDateTime)
    status: str = Field(default="active", index=True)


class RuleSetMoveRow(SQLModel, table=True):
    """A rule set's version took a status: who did it, and why."""

    __tablename__ = "rule_set_moves"

    id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    version: str = Field(index=True)
    status: str
    author: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


class ActiveRow(SQLModel, table=True):
    """Which version of a thing is in force."""

    __tablename__ = "active_versions"

    thing: str = Field(primary_key=True)
    version: str
    since: datetime = Field(sa_type=UtcDateTime)


class SkuRow(SQLModel, table=True):
    """One SKU."""

    __tablename__ = "skus"

    id: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)
