"""EasyPost's names of carriers and services, and ours; pure."""

import re

from connectors.easypost.reading import Document, text
from connectors.easypost.settings import EasyPostService, EasyPostSettings
from domain.quantities import CarrierId, ServiceId

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")


def service_of(settings: EasyPostSettings, rate: Document) -> ServiceId:
    """Return our name of a rate's service: as configured, else by rule."""
    for ours, theirs in settings.services.items():
        if _is(theirs, rate):
            return ours
    return by_rule(text(rate, "carrier"), text(rate, "service"))


def offers(settings: EasyPostSettings, service: ServiceId, rate: Document) -> bool:
    """Tell whether a rate is of one of our services."""
    theirs = settings.services.get(service)
    if theirs is not None:
        return _is(theirs, rate)
    return by_rule(text(rate, "carrier"), text(rate, "service")) == service


def by_rule(carrier: str, service: str) -> ServiceId:
    """Return the name a service has that nobody configured."""
    return ServiceId(f"{_slug(carrier)}-{_slug(service)}")


def carrier_of(settings: EasyPostSettings, name: str) -> CarrierId:
    """Return our carrier of EasyPost's name.

    Where the name is not configured: a carrier of the connection that is
    written alike, its only carrier, or else the name itself in small letters.
    """
    letters = plain(name)
    for ours, theirs in settings.carrier_names.items():
        if letters in {plain(one) for one in theirs}:
            return ours
    carriers = settings.carriers or ()
    for ours in carriers:
        if plain(ours) == letters:
            return ours
    if len(carriers) == 1:
        return carriers[0]
    return CarrierId(_slug(name) or "unknown")


def plain(name: str) -> str:
    """Return the letters and digits of a name, small."""
    return _NO_WORD.sub("", name.lower())


def _is(theirs: EasyPostService, rate: Document) -> bool:
    if theirs.account and text(rate, "carrier_account_id") != theirs.account:
        return False
    same_carrier = plain(theirs.carrier) == plain(text(rate, "carrier"))
    return same_carrier and plain(theirs.service) == plain(text(rate, "service"))


def _slug(name: str) -> str:
    return _NO_WORD.sub("-", _BEFORE_CAPITAL.sub("-", name).lower()).strip("-")
