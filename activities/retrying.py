"""Turns a connector's errors into what a Temporal retry policy understands."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from connectors.ports import Idempotency
from domain.errors import FINAL_CONNECTOR_ERRORS, ConnectorError

# They cannot tell a repeated effect from a new one.
KEYLESS = frozenset({Idempotency.LOOK_UP, Idempotency.NONE})


@contextmanager
def for_retries(
    final: tuple[type[ConnectorError], ...] = FINAL_CONNECTOR_ERRORS,
) -> Iterator[None]:
    """Raise a counterpart's errors under their own names, final ones as final.

    Where the counterpart said when, it is retried then, and not earlier.
    """
    try:
        yield
    except ConnectorError as error:
        after_s = error.retry_after_s
        wait = None if after_s is None else timedelta(seconds=after_s)
        raise ApplicationError(
            str(error),
            type=type(error).__name__,
            non_retryable=isinstance(error, final),
            next_retry_delay=wait,
        ) from error


def must_look_first(idempotency: Idempotency) -> bool:
    """Tell whether an effect may already have happened and must be looked up.

    Always on a repeated attempt; on the first one too where the counterpart
    cannot recognize a repetition, since an earlier run may have asked.
    """
    return idempotency in KEYLESS or activity.info().attempt > 1
