"""Pseudonyms: whose is whose, until somebody is forgotten."""

import re
from collections.abc import Callable, Iterable

from sqlalchemy import delete
from sqlmodel import Session, col, or_, select

from domain.errors import OrderRefused
from domain.quantities import CustomerId, Instant, Value
from store.statements import chunks, insert_new
from store.tables import PseudonymRow

# Says a new pseudonym; nobody may be able to guess what it said or will say.
Draw = Callable[[], CustomerId]

FORM = re.compile(r"c-[a-z2-7]{20}")
# Two draws that are equal are a broken source, not bad luck.
DRAWS = 3


class Forgotten(OrderRefused):
    """A pseudonym whose person was erased; it is nobody's any more."""


class Alias(Value):
    """One customer by both names."""

    pseudonym: CustomerId
    known_as: CustomerId


def pseudonym_of(
    session: Session, known_as: CustomerId, now: Instant, draw: Draw
) -> CustomerId:
    """Return the pseudonym of a customer, making one at first use.

    An id that is a pseudonym already stays as it is.

    Parameters
    ----------
    draw
        Says a new pseudonym at random: ``c-`` and 20 of a-z and 2-7.

    Raises
    ------
    Forgotten
        When the id is a pseudonym whose person was erased.
    """
    return pseudonyms_of(session, [known_as], now, draw)[known_as]


def pseudonyms_of(
    session: Session, ids: Iterable[CustomerId], now: Instant, draw: Draw
) -> dict[CustomerId, CustomerId]:
    """Return the pseudonyms of many customers, as ``pseudonym_of`` does.

    Whoever meets a customer first, at the same time in two transactions, makes
    the pseudonym; the other one waits for it and takes it over.
    """
    wanted = sorted(set(ids))
    found = _known(session, wanted, keep=True)
    for _ in range(DRAWS):
        # Always in the same order, so that no two transactions wait in a ring.
        missing = [name for name in wanted if name not in found]
        if not missing:
            return found
        rows = [
            {"pseudonym": draw(), "known_as": _own(name), "made_at": now}
            for name in missing
        ]
        insert_new(session, PseudonymRow, rows)
        found |= _known(session, missing, keep=True)
    msg = f"draw: {DRAWS} times it said a pseudonym that was taken; it must be random"
    raise ValueError(msg)


def known(session: Session, ids: Iterable[CustomerId]) -> dict[CustomerId, CustomerId]:
    """Return the pseudonyms that were made before; the others are left out."""
    return _known(session, ids, keep=False)


def find(session: Session, name: CustomerId) -> Alias | None:
    """Return a customer by the merchant's id or by the pseudonym."""
    row = session.exec(
        select(PseudonymRow).where(
            or_(PseudonymRow.known_as == name, PseudonymRow.pseudonym == name)
        )
    ).first()
    if row is None:
        return None
    return Alias(pseudonym=CustomerId(row.pseudonym), known_as=CustomerId(row.known_as))


def forget(session: Session, pseudonym: CustomerId) -> bool:
    """Drop the mapping of a pseudonym; False when there is none."""
    statement = delete(PseudonymRow).where(col(PseudonymRow.pseudonym) == pseudonym)
    return session.connection().execute(statement).rowcount > 0


def _known(
    session: Session, ids: Iterable[CustomerId], *, keep: bool
) -> dict[CustomerId, CustomerId]:
    """Look names up; with ``keep``, nobody is erased before this transaction ends."""
    found: dict[CustomerId, CustomerId] = {}
    for part in chunks(sorted(set(ids))):
        statement = select(PseudonymRow).where(
            or_(
                col(PseudonymRow.known_as).in_(part),
                col(PseudonymRow.pseudonym).in_(part),
            )
        )
        if keep:
            statement = statement.with_for_update(read=True, key_share=True)
        for row in session.exec(statement):
            pseudonym = CustomerId(row.pseudonym)
            names = {CustomerId(row.known_as), pseudonym} & set(part)
            found |= dict.fromkeys(names, pseudonym)
    return found


def _own(name: CustomerId) -> CustomerId:
    """Refuse what looks like a pseudonym of ours but is none any more."""
    if FORM.fullmatch(name):
        msg = (
            f"customer_id: {name!r} is the pseudonym of a customer who was erased; "
            "use your own id of the customer"
        )
        raise Forgotten(msg)
    return name
