"""What was published in immutable versions, read once per version."""

from sqlmodel import Session

from domain.network import Network
from store import network as network_store


class Published:
    """The network in force, parsed once however often it is asked for."""

    def __init__(self) -> None:
        self._network: Network | None = None

    def network(self, session: Session) -> Network:
        """Return the network in force; RuntimeError where none was published."""
        version = network_store.active_version(session)
        if self._network is None or self._network.version != version:
            self._network = network_store.active(session)
        if self._network is None:
            msg = "network: none is published; load one with `lanewise load`"
            raise RuntimeError(msg)
        return self._network
