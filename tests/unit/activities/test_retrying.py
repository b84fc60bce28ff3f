"""A counterpart's errors, in the words of a retry policy."""

from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.retrying import for_retries, must_look_first
from connectors.ports import Idempotency
from domain.errors import (
    FINAL_CONNECTOR_ERRORS,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)


@pytest.mark.parametrize("kind", FINAL_CONNECTOR_ERRORS)
def test_final_errors_are_not_retried(kind: type[ConnectorError]) -> None:
    with pytest.raises(ApplicationError) as raised, for_retries():
        raise kind("no")

    assert raised.value.non_retryable
    assert raised.value.type == kind.__name__


@pytest.mark.parametrize("kind", [Unavailable, OutcomeUnknown])
def test_passing_errors_are_retried(kind: type[ConnectorError]) -> None:
    with pytest.raises(ApplicationError) as raised, for_retries():
        raise kind("later")

    assert not raised.value.non_retryable
    assert raised.value.next_retry_delay is None


def test_a_rate_limit_is_retried_when_the_counterpart_said() -> None:
    with pytest.raises(ApplicationError) as raised, for_retries():
        raise RateLimited("slow down", retry_after_s=2.5)

    assert raised.value.next_retry_delay == timedelta(seconds=2.5)


def test_other_errors_are_not_touched() -> None:
    with pytest.raises(KeyError), for_retries():
        raise KeyError("bug")


@pytest.mark.parametrize(
    ("idempotency", "attempt", "looks"),
    [
        (Idempotency.KEY_HEADER, 1, False),
        (Idempotency.UNIQUE_REFERENCE, 1, False),
        (Idempotency.KEY_HEADER, 2, True),
        (Idempotency.LOOK_UP, 1, True),
        (Idempotency.NONE, 1, True),
    ],
)
def test_who_knows_no_repetition_is_looked_up_first(
    idempotency: Idempotency, attempt: int, looks: bool
) -> None:
    environment = ActivityEnvironment()
    environment.info = replace(environment.default_info(), attempt=attempt)

    assert environment.run(must_look_first, idempotency) is looks
