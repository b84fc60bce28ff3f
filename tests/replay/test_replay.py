"""Orders that were running before a change are carried on after it."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from lanewise import wiring
from lanewise.converter import data_converter
from tests.replay.record import HISTORIES
from tests.replay.scenarios import SCENARIOS

RECORDED = sorted(HISTORIES.glob("*.json"))


def _history(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text("utf-8"))


@pytest.fixture(scope="session")
def replayer() -> Replayer:
    return Replayer(
        workflows=list(wiring.WORKFLOWS),
        workflow_runner=wiring.sandbox(),
        data_converter=data_converter(),
    )


@pytest.mark.parametrize(
    "history", [_history(path) for path in RECORDED], ids=lambda h: h.workflow_id
)
async def test_a_recorded_order_is_carried_on_by_the_code_of_today(
    history: WorkflowHistory, replayer: Replayer
) -> None:
    result = await replayer.replay_workflow(history)

    assert result.replay_failure is None


def test_every_scenario_has_a_history() -> None:
    recorded = {path.stem for path in RECORDED}

    assert {f"order.{name}" for name in SCENARIOS} | {"parcel.calm"} <= recorded
