"""Sends facts from the outside to the workflows they concern."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.quantities import Value


class TemporalSignals:
    """Signals by workflow id, through a Temporal client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def send(self, workflow_id: str, name: str, arg: Value) -> bool:
        """Send a signal; False if no such workflow is running any more."""
        try:
            await self._client.get_workflow_handle(workflow_id).signal(name, arg)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True
