"""How tests are spread over several processes (``make test``: ``-n``)."""

from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = PurePosixPath("tests/e2e")


class ByModule(LoadScopeScheduling):  # type: ignore[misc]  # xdist is untyped
    """Give whole modules to a worker, and all end-to-end tests to the same one.

    A module's fixtures are then made once. End-to-end tests start processes of
    their own and wait for them: two at a time would wait for each other.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        # The order is the one that the seed drew, not that of the number of tests.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::", 1)[0]
        together = PurePosixPath(module).is_relative_to(TOGETHER)
        return str(TOGETHER) if together else module
