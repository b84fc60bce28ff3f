"""Who receives or sends goods, and where exactly: what a label needs.

Lanewise decides without any of it. It travels only where a counterpart cannot
do without, and is never logged or listed (see ``docs/privacy.md``).
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from domain.quantities import Place, Value

Words = Annotated[str, Field(max_length=200)]

# An order's attributes that hold its recipient: `recipient.name`, …
PREFIX = "recipient."


class Contact(Value):
    """A person or a firm at an address; shown by nothing that shows values."""

    name: Annotated[Words, Field(repr=False)] = ""
    company: Annotated[Words, Field(repr=False)] = ""
    street_1: Annotated[Words, Field(repr=False)] = ""
    street_2: Annotated[Words, Field(repr=False)] = ""
    phone: Annotated[Words, Field(repr=False)] = ""
    email: Annotated[Words, Field(repr=False)] = ""


class Address(Value):
    """A contact at a place."""

    place: Place
    contact: Contact = Contact()


def recipient_in(attributes: Mapping[str, str]) -> Contact | None:
    """Read an order's recipient from its attributes; None where none is given.

    The names are ``recipient.name``, ``recipient.company``,
    ``recipient.street_1``, ``recipient.street_2``, ``recipient.phone`` and
    ``recipient.email``. What is longer than 200 characters is cut.
    """
    given = {
        field: attributes[PREFIX + field].strip()[:200]
        for field in Contact.model_fields
        if attributes.get(PREFIX + field, "").strip()
    }
    return Contact(**given) if given else None
