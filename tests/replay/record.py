"""Records the scenarios that have no history yet: ``python -m tests.replay.record``.

A history is never recorded over: it stands for the orders that were running
when it was made, and these must be carried on by whatever code comes later.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from domain.order import Order
from store.engine import Store
from tests.replay.scenarios import SCENARIOS, play
from tests.workflow import server
from tests.workflow.scene import Scene, opened
from workflows.names import order_workflow, parcel_id, parcel_workflow

HISTORIES = Path(__file__).parent / "histories"


async def record() -> list[Path]:
    """Play every scenario without a history, and write down what happened."""
    missing = [name for name in SCENARIOS if not _path("order", name).exists()]
    written: list[Path] = []
    if not missing:
        return written
    async with await server.time_skipping() as env:
        for name in missing:
            with tempfile.TemporaryDirectory() as folder:
                store = Store(f"sqlite:///{folder}/lanewise.db")
                store.migrate()
                async with opened(env, store) as scene:
                    written += await _write(scene, name, await play(scene, name))
                store.close()
    return written


async def _write(scene: Scene, name: str, order: Order) -> list[Path]:
    histories = {_path("order", name): order_workflow(order.id)}
    if name == "calm":
        parcel = parcel_workflow(parcel_id(order.id, 1))
        histories[_path("parcel", name)] = parcel
    for path, workflow_id in histories.items():
        handle = scene.client.get_workflow_handle(workflow_id)
        history = json.loads((await handle.fetch_history()).to_json())
        path.write_text(json.dumps(_anonymous(history), indent=1) + "\n", "utf-8")
    return list(histories)


def _anonymous(part: Any) -> Any:
    """Leave out on which machine it was recorded."""
    if isinstance(part, list):
        return [_anonymous(item) for item in part]
    if isinstance(part, dict):
        return {
            key: _anonymous(value)
            for key, value in part.items()
            if key not in ("identity", "stackTrace")
        }
    return part


def _path(workflow: str, scenario: str) -> Path:
    return HISTORIES / f"{workflow}.{scenario}.json"


if __name__ == "__main__":
    for path in asyncio.run(record()):
        sys.stdout.write(f"{path.name}\n")
