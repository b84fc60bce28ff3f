"""How long and how often each kind of counterpart is asked."""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from domain.errors import FINAL_CONNECTOR_ERRORS, FINAL_WHILE_UNDOING


class Options(TypedDict, total=False):
    """What an activity call states; every set below has a timeout."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


# Workers beat while they work; silence means that the worker died, and another
# takes over. An attempt itself may take as long as all its calls' timeouts.
ALIVE = timedelta(seconds=10)

_FINAL = [error.__name__ for error in FINAL_CONNECTOR_ERRORS]

# Our own store and solver: quick, and down only for a restart.
STORE: Options = {
    "start_to_close_timeout": timedelta(minutes=1),
    "heartbeat_timeout": ALIVE,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        maximum_interval=timedelta(seconds=10),
    ),
}

# Work on many rows at a time: events, segments of all customers.
BOOKS: Options = {
    "start_to_close_timeout": timedelta(minutes=10),
    "heartbeat_timeout": ALIVE,
    "retry_policy": STORE["retry_policy"],
}

SOLVER: Options = {
    "start_to_close_timeout": timedelta(minutes=2),
    "heartbeat_timeout": ALIVE,
    "retry_policy": STORE["retry_policy"],
}

# Counterparts over the network. A lost reply is looked up on the next attempt;
# one that stays away is given up after a while, and another way is decided.
WAREHOUSE: Options = {
    "start_to_close_timeout": timedelta(minutes=1),
    "heartbeat_timeout": ALIVE,
    "schedule_to_close_timeout": timedelta(hours=1),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=300),
        maximum_interval=timedelta(minutes=1),
        non_retryable_error_types=_FINAL,
    ),
}

CARRIER: Options = {
    "start_to_close_timeout": timedelta(minutes=1),
    "heartbeat_timeout": ALIVE,
    "schedule_to_close_timeout": timedelta(minutes=30),
    "retry_policy": WAREHOUSE["retry_policy"],
}

# Undoing is never given up for lack of an answer: a label costs money.
UNDO: Options = {
    "start_to_close_timeout": timedelta(minutes=1),
    "heartbeat_timeout": ALIVE,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=300),
        maximum_interval=timedelta(minutes=10),
        non_retryable_error_types=[e.__name__ for e in FINAL_WHILE_UNDOING],
    ),
}
