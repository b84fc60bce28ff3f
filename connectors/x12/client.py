"""A warehouse and a freight carrier behind X12 files."""

from connectors.connection import Connection, RealTime, settings_of
from connectors.x12.carrier import X12Transport
from connectors.x12.partner import Partner
from connectors.x12.settings import X12Settings
from connectors.x12.warehouse import X12Warehouse


def warehouse(connection: Connection, real_time: RealTime) -> X12Warehouse:
    """Make the adapter of a warehouse that takes 940 and sends 945."""
    return X12Warehouse(Partner.of(settings_of(X12Settings, connection), real_time))


def transport(connection: Connection, real_time: RealTime) -> X12Transport:
    """Make the adapter of a carrier that takes 204 and sends 990 and 214."""
    return X12Transport(Partner.of(settings_of(X12Settings, connection), real_time))
