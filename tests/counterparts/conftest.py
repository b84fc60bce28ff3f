"""Tests against software we did not write: only when asked for.

``make test-connectors`` installs the counterparts and passes ``--counterparts``.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect nothing here unless counterparts are asked for."""
    if config.getoption("--counterparts"):
        return None
    return True if collection_path.is_relative_to(HERE) else None
