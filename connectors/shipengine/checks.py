"""ShipEngine's verdicts on addresses in our words; pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from connectors.fields import rows, word
from domain.contact import Address, Contact
from domain.errors import ContractViolation
from domain.quantities import Place
from domain.shipping import AddressCheck, AddressVerdict
from domain.wire import raw_of

_VERDICTS: Mapping[str, AddressVerdict] = MappingProxyType(
    {
        "verified": AddressVerdict.VALID,
        "warning": AddressVerdict.VALID,
        "error": AddressVerdict.INVALID,
    }
)


def parse_check(document: Any, address: Address) -> AddressCheck:
    """Read the verdict on an address, and the better spelling of it."""
    first = next(iter(rows(document)), None) if isinstance(document, list) else None
    if first is None:
        msg = "addresses: expected a list with one verdict"
        raise ContractViolation(msg, raw=raw_of(document))
    found = first.get("matched_address")
    matched = found if isinstance(found, dict) else {}
    better = _address(matched, address) if matched else None
    verdict = _VERDICTS.get(word(first, "status"), AddressVerdict.UNKNOWN)
    if verdict is AddressVerdict.VALID and better not in (None, address):
        verdict = AddressVerdict.CORRECTED
    says = rows(first.get("messages"))
    kind = word(matched, "address_residential_indicator")
    return AddressCheck(
        verdict=verdict,
        better=better if verdict is AddressVerdict.CORRECTED else None,
        residential={"yes": True, "no": False}.get(kind),
        problems=tuple(text for m in says if (text := word(m, "message"))),
        raw=raw_of(first),
    )


def _address(matched: dict[str, Any], asked: Address) -> Address | None:
    """Return the address it knows; what it does not say stays as asked."""
    place, contact = asked.place, asked.contact
    fields = {
        "country": word(matched, "country_code").upper() or place.country,
        "postal_code": word(matched, "postal_code") or place.postal_code,
        "region": word(matched, "state_province") or place.region,
        "city": word(matched, "city_locality") or place.city,
    }
    street = {
        "street_1": word(matched, "address_line1") or contact.street_1,
        "street_2": word(matched, "address_line2") or contact.street_2,
    }
    try:
        return Address(
            place=Place.model_validate({**place.model_dump(), **fields}),
            contact=Contact.model_validate({**contact.model_dump(), **street}),
        )
    except ValidationError:
        return None
