"""Which connection serves which center, carrier and destination."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from connectors.connection import Connection, ConnectionKind
from domain.errors import InvalidRequest
from domain.quantities import CarrierId, FcId, Place

T = TypeVar("T")

# Carrier, center and region of the destination; None stands for every one.
Lane = tuple[CarrierId | None, FcId | None, str | None]


@dataclass(frozen=True)
class Routes:
    """Connections by what they serve; the most particular one wins."""

    warehouses: Mapping[FcId | None, str] = field(default_factory=dict)
    carriers: Mapping[Lane, str] = field(default_factory=dict)
    transports: Mapping[Lane, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connections: Iterable[Connection]) -> "Routes":
        """Read who serves what.

        Raises
        ------
        InvalidRequest
            Where two connections claim the same.
        """
        warehouses: dict[FcId | None, str] = {}
        reached: dict[Lane, str] = {}
        by_tender: set[str] = set()
        for connection in connections:
            if connection.kind is ConnectionKind.WAREHOUSE:
                for fc in connection.fcs if connection.fcs is not None else (None,):
                    _claim(warehouses, fc, connection.name, _center(fc))
            if connection.kind is ConnectionKind.TRANSPORT:
                by_tender.add(connection.name)
            if connection.kind in (ConnectionKind.CARRIER, ConnectionKind.TRANSPORT):
                for lane in _lanes(connection):
                    _claim(reached, lane, connection.name, _lane(lane))
        carriers = {
            lane: name for lane, name in reached.items() if name not in by_tender
        }
        transports = {lane: name for lane, name in reached.items() if name in by_tender}
        return cls(warehouses, carriers, transports)

    def warehouse(self, fc: FcId) -> str | None:
        """Return the connection that runs a center; None for none."""
        return self.warehouses.get(fc, self.warehouses.get(None))

    def carrier(
        self, carrier: CarrierId, fc: FcId | None, to: Place | None
    ) -> str | None:
        """Return the connection that reaches a carrier; None for none.

        One for the center beats one for the destination, which beats one for
        the carrier; a region beats its country. Where the center or the
        destination is not known, the only connection that names the carrier
        will do.
        """
        return _most_particular(self.carriers, carrier, fc, to)

    def serving(
        self, fc: FcId, to: Place, carriers: Iterable[CarrierId]
    ) -> dict[str, tuple[CarrierId, ...]]:
        """List every connection that would carry from a center to a place.

        Each with those of the carriers that would be booked through it; carriers
        that nobody reaches, or that loads are offered to, are left out. Names and
        carriers are sorted.
        """
        found: dict[str, list[CarrierId]] = {}
        for carrier in sorted(set(carriers)):
            name = self.carrier(carrier, fc, to)
            if name is not None and self.transport(carrier, fc, to) is None:
                found.setdefault(name, []).append(carrier)
        return {name: tuple(found[name]) for name in sorted(found)}

    def transport(
        self, carrier: CarrierId, fc: FcId | None, to: Place | None
    ) -> str | None:
        """Return the connection over which a carrier is offered loads; None for none.

        One that names the carrier wins over one for every carrier, whatever the
        lane; among them the most particular. None too where that one books
        parcels.
        """
        if not self.transports:
            return None
        every = {**self.carriers, **self.transports}
        named = {lane: name for lane, name in every.items() if lane[0] == carrier}
        found = _most_particular(named, carrier, fc, to)
        found = found or _most_particular(every, carrier, fc, to)
        return found if found in self.transports.values() else None


def _most_particular(
    connections: Mapping[Lane, str],
    carrier: CarrierId,
    fc: FcId | None,
    to: Place | None,
) -> str | None:
    regions: list[str | None] = [None]
    if to is not None:
        regions = [f"{to.country}-{to.region}", to.country, None]
    for center in dict.fromkeys((fc, None)):
        for region in regions:
            for who in (carrier, None):
                found = connections.get((who, center, region))
                if found is not None:
                    return found
    if fc is not None and to is not None:
        return None
    named = {
        name
        for (who, at, _), name in connections.items()
        if who in (carrier, None) and (fc is None or at in (fc, None))
    }
    return named.pop() if len(named) == 1 else None


def _lanes(connection: Connection) -> list[Lane]:
    anybody, anywhere, any_region = (None,), (None,), (None,)
    return [
        (carrier, fc, region)
        for carrier in (
            connection.carriers if connection.carriers is not None else anybody
        )
        for fc in (connection.fcs if connection.fcs is not None else anywhere)
        for region in (
            connection.regions if connection.regions is not None else any_region
        )
    ]


def _claim(owners: dict[T, str], key: T, name: str, what: str) -> None:
    if key in owners:
        msg = f"connection {name!r}: {what} is already served by {owners[key]!r}"
        raise InvalidRequest(msg)
    owners[key] = name


def _center(fc: FcId | None) -> str:
    return f"center {fc!r}" if fc else "every other center"


def _lane(lane: Lane) -> str:
    carrier, fc, region = lane
    what = f"carrier {carrier!r}" if carrier else "every other carrier"
    what += f" from {fc!r}" if fc else ""
    return what + (f" to {region!r}" if region else "")
