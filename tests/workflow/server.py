"""Temporal servers for tests, from the wheels: nothing is downloaded."""

import shutil
import sysconfig

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from lanewise.converter import data_converter
from workflows import names


async def time_skipping() -> WorkflowEnvironment:
    """Start a server that can skip time."""
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=_installed("temporal-test-server"),
        data_converter=data_converter(),
    )
    # The server hangs on search attributes that it does not know.
    await env.client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=env.client.namespace,
            search_attributes={
                key.name: IndexedValueType.ValueType(int(key.indexed_value_type))
                for key in names.SEARCH_ATTRIBUTES
            },
        )
    )
    return env


async def local() -> WorkflowEnvironment:
    """Start the server people develop on."""
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=_installed("temporal"),
        data_converter=data_converter(),
        search_attributes=names.SEARCH_ATTRIBUTES,
    )


def _installed(program: str) -> str | None:
    return shutil.which(program, path=sysconfig.get_path("scripts"))
